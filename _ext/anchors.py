"""Let a link name any place of another page, as ``[text](page.md#label)`` does.

For such a link MyST knows headings only, and those only if it is told to. Here every
label counts, of an equation, a figure, a theorem or a section, and every heading by the
id that its section has. JupyterLab and GitHub follow the same link to the page. A place
that does not exist is a warning of MyST's.
"""

from docutils import nodes


def note_places(app, doctree):
    """Add all ids of a page to the places that MyST looks a link up in."""
    places = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for element in doctree.findall(nodes.Element):
        for anchor in element["ids"]:
            # Sphinx puts a word before the label of an equation.
            places.setdefault(anchor.removeprefix("equation-"), (element.line, anchor, anchor))


def setup(app):
    """Note the places of a page when it has been read."""
    app.connect("doctree-read", note_places)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
