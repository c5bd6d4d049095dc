"""Say on every page how to cite it, and which version of the book it is of."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

import yaml

ENTRY = """@misc{{{key},
  author = {{{author}}},
  title = {{{page}}},
  howpublished = {{In: {book}, version {version}}},
  year = {{{year}}}{address}
}}"""


def read_citation(app, config):
    """Take title and version from CITATION.cff, and show the version in the footer."""
    citation = yaml.safe_load(Path(app.srcdir, "CITATION.cff").read_text("utf8"))
    config.project = citation["title"]
    config.version = config.release = str(citation["version"])
    config.html_theme_options["extra_footer"] += f"<p>Version {config.version}.</p>"


def bibtex(config, pagename, title):
    """Return the BibTeX entry of a page."""
    url = f",\n  url = {{{config.html_baseurl}{pagename}.html}}" if config.html_baseurl else ""
    return ENTRY.format(
        key=f"rmsprop-{pagename.rpartition('/')[2]}",
        author=f"{{{config.author}}}",
        page=title,
        book=config.project,
        version=config.version,
        year=datetime.now(UTC).year,
        address=url,
    )


def add_citation(app, pagename, templatename, context, doctree):
    """Put the entry, folded, at the end of a page that was written by hand."""
    if doctree is None:
        return
    entry = escape(bibtex(app.config, pagename, app.env.titles[pagename].astext()))
    context["body"] += (
        '<details class="cite"><summary>Cite this page</summary>'
        f'<div class="highlight"><pre tabindex="0">{entry}</pre></div></details>'
    )


def setup(app):
    """Read before the theme takes its options, add when a page is put together."""
    app.connect("config-inited", read_citation, priority=10)
    app.connect("html-page-context", add_citation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
