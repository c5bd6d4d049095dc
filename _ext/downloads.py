"""Offer every page as a notebook that runs on its own, and the book to take along.

Beside the pages the build then has ``_sources/chapters/NAME.ipynb``, for a page with
exercises also ``NAME-exercises.ipynb`` without their solutions, the package as a wheel,
``figures.zip`` with a file for each figure, named as in the book, and ``book.zip``,
which opens from disk without a server.
"""

import json
import zipfile
from contextlib import chdir
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from hatchling.build import build_wheel
from pybtex.database import parse_file

import standalone
from fresh import DATA
from without_solutions import without_solutions

BLANK = "-exercises.ipynb"
# Their cells use the grader and the tools that build the book, which are not in the package.
REPOSITORY_ONLY = ("chapters/status", "chapters/teaching")
BOOK, FIGURES = "book.zip", "figures.zip"


def offer(app, pagename, templatename, context, doctree):
    """Have the theme offer the notebook of a page that has one."""
    if doctree is None or pagename in REPOSITORY_ONLY:
        return
    if "kernelspec" in app.env.metadata.get(pagename, {}):
        context["ipynb_source"] = f"{pagename}.ipynb"


def offer_more(app, pagename, templatename, context, doctree):
    """Add more to the list of downloads: without solutions, the whole book, its figures."""
    groups = [g for g in context["header_buttons"] if g["label"] == "download-buttons"]
    offers = [(BOOK, "the book (.zip)"), (FIGURES, "its figures (.zip)")]
    has_notebook = doctree is not None and pagename not in REPOSITORY_ONLY
    if has_notebook and "{solution-start}" in source_of(app, pagename):
        offers.insert(0, (f"_sources/{pagename}{BLANK}", ".ipynb without solutions"))
    for name, text in offers:
        button = {"type": "link", "url": context["pathto"](name, 1), "text": text}
        button |= {"icon": "fas fa-box-archive", "tooltip": f"Download {text}"}
        for group in groups:
            group["buttons"].append(button | {"label": "download-more"})


def source_of(app, pagename):
    """Return the text of a page."""
    return Path(app.env.doc2path(pagename)).read_text("utf8")


def finish(app, error):
    """Write what is offered, as far as something changed."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    for page in REPOSITORY_ONLY:  # the theme writes them for its launch buttons
        (out / f"_sources/{page}.ipynb").unlink(missing_ok=True)
    changed = [page for page in sorted(out.glob("chapters/*.html")) if is_newer(page, out / BOOK)]
    if not changed:
        return
    data = [path for path in Path(app.srcdir, "chapters").iterdir() if path.suffix in DATA]
    wheel = make_wheel(Path(app.srcdir), out)
    bibliographies = [Path(app.srcdir, name) for name in app.config.bibtex_bibfiles]
    citations = dict(authors_and_years(bibliographies))
    for page in changed:
        executed = out.parent / "jupyter_execute/chapters" / f"{page.stem}.ipynb"
        if executed.exists() and f"chapters/{page.stem}" not in REPOSITORY_ONLY:
            write_notebook(page, executed, citations, wheel, data)
    write_figures(out)
    write_book(out)


def is_newer(path, than):
    """Tell whether a file was written after another one, or there is no other."""
    return not than.exists() or path.stat().st_mtime > than.stat().st_mtime


def make_wheel(root, out):
    """Build the package and return the path of the wheel."""
    with chdir(root / "code"):  # the build backend works where it stands
        return out / build_wheel(str(out))


def authors_and_years(bibliographies):
    """Yield each key with its authors, shortened, and its year."""
    for path in bibliographies:
        for key, entry in parse_file(str(path)).entries.items():
            persons = entry.persons.get("author", []) or entry.persons.get("editor", [])
            last = [" ".join(person.last_names).strip("{}") for person in persons]
            authors = " and ".join(last) if len(last) < 3 else f"{last[0]} et al."
            yield key, (authors, entry.fields.get("year", ""))


def write_notebook(page, executed, citations, wheel, data):
    """Write the notebook of one page."""
    soup = BeautifulSoup(page.read_text("utf8"), "html.parser")
    glued = executed.with_suffix(".glue.json")
    glue = json.loads(glued.read_text("utf8")) if glued.exists() else {}
    texts = {name: value["data"]["text/plain"].strip("'") for name, value in glue.items()}
    known = {"names": standalone.names_in(soup), "glue": texts, "citations": citations}
    nb = nbformat.read(executed, 4)
    blank = without_solutions(nb["cells"])
    versions = {".ipynb": nb["cells"]}
    if len(blank) < len(nb["cells"]):
        versions[BLANK] = blank
    for ending, cells in versions.items():
        alone = standalone.notebook(nb | {"cells": cells}, **known, wheel=wheel, data=data)
        path = page.parents[1] / "_sources/chapters" / f"{page.stem}{ending}"
        path.write_text(json.dumps(alone, indent=1, ensure_ascii=False) + "\n", "utf8")


def write_figures(out):
    """Collect the figures under the names that the book refers to them by."""
    with zipfile.ZipFile(out / FIGURES, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in sorted(out.glob("chapters/*.html")):
            soup = BeautifulSoup(page.read_text("utf8"), "html.parser")
            for image in soup.select("figure[id^=fig-] img"):
                name = image.find_parent("figure")["id"]
                archive.write(page.parent / image["src"], f"figures/{name}.svg")


def write_book(out):
    """Pack the whole book, so that it opens from disk."""
    with zipfile.ZipFile(out / BOOK, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(out.rglob("*")):
            if path.is_file() and path.suffix != ".zip":
                archive.write(path, Path("rmsprop", path.relative_to(out)))


def setup(app):
    """Offer before the theme lists the downloads, add after it, write in the end."""
    app.connect("html-page-context", offer, priority=400)
    app.connect("html-page-context", offer_more, priority=900)
    app.connect("build-finished", finish, priority=900)  # when the figures are in place
    return {"parallel_read_safe": True, "parallel_write_safe": True}
