"""Turn an executed page into a notebook that reads and runs on its own.

Outside of the book nothing resolves a reference, pastes a computed number or folds a
proof. These functions write such things out in plain Markdown and put a cell in front
that installs what the page imports. They know nothing of Sphinx: a page is its
notebook (a dict, as in the file), the HTML that the book has of it, and its glue.
"""

import ast
import base64
import re
import sys
import zlib
from itertools import count

PACKAGES = {"sklearn": "scikit-learn"}  # where the name to install is another one
NEEDS = {"rmsprop.pytorch": {"torch"}, "rmsprop.tasks": {"torch", "sklearn"}}
OFFERED = {"myst_nb"}  # only its glue is used, and the first cell stands in for it

# The first cell. The package travels in it, so that no address is needed, and so do the
# data that the page reads.
INSTALL = '''\
# Installs what this notebook imports and you do not have, and writes the data that it
# reads. Both travel in this cell, with the chapter's own package. Run it once; then run
# the rest.
import base64
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import types
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
    if not pathlib.Path(name).exists():
        pathlib.Path(name).write_bytes(zlib.decompress(base64.b64decode(text)))
if missing("myst_nb"):  # the book pastes numbers into its text with it
    sys.modules["myst_nb"] = types.ModuleType("myst_nb")
    sys.modules["myst_nb"].glue = lambda name, value, display=True: None
'''

ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
EQUATION = re.compile(r"^\$\$ \(([\w-]+)\)$", re.MULTILINE)
PAGE_LINK = re.compile(r"(\]\([\w-]+)\.md((?:#[\w-]+)?\))")
FENCE = re.compile(r"^(:{3,}|`{3,})\{([\w:-]+)\} *(.*)\n((?::[\w-]+:.*\n)*)", re.MULTILINE)
SCRIPTED = {"explorable", "nb-exec-table"}  # these live in the book only


def names_in(soup):
    """Return what the book calls the things on a page and those that it refers to.

    A dict from labels to texts, such as ``{"eq-x": "(2.1)", "fig-y": "Fig. 2.1"}``.
    """
    names = {}
    for link in soup.select("a.reference.internal[href*='#']"):
        names[anchor(link)] = link.get_text()
    for number in soup.select(".eqno"):
        link = number.select_one("a.headerlink")
        names[anchor(link)] = number.find(string=True)
    for number in soup.select(".caption-number"):
        names[number.find_parent(id=True)["id"]] = number.get_text().strip()
    return names


def anchor(link):
    """Return the label that a link points to."""
    return link["href"].partition("#")[2].removeprefix("equation-")


def prose(text, *, names, glue, citations):
    """Return Markdown in which nothing is left for Sphinx to resolve.

    Parameters
    ----------
    text : str
        A Markdown cell of the page.
    names : dict
        What references to labels read, such as ``{"fig-x": "Fig. 2.1"}``.
    glue : dict
        The text of each glued value.
    citations : dict
        For each key of the bibliography, authors and year.

    Examples
    --------
    >>> prose("See {eq}`eq-x`, {glue:text}`n` steps.", names={"eq-x": "(1.2)"}, glue={"n": "7"},
    ...       citations={})
    'See (1.2), 7 steps.'
    """

    def resolve(found):
        role, target = found.groups()
        target = re.sub(r".*<(.+)>$", r"\1", target)
        if role == "glue:text":
            return glue[target]
        if role.startswith("cite"):
            works = [citations[key.strip()] for key in target.split(",")]
            if role == "cite:p":
                return "[" + "; ".join(f"{author}, {year}" for author, year in works) + "]"
            return ", ".join(f"{author} ({year})" for author, year in works)
        return names.get(target, target)

    text = ROLE.sub(resolve, text)
    text = EQUATION.sub(lambda e: f"\\tag{{{names[e[1]].strip('()')}}}\n$$", text)
    return PAGE_LINK.sub(r"\1.ipynb\2", unfence(LABEL.sub("", text), names))


