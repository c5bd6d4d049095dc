"""Offer every page as a notebook that runs on its own, and the book to take along.

Beside the pages the build then has ``_sources/chapters/NAME.ipynb``, executed, for a page
with exercises also ``NAME-exercises.ipynb`` without their solutions, ``notebooks.zip`` with
all of the first, and ``book.zip``, which opens from disk without a server.

Outside of the book nothing resolves a reference or folds a proof. Such things are written
out in plain Markdown, with the numbers that Sphinx has given. In front stand a cell that
says what the notebook is and one that installs what the page imports.
"""

import base64
import os
import re
import zipfile
import zlib
from contextlib import chdir, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from hatchling.build import build_wheel
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .execute import data_files
from .pages import SOLUTION, tags

BLANK = "-exercises.ipynb"
BOOK, NOTEBOOKS = "book.zip", "notebooks.zip"
# Pages whose cells use the grader and the tools that build the book, which are not in the
# package.
NEED_REPOSITORY = ("folklore", "status", "teaching")
# What the chapter's own package does not bring: module, package, and what its imports name
NEEDS = [
    ("sklearn", "scikit-learn", "sklearn|tasks"),
    ("torch", "torch", "torch|tasks"),
]

# The first two cells.
ABOUT = """\
**{page}**, a page of *{book}*, version {version}, as a notebook with its outputs.

Text and figures: [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). Code: MIT.

To cite it: {author}, “{title}”, in: *{book}*, version {version}, {year}{address}.

Run the next cell first: it installs what is missing. Folded cells hold set-up, drawings,
checks and solutions; change whatever you like, and a check that your change contradicts
says so and lets the rest go on.
"""
# The package travels in it, so that no address is needed, and so do the
# data that the page reads.
INSTALL = """\
# @title Install what is missing
# Installs what this notebook imports and you do not have, and writes the data that it
# reads. The data and the chapter's own package travel in this cell. Run it once; then run
# the rest.
import base64
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import zlib

WHEEL = "{wheel}"
CONTENT = "{content}"
DATA = {data}


def missing(module):
    return importlib.util.find_spec(module) is None


wanted = [name for module, name in {packages} if missing(module)]
with tempfile.TemporaryDirectory() as folder:
    if missing("rmsprop"):
        wheel = pathlib.Path(folder, WHEEL)
        wheel.write_bytes(base64.b64decode(CONTENT))
        wanted.append(str(wheel))
    if wanted:
        subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", *wanted])
for name, text in DATA.items():
    path = pathlib.Path(name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(base64.b64decode(text)))
"""

FOLDED = {"hide-cell", "hide-input"}
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
EQUATION = re.compile(r"^\$\$ \(([\w-]+)\)$", re.MULTILINE)
PLACE_LINK = re.compile(r"\[([^\[\]]*)\]\(#[\w-]+\)")
PAGE_LINK = re.compile(r"\[([^\[\]]*)\]\(([\w./-]+)\.md((?:#[\w-]+)?)\)")
DIRECTIVE = re.compile(r"^(:{3,}|`{3,})\{([\w:-]+)\} *(.*)\n((?::[\w-]+:.*\n)*)", re.MULTILINE)
BOOK_ONLY = {"to-try", "index"}


# In Sphinx


def is_taken_along(app, docname):
    """Tell whether a page is offered as a notebook."""
    notebook = "kernelspec" in app.env.metadata.get(docname, {})
    return notebook and Path(docname).name not in NEED_REPOSITORY


def offer(app, pagename, templatename, context, doctree):
    """Write a page's notebooks, and list them and the archives among its downloads."""
    offers = {}
    if is_taken_along(app, pagename):
        offers = write(app, pagename)
    else:  # the theme puts one there for its launch buttons
        Path(app.outdir, "_sources", f"{pagename}.ipynb").unlink(missing_ok=True)
    offers |= {NOTEBOOKS: "all notebooks (.zip)", BOOK: "the book (.zip)"}
    for group in context["header_buttons"]:
        if group["label"] == "download-buttons":
            buttons = [button for button in group["buttons"] if button["text"] != ".ipynb"]
            for name, text in offers.items():
                button = {"type": "link", "url": context["pathto"](name, 1), "text": text}
                button |= {"icon": "fas fa-download", "tooltip": f"Download {text}"}
                buttons.append(button | {"label": "download-more"})
            group["buttons"] = buttons


