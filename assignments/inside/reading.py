"""In the sandbox: read a file that was handed in, and say which names it uses."""

import ast
import io
import json
import re
import warnings
import zipfile
from pathlib import PurePosixPath

MOST = 10 * 2**20  # bytes, also of what an archive holds
MOST_NAMES = 2000
NOTEBOOKS = (".ipynb", ".md", ".py", ".rmd")
BY_HAND = {
    ".pdf": "a PDF",
    ".html": "a web page that was made of a notebook",
    ".htm": "a web page that was made of a notebook",
    ".docx": "a Word document",
    ".doc": "a Word document",
    ".odt": "a text document",
    ".rtf": "a text document",
    ".tex": "a LaTeX document",
    ".txt": "a text",
    ".qmd": "a Quarto document",
}


# What may stand before Python in a cell, and hides it from the parser: %%time, %timeit -n 3.
MAGIC = re.compile(r"\A\s*%%\w.*\n|^([ \t]*)%(?:time|timeit|prun)\b(?: -\w+(?: \d+)?)*[ \t]*", re.M)


class ByHand(Exception):
    """A person can read this file, and no program here can."""


class NotGradable(Exception):
    """Nobody can make anything of this file; the message says why."""


def read(name, content):
    """Return the cells of a notebook, pairs of "code" or "markdown" and text."""
    path = PurePosixPath(name)
    ending = path.suffix.lower()
    if content.startswith(b"PK") and ending not in BY_HAND:
        return read(*only_notebook(content))
    if ending in (".txt", ".json", "") and content.lstrip().startswith(b"{"):
        ending = ".ipynb"  # as some browsers save it
    if content.startswith(b"%PDF"):
        ending = ".pdf"
    if ending in BY_HAND:
        raise ByHand(f"{BY_HAND[ending]}, not a notebook")
    if not content.strip():
        raise NotGradable("an empty file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotGradable("not a notebook: not even a text") from None
    if ending == ".ipynb":
        cells = jupyter_cells(text)
    elif ending in NOTEBOOKS:
        cells = text_cells(text, ending)
    else:
        raise NotGradable("not a notebook")
    cells = [[kind, source] for kind, source in cells if kind in ("code", "markdown")]
    if not any(kind == "code" and source.strip() for kind, source in cells):
        raise ByHand("no code was found in it")
    return cells


def only_notebook(content):
    """Return name and content of the one notebook that an archive has."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        found = [
            info
            for info in archive.infolist()
            if info.filename.lower().endswith(NOTEBOOKS)
            and not any(p.startswith((".", "__MACOSX")) for p in info.filename.split("/"))
        ]
        notebooks = [info for info in found if info.filename.lower().endswith(".ipynb")] or found
        if len(notebooks) != 1:
            raise ByHand(f"an archive with {len(notebooks)} notebooks")
        if notebooks[0].file_size > MOST:
            raise NotGradable("an archive with a notebook larger than 10 MB")
        with archive.open(notebooks[0]) as file:
            return notebooks[0].filename, file.read(MOST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise NotGradable("a broken or encrypted archive") from None


def jupyter_cells(text):
    """Return the cells of an .ipynb file of any version that nbformat knows."""
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = nbformat.reads(text, as_version=4).cells if '"nbformat"' in text else None
        return [(cell.cell_type, cell.source) for cell in cells]
    except Exception:
        pass  # odd in a place that does not matter to us, perhaps
    try:
        cells = json.loads(text)["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotGradable("not a notebook: broken, or cut off") from None


def text_cells(text, ending):
    """Return the cells of a notebook in Markdown or as a script, as jupytext reads it."""
    import jupytext

    kind = "md:myst" if ending == ".md" and "{code-cell}" in text else ending.lstrip(".")
    without_head = re.sub(r"\A---\n.*?^---\n", "", text, count=1, flags=re.M | re.S)
    for some in (text, without_head):  # what is odd in the head does not matter to us
        try:
            cells = jupytext.reads(some, {"rmd": "Rmd"}.get(kind, kind)).cells
            return [(cell.cell_type, cell.source) for cell in cells]
        except MemoryError:
            raise NotGradable("reading it takes too much memory") from None
        except Exception as error:
            said = (str(error).splitlines() or [""])[0]
    raise NotGradable(f"not a notebook that jupytext can read: {said}")


def names_used(codes):
    """Return the dotted names that cells use of what they import, and the packages' names."""
    trees = [parsed(code) for code in codes]
    nodes = [node for tree in trees if tree for node in ast.walk(tree)]
    found, known = set(), {}  # names that are used; what a name in the code stands for
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.add(alias.name)
                package = alias.name.split(".")[0]
                known[alias.asname or package] = alias.name if alias.asname else package
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module or ''}.{alias.name}"
                found |= {node.module or ".", whole}
                known[alias.asname or alias.name] = whole
    packages = {name.split(".")[0] for name in known.values()}
    for node in nodes:
        name = dotted(node, known)
        if name and name.split(".")[0] in packages | {"__import__"}:
            found.add(name)
    return sorted(found)[:MOST_NAMES], sorted(packages)[:MOST_NAMES]


def parsed(code):
    """Return the syntax tree of a cell, without what IPython alone understands, or None."""
    try:
        return ast.parse(code)
    except (ValueError, RecursionError, MemoryError):
        return None
    except SyntaxError:
        pass
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(MAGIC.sub(r"\1", code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted(node, known):
    """Return a name or an attribute with its dots, the first part as it was imported."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([known.get(node.id, node.id), *attributes])