def unfence(text, names):
    """Write directives as Markdown: a fold as <details>, any other with its title in bold."""
    while opening := FENCE.search(text):
        fence, name, title, options = opening.groups()
        label = re.search(r":label: *([\w-]+)", options)
        number = names.get(label[1] if label else title)
        closing = re.compile(rf"^{fence}[ ]*$", re.MULTILINE).search(text, opening.end())
        end = closing.end() if closing else len(text)
        body = text[opening.end() : closing.start() if closing else end]
        text = text[: opening.start()] + directive(name, title, number, body) + text[end:]
    return text


def directive(name, title, number, body):
    """Return one directive as Markdown; `number` is what the book calls it, if it does."""
    if name in SCRIPTED:
        return ""
    if name == "dropdown":
        return f"<details><summary>{title}</summary>\n\n{body}\n</details>"
    kind, _, gate = name.partition(":")[2].capitalize().partition("-")
    if name.startswith(("exercise", "solution")):
        kind, _, gate = name.capitalize().partition("-")
    if gate == "end":
        return ""
    if kind == "Solution":  # its title is the label of the exercise
        return f"**Solution to {number}.**\n\n{body}"
    return f"**{number or kind}{f' ({title})' if title else ''}.**\n\n{body}"


def notebook(nb, *, names, glue, citations, wheel, data=()):
    """Return a notebook that needs nothing of the book.

    Parameters
    ----------
    nb : dict
        The executed page.
    names, glue, citations : dict
        As for :func:`prose`.
    wheel : pathlib.Path
        The chapter's package.
    data : iterable of pathlib.Path
        Files that lie beside the pages; those travel that the code cells name.
    """
    cells = []
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            text = prose(source(cell), names=names, glue=glue, citations=citations)
            if text.strip():
                cells.append(markdown(text))
            continue
        cells.append(code(cell))
        figure = cell["metadata"].get("mystnb", {}).get("figure")
        if figure:
            caption = f"**{names[figure['name']]}.** {figure['caption']}"
            cells.append(
                markdown(prose(caption, names=names, glue=glue, citations=citations))
            )
    code_cells = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    needed = [path for path in data if path.name in code_cells]
    cells.insert(1, install_cell(imports(cells), wheel, needed))
    for number, cell in zip(count(), cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": nb["metadata"]["kernelspec"]}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def source(cell):
    """Return a cell's text."""
    return "".join(cell["source"])


def markdown(text):
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": text.strip("\n")}


def code(cell):
    """Return a code cell that is folded where the book folds or hides it."""
    tags = set(cell["metadata"].get("tags", []))
    folded = tags & {"hide-cell", "hide-input", "remove-cell", "remove-input"}
    metadata = {"tags": sorted(tags)} if tags else {}
    if folded:
        metadata["jupyter"] = {"source_hidden": True}
    shown = [output for output in cell["outputs"] if not is_glue(output)]
    return {
        "cell_type": "code",
        "execution_count": cell["execution_count"],
        "metadata": metadata,
        "outputs": shown,
        "source": source(cell),
    }


def is_glue(output):
    """Tell whether an output only carries a glued value."""
    return "scrapbook" in output.get("metadata", {})


def imports(cells):
    """Return the packages to install for what the code cells import, as (module, package)."""
    modules = set()
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.Import):
                named = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                named = [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
            else:
                continue
            modules |= {name.partition(".")[0] for name in named}
            modules = modules.union(*(NEEDS.get(name, ()) for name in named))
    modules -= OFFERED | {"rmsprop"} | set(sys.stdlib_module_names)
    return [(module, PACKAGES.get(module, module)) for module in sorted(modules)]


def install_cell(packages, wheel, data):
    """Return the first cell, folded."""
    content = base64.b64encode(wheel.read_bytes()).decode()
    files = {path.name: base64.b64encode(zlib.compress(path.read_bytes())) for path in data}
    files = {name: text.decode() for name, text in files.items()}
    text = INSTALL.format(wheel=wheel.name, content=content, packages=packages, data=files)
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"jupyter": {"source_hidden": True}, "cellView": "form"},
        "outputs": [],
        "source": text.rstrip("\n"),
    }