def write(app, docname):
    """Write a page's notebooks; return for each its name and what its button says."""
    read = Path(app.outdir).parent / "jupyter_execute" / f"{docname}.ipynb"  # MyST-NB's
    nb = nbformat.read(read, 4)
    with suppress(KeyError):  # a page that did not run through is not kept
        _, nb = get_cache(app.config.nb_execution_cache_path).merge_match_into_notebook(nb)
    root = Path(app.srcdir)
    folder = (root / docname).parent
    known = {
        "names": names(app),
        "citations": citations(app),
        "pages": {
            Path(os.path.relpath(root / name, folder)).as_posix()
            for name in app.env.all_docs
            if is_taken_along(app, name)
        },
        "about": about(app.config, docname, app.env.titles[docname].astext()),
        "wheel": wheel(root),
        "data": {Path(os.path.relpath(p, folder)).as_posix(): p for p in data_files(root)},
    }
    versions = [(f"_sources/{docname}.ipynb", ".ipynb", nb["cells"])]
    blank = without_solutions(nb["cells"])
    if blank != nb["cells"]:
        versions.append((f"_sources/{docname}{BLANK}", ".ipynb without solutions", blank))
    for name, _, cells in versions:
        path = Path(app.outdir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook({**nb, "cells": cells}, **known), path)
    return {name: text for name, text, _ in versions}


def about(config, docname, title):
    """Return what the first cell says of a page."""
    url = f"{config.html_baseurl}{docname}.html" if config.html_baseurl else ""
    return ABOUT.format(
        page=f"[{title}]({url})" if url else title,
        title=title,
        book=config.project,
        version=config.version,
        author=config.author,
        year=config.book_year,
        address=url and f", {url}",
    )


def names(app):
    """Return what the book calls all that has a number, such as ``{"fig-x": "Fig. 2.1"}``."""
    formats = {kind: text[0].upper() + text[1:] for kind, text in app.config.numfig_format.items()}
    formats["displaymath"] = "(%s)"
    return {
        label.removeprefix("equation-"): formats[kind] % ".".join(map(str, number))
        for kinds in app.env.toc_fignumbers.values()
        for kind, numbers in kinds.items()
        for label, number in numbers.items()
    }


def citations(app):
    """Return what the book calls each work, such as ``{"ward2020": "Ward et al., 2020"}``."""
    works = app.env.get_domain("cite").citations
    return {work.key: work.formatted_entry.label for work in works}


@cache
def wheel(root):
    """Return name and content of the package as a wheel, built once."""
    with TemporaryDirectory() as folder, chdir(root / "code"):  # the backend works there
        name = build_wheel(folder)
        return name, Path(folder, name).read_bytes()


