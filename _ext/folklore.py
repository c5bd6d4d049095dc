"""The style and the filter of the folklore page, loaded on that page only."""

PAGE = "chapters/folklore"


def add_files(app, pagename, templatename, context, doctree):
    """Add a style sheet and a script; without the script the table is whole."""
    if pagename == PAGE:
        app.add_css_file("folklore.css")
        app.add_js_file("folklore.js", loading_method="defer")


def setup(app):
    """Ask before each page is written."""
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
