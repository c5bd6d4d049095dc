"""Let all nodes of a page belong to the page's own document.

reStructuredText inside Markdown is read into a document of its own, to which its nodes
keep pointing, and from there to all that Sphinx knows: 4 MB that every build would read
again with the page.
"""


def adopt(app, doctree):
    """Point the nodes to the page."""
    for node in doctree.findall():
        node.document = doctree


def setup(app):
    """Adopt before the page is stored."""
    app.connect("doctree-read", adopt, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
