"""Style sheets and scripts that one page needs, loaded on that page only."""

FILES = {
    "chapters/folklore": ["folklore.css", "folklore.js"],
    "chapters/summary": ["summary.css"],
}


def add_files(app, pagename, templatename, context, doctree):
    """Add the files of the page that is about to be written."""
    for name in FILES.get(pagename, []):
        if name.endswith(".css"):
            app.add_css_file(name)
        else:
            app.add_js_file(name, loading_method="defer")


def setup(app):
    """Ask before each page is written."""
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
