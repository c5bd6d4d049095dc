"""Tell the book where its repository is, if that is known.

The address comes from the environment variable ``GITHUB_REPOSITORY``, which GitHub
Actions sets, or from the line ``book_repository: owner/name`` of ``_config.yml``. With
it the pages get buttons for the repository, for editing, for reporting an error, for
Colab and for Binder, and a card each for those who post a link to them; without it
none, so that no button leads nowhere.
"""

import os
import re
from urllib.parse import urlencode

from downloads import REPOSITORY_ONLY

PUBLISHED = "gh-pages"  # the branch with the built book, where Colab finds notebooks
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def set_address(app, config):
    """Switch on what needs an address."""
    repository = os.environ.get("GITHUB_REPOSITORY") or config.book_repository
    config.book_repository = repository
    config.notfound_urls_prefix = "/"  # the page 404 may be shown at any depth
    if not repository:
        return
    if not REPOSITORY.fullmatch(repository):
        raise ValueError(f"book_repository must be owner/name, got {repository!r}")
    owner, name = repository.split("/")
    config.html_baseurl = config.ogp_site_url = f"https://{owner.lower()}.github.io/{name}/"
    config.notfound_urls_prefix = f"/{name}/"
    config.html_theme_options |= {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": "main",
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    }


def direct_buttons(app, pagename, templatename, context, doctree):
    """Send Colab to the executed notebook, and an error report to its form.

    A page that needs the repository is offered neither on Colab nor as a notebook.
    """
    repository = app.config.book_repository
    if pagename in REPOSITORY_ONLY:
        for group in context.get("header_buttons", []):
            if "buttons" in group:
                kept = [b for b in group["buttons"] if b.get("text") not in ("Colab", ".ipynb")]
                group["buttons"] = kept
    for button in buttons(context):
        if button.get("text") == "Colab":  # it opens no Markdown
            blob = f"github/{repository}/blob/{PUBLISHED}/_sources/{pagename}.ipynb"
            button["url"] = f"https://colab.research.google.com/{blob}"
        elif "/issues/new" in button.get("url", ""):
            form = {"template": "error.yml", "page": pagename, "title": f"Error on {pagename}: "}
            button["url"] = f"https://github.com/{repository}/issues/new?{urlencode(form)}"


def buttons(context):
    """Yield the buttons of a page's header."""
    for button in context.get("header_buttons", []):
        yield from button.get("buttons", [button])


def setup(app):
    """Set the address before the theme reads it, and the links after it made them."""
    app.setup_extension("notfound.extension")
    app.add_config_value("book_repository", "", "html", [str])
    if os.environ.get("GITHUB_REPOSITORY") or app.config.book_repository:
        app.setup_extension("sphinxext.opengraph")
    app.connect("config-inited", set_address, priority=0)
    app.connect("html-page-context", direct_buttons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
