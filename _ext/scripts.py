"""Let no script keep a reader from seeing the page.

A browser shows nothing of a page before it has every script in its head, unless the
script is deferred. The search tools and their index, 40 kB, are for the search page,
see ``templates/layout.html``; only there scripts stay as they are, since what the page
itself says to run comes right after them.
"""

SEARCH = "search"


def defer(app, pagename, templatename, context, doctree):
    """Defer the scripts of a page, which keep their order."""
    if pagename == SEARCH:
        return
    scripts = [script for script in context["script_files"] if not sets_option(script)]
    for at, script in enumerate(scripts):
        if script.filename and "async" not in script.attributes:
            how = {"priority": script.priority, **script.attributes, "defer": "defer"}
            scripts[at] = type(script)(script.filename, **how)
    context["script_files"] = scripts


def sets_option(script):
    """Tell if a script sets an option of a deferred one.

    They are for a choice of versions and a search in the page, and the book has neither.
    """
    return script.attributes.get("body", "").startswith("DOCUMENTATION_OPTIONS.")


def setup(app):
    """Come after all that add scripts."""
    app.connect("html-page-context", defer, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