def pack(app, error):
    """Pack the book and its notebooks, if a page has changed."""
    if error or app.builder.name != "html":
        return
    out, book = Path(app.outdir), Path(app.outdir, BOOK)
    pages = list(out.rglob("*.html"))
    if book.exists() and all(p.stat().st_mtime < book.stat().st_mtime for p in pages):
        return
    with zipfile.ZipFile(out / NOTEBOOKS, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((out / "_sources/chapters").rglob("*.ipynb")):
            if not path.name.endswith(BLANK):
                archive.write(path, Path("notebooks", path.relative_to(out / "_sources/chapters")))
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(out.rglob("*")):
            if path.is_file() and path.suffix != ".zip":
                archive.write(path, Path("rmsprop", path.relative_to(out)))


# Without Sphinx


def without_solutions(cells):
    """Return the cells of a notebook with an empty code cell in place of each solution.

    Parameters
    ----------
    cells : list of dict
        Cells of nbformat 4.5, each source one string.  They are left alone.

    Returns
    -------
    list of dict
        The cells outside of solutions.  A Markdown cell in which a solution stands is cut
        there.
    """
    kept, answer = [], new_code_cell()
    for cell in cells:
        if cell["cell_type"] == "code":
            if "solution" not in tags(cell):
                kept.append(cell)
            continue
        texts = SOLUTION.split(cell["source"])[:: SOLUTION.groups + 1]
        for number, text in enumerate(texts):
            if number > 0:
                kept.append(answer)
            if text:
                kept.append({**cell, "source": text})
    return kept


def notebook(nb, *, names, citations, pages, about, wheel, data):
    """Return a notebook that needs nothing of the book.

    Parameters
    ----------
    nb : dict
        The executed page.
    names, citations, pages
        As for :func:`prose`.
    about : str
        The first cell.
    wheel : tuple
        Name and content of the chapter's package.
    data : dict
        Files that the pages may read, by their paths as seen from the page; those travel
        whose name the code cells have.
    """
    known = {"names": names, "citations": citations, "pages": pages}
    cells = []
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            cells.append(new_markdown_cell(prose(cell["source"], **known).strip("\n")))
            continue
        cells.append(code(cell))
        if figure := cell["metadata"].get("mystnb", {}).get("figure"):
            name = names.get(figure["name"], figure["name"])
            caption = f"**{name}.** {figure['caption']}"
            cells.append(new_markdown_cell(prose(caption, **known)))
    cells = [cell for cell in cells if cell["cell_type"] == "code" or cell["source"].strip()]
    sources = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    needed = {name: path for name, path in data.items() if path.name in sources}
    cells[:0] = [new_markdown_cell(about), install_cell(needs(sources), wheel, needed)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    metadata = {"kernelspec": nb["metadata"]["kernelspec"]}
    return nbformat.from_dict(new_notebook(cells=cells, metadata=metadata))


def code(cell):
    """Return a code cell, folded where the book folds it: for JupyterLab and for Colab.

    VS Code knows no mark for it; there the title says what may be skipped.
    """
    metadata, source = dict(cell["metadata"]), cell["source"]
    shown = metadata.pop("mystnb", {})
    metadata.pop("explorable", None)
    if tags(cell) & FOLDED:
        # Not on the pages: JupyterLab takes it away when the cell runs.
        answer = {"outputs_hidden": True} if "solution" in tags(cell) else {}
        metadata |= {"jupyter": {"source_hidden": True} | answer, "cellView": "form"}
        title = shown.get("code_prompt_show") or ("Figure" if "figure" in shown else "Code")
        source = f"# @title {title}\n{source}"
    return {**cell, "metadata": metadata, "source": source}


def install_cell(packages, wheel, data):
    """Return the first cell, folded."""
    name, content = wheel
    files = {where: base64.b64encode(zlib.compress(p.read_bytes())) for where, p in data.items()}
    text = INSTALL.format(
        wheel=name,
        content=base64.b64encode(content).decode(),
        packages=packages,
        data={where: text.decode() for where, text in files.items()},
    )
    folded = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return new_code_cell(text.rstrip("\n"), metadata=folded)


def needs(sources):
    """Return what the code imports beside the chapter's package, as (module, package)."""
    imports = " ".join(re.findall(r"^ *(?:import|from) .*", sources, re.MULTILINE))
    return [(module, package) for module, package, names in NEEDS if re.search(names, imports)]


def prose(text, *, names, citations, pages):
    """Return Markdown in which nothing is left for Sphinx to resolve.

    Parameters
    ----------
    text : str
        A Markdown cell of the page.
    names : dict
        What references to labels read, such as ``{"fig-x": "Fig. 2.1"}``.
    citations : dict
        What citations of a work read, such as ``{"ward2020": "Ward et al., 2020"}``.
    pages : set
        Pages that are notebooks too, as seen from this one, such as ``{"../limits"}``; of
        links to others, and to labels of this one, the words stay.

    What has no name, since somebody has mistyped it, stays as it is: the build warns of it.

    Examples
    --------
    >>> known = {"names": {"eq-x": "(1.2)"}, "citations": {}, "pages": {"limits"}}
    >>> prose("See {eq}`eq-x`, [limits](limits.md) and [status](status.md).", **known)
    'See (1.2), [limits](limits.ipynb) and status.'
    """

    def resolve(found):
        role, target = found.groups()
        target = re.sub(r".*<(.+)>$", r"\1", target)
        if role.startswith("cite"):
            keys = [key.strip() for key in target.split(",")]
            works = [citations.get(key, key) for key in keys]
            if role == "cite:p":
                return f"({'; '.join(works)})"
            return ", ".join(re.sub(r", (\w+)$", r" (\1)", work) for work in works)
        return names.get(target, target)

    def link(found):
        words, target, place = found.groups()
        return f"[{words}]({target}.ipynb{place})" if target in pages else words

    text = ROLE.sub(resolve, text)
    text = EQUATION.sub(lambda e: f"\\tag{{{names.get(e[1], e[1]).strip('()')}}}\n$$", text)
    text = PLACE_LINK.sub(r"\1", unfence(LABEL.sub("", text), names))
    return PAGE_LINK.sub(link, text)


def unfence(text, names):
    """Write directives as Markdown: a fold as <details>, any other with its title in bold."""
    while opening := DIRECTIVE.search(text):
        fence, name, title, options = opening.groups()
        label = re.search(r":label: *([\w-]+)", options)
        number = names.get(label[1] if label else title)
        closing = re.compile(rf"^{fence} *$", re.MULTILINE).search(text, opening.end())
        body = text[opening.end() : closing.start()]
        if ":class: to-try" in options:
            name = "to-try"
        written = directive(name, title, number, body)
        text = text[: opening.start()] + written + text[closing.end() :]
    return text


def directive(name, title, number, body):
    """Return one directive as Markdown; `number` is what the book calls it, if it does."""
    if name in BOOK_ONLY or name.endswith("-end"):
        return ""
    kind = name.rpartition(":")[2].removesuffix("-start").capitalize()
    if name == "solution":  # its title is the label of the exercise
        title, kind = f"Solution to {number}", "Dropdown"
    if kind == "Dropdown":
        return f"<details><summary>{title}</summary>\n\n{body}\n</details>"
    return f"**{number or kind}{f' ({title})' if title else ''}.**\n\n{body}"
