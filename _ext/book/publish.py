"""What stands around a page: where the book lives, how it is cited.

The address comes from the environment variable ``GITHUB_REPOSITORY``, which GitHub
Actions sets, or from the line ``book_repository: owner/name`` of ``_config.yml``. With
it the pages get buttons for the repository, for editing, for reporting an error, for
Colab and for Binder, and a card each for those who post a link to them; without it
none, so that no button leads nowhere.
"""

import os
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import yaml
from pybtex.backends.plaintext import Backend as PlainText
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style as UnsrtStyle
from pybtex.style.labels import BaseLabelStyle
from sphinxcontrib.bibtex.plugin import register_plugin as register_citation_style
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle
from sphinxcontrib.bibtex.style.template import join, year

from .execute import digest
from .notebooks import is_taken_along

PUBLISHED = "gh-pages"  # the branch with the built book, where Colab finds notebooks
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")

ENTRY = """@misc{{{key},
  author = {{{author}}},
  title = {{{page}}},
  howpublished = {{In: {book}, version {version}}},
  year = {{{year}}}{address}
}}"""


def set_up_cards(app):
    """Have a card for each page if the address is known."""
    if os.environ.get("GITHUB_REPOSITORY") or app.config.book_repository:
        app.setup_extension("sphinxext.opengraph")


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
    config.ogp_description_length = 0  # the first words of many pages hold TeX
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


def read_citation(app, config):
    """Take title, version, year and abstract from CITATION.cff; show the version in the footer."""
    citation = yaml.safe_load(Path(app.srcdir, "CITATION.cff").read_text("utf8"))
    config.project = citation["title"]
    config.version = config.release = str(citation["version"])
    config.book_year = citation["date-released"].year
    config.html_theme_options["extra_footer"] += f"<p>Version {config.version}.</p>"
    about = escape(citation["abstract"])
    config.ogp_custom_meta_tags = [f'<meta property="og:description" content="{about}">']


def note_assets(app, config):
    """Have every page written again when a style sheet or script has a new address."""
    assets = Path(app.srcdir, "assets")
    config.assets_digest = digest(assets, sorted(filter(Path.is_file, assets.rglob("*"))))


def bibtex(config, pagename, title):
    """Return the BibTeX entry of a page."""
    url = f",\n  url = {{{config.html_baseurl}{pagename}.html}}" if config.html_baseurl else ""
    return ENTRY.format(
        key=f"rmsprop-{Path(pagename).name}",
        author=f"{{{config.author}}}",
        page=title,
        book=config.project,
        version=config.version,
        year=config.book_year,
        address=url,
    )


def add_citation(app, pagename, templatename, context, doctree):
    """Give the template ``page.html`` the entry of a page that was written by hand."""
    if doctree is not None:
        context["bibtex"] = bibtex(app.config, pagename, app.env.titles[pagename].astext())


def round_brackets():
    """Return the brackets of a citation."""
    return field(default_factory=lambda: BracketStyle(left="(", right=")"))


@dataclass
class Citations(AuthorYearReferenceStyle):
    """Citations in the text: (Ward et al., 2020), or Ward et al. (2020)."""

    bracket_parenthetical: BracketStyle = round_brackets()
    bracket_textual: BracketStyle = round_brackets()


class AuthorYear(BaseLabelStyle):
    """Labels of the bibliography as the text cites: (Ward et al., 2020)."""

    def format_labels(self, entries):
        """Yield the label of each entry."""
        style = Citations()
        label = join(sep=", ")[style.person.author_or_editor_or_title(full=False), year]
        for entry in entries:
            yield str(label.format_data({"entry": entry, "style": style}))


class Bibliography(UnsrtStyle):
    """Entries by author, under the labels that the text cites."""

    default_label_style = AuthorYear
    default_sorting_style = "author_year_title"


register_plugin("pybtex.style.formatting", "author_year", Bibliography)
register_citation_style("sphinxcontrib.bibtex.style.referencing", "book", Citations)
# Wanted for each citation anew; registered, it is not looked for among all that is installed.
register_plugin("pybtex.backends", "plaintext", PlainText, force=True)


def name_roles(app, pagename, templatename, context, doctree):
    """Give the entries of the bibliography a role that is not deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def direct_buttons(app, pagename, templatename, context, doctree):
    """Send Colab to the executed notebook, and an error report to its form.

    A page that needs the repository is offered on Binder alone.
    """
    repository = app.config.book_repository
    groups = {group["label"]: group.get("buttons") for group in context["header_buttons"]}
    launch = groups.get("launch-buttons", [])
    if not is_taken_along(app, pagename):
        launch[:] = [button for button in launch if button["text"] == "Binder"]
    for button in launch:
        if button["text"] == "Colab":  # it opens no Markdown
            blob = f"github/{repository}/blob/{PUBLISHED}/_sources/{pagename}.ipynb"
            button["url"] = f"https://colab.research.google.com/{blob}"
    for button in groups.get("source-buttons", []):
        if button["label"] == "source-issues-button":
            form = {"template": "error.yml", "page": pagename, "title": f"Error on {pagename}: "}
            button["url"] = f"https://github.com/{repository}/issues/new?{urlencode(form)}"
