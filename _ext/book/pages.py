"""The one reader of the book's sources: pages, their cells, sections and exercises.

The extension, the tests and the assignments read Markdown through it.
"""

import json
import re
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "chapters"
HTML = ROOT / "_build/html"
OUTPUTS = ROOT / "tests/pages/outputs"

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
GATED = re.compile(
    r"^:::\{exercise-start\} ([^\n]*)\n:label: (\S+)\n:::\n(.*?)^:::\{exercise-end\}\n:::\n"
    r"(.*?)(?=^:::\{exercise-start\}|^## |\Z)",
    re.DOTALL | re.MULTILINE,
)
# A solution, with the blank lines around it: its fence, its exercise and its words
SOLUTION = re.compile(
    r"\s*^(:{3,})\{solution\} (\S+)\n:class: dropdown\n(.*?)^\1 *$\s*", re.DOTALL | re.MULTILINE
)
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.DOTALL | re.MULTILINE)
FENCE = re.compile(r"^(:{3,}|`{3,}|~{3,})(?:\{([\w:-]+)\})? *(.*)$")
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1 *$", re.DOTALL | re.MULTILINE)


class Page:
    """A page's source.

    Parameters
    ----------
    path : pathlib.Path
        The Markdown file.
    text : str, optional
        Its text, read from the file if it is not given.
    """

    def __init__(self, path, text=None):
        self.path = path
        self.text = path.read_text("utf8") if text is None else text
        self.executable = is_myst_markdown_notebook(self.text)

    def __repr__(self):
        return self.name

    @property
    def name(self):
        """The path below ``chapters/`` without its suffix, ``in-depth/counterexample`` say."""
        return self.path.relative_to(CHAPTERS).with_suffix("").as_posix()

    @property
    def folder(self):
        """The folder below ``chapters/``, empty for the core."""
        return self.name.rpartition("/")[0]

    @property
    def record(self):
        """The file of the page's reviewed outputs."""
        return OUTPUTS / f"{self.name}.json"

    @cached_property
    def recorded(self):
        """The reviewed outputs, by the key of the cell."""
        return json.loads(self.record.read_text("utf8")) if self.record.exists() else {}

    @property
    def title(self):
        """The heading of the page."""
        return re.search(r"^# (.*)$", self.prose, re.MULTILINE)[1]

    @cached_property
    def prose(self):
        """The text without front matter and without whatever is fenced by backticks."""
        return FENCED.sub("", FRONT_MATTER.sub("", self.text))

    def read(self):
        """Return the notebook as MyST-NB reads it, which is what results are kept under."""
        return read_myst_markdown_notebook(self.text, add_source_map=True, path=self.path)

    @cached_property
    def notebook(self):
        """The cells, those of text included, each with its ``line`` in the metadata."""
        if not self.executable:
            return []
        found = self.read()
        for cell, line in zip(found.cells, found.metadata["source_map"], strict=True):
            cell.metadata["line"] = line
        return found.cells

    @cached_property
    def cells(self):
        """The code cells, in order."""
        return [cell for cell in self.notebook if cell.cell_type == "code"]

    @cached_property
    def keys(self):
        """A key for each code cell: its figure's name, else its first telling line.

        A record keyed so stays as it is when a cell is put before it.
        """
        keys = []
        for cell in self.cells:
            name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
            key = name or first_line(cell.source)
            again = sum(1 for other in keys if re.sub(r" \[\d+\]$", "", other) == key)
            keys.append(f"{key} [{again + 1}]" if again else key)
        return keys

    @cached_property
    def sections(self):
        """The parts of the page: the opening, then one for each ``##`` heading."""
        return self.parts("## ")

    def parts(self, start):
        """Return the opening and a part for each line that starts so, a regular expression."""
        found = [Section("", [], [])]
        for cell in self.notebook or [{"cell_type": "markdown", "source": self.prose}]:
            if cell["cell_type"] == "code":
                found[-1].cells.append(cell)
                continue
            for piece in re.split(f"^(?={start})", cell["source"], flags=re.MULTILINE):
                if begun := re.match(f"(?:{start})(.*)", piece):
                    found.append(Section(begun[1].strip(), [], []))
                found[-1].lines.extend(pair for pair in blocks(piece) if pair[0][:3] != "## ")
        return found

    @cached_property
    def exercises(self):
        """The exercises, in order."""
        parts = [map(str.strip, found) for found in GATED.findall(self.text)]
        return [Exercise(*part) for part in parts]


class Section(NamedTuple):
    """A part of a page: its heading, its lines with the directives they stand in, its cells."""

    heading: str
    lines: list
    cells: list


class Exercise(NamedTuple):
    """An exercise: what is asked, and what follows it."""

    title: str
    label: str
    task: str
    below: str

    @property
    def solution(self):
        """The words of its solution, if that stands directly below; cells may follow them."""
        found = SOLUTION.match(self.below)
        return found[3] if found and found[2] == self.label else ""

    @property
    def cells(self):
        """The sources of the code cells of its solution, options included."""
        return CELL.findall(self.below)


def blocks(text):
    r"""Yield each line of a Markdown text with the directives in which it stands.

    A directive is its name and, after a space each, the classes it is given. Lines that open,
    close or set an option of one are left out.

    Examples
    --------
    >>> list(blocks(":::{note}\n:class: dropdown\none\n:::\ntwo"))
    [('one', ('note dropdown',)), ('two', ())]
    """
    open_fences, names, options = [], [], False
    for line in text.splitlines():
        fence = FENCE.match(line)
        if fence and open_fences and not fence[2] and not fence[3]:
            mark = open_fences[-1]
            if fence[1][0] == mark[0] and len(fence[1]) >= len(mark):
                open_fences.pop()
                names.pop()
                continue
        literal = bool(names) and names[-1].split()[0] in ("code", "code-block", "math")
        if fence and not literal:
            open_fences.append(fence[1])
            names.append(fence[2] or "code")
            options = True
            continue
        if options and re.match(r"^:[\w-]+:", line):
            if line.startswith(":class:"):
                names[-1] += " " + line.removeprefix(":class:").strip()
            continue
        options = False
        yield line, tuple(names)


def first_line(source):
    r"""Return the first line of a cell that says what it is about, cut to 60 characters.

    Examples
    --------
    >>> first_line("import numpy as np\n\n# twice\nx = 2")
    'x = 2'
    """
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    telling = [line for line in lines if not re.match(r"#|import |from |fig, ", line)]
    return (telling or lines or [""])[0][:60]


def tags(cell):
    """Return the tags of a cell as a set."""
    return set(cell["metadata"].get("tags", []))


def lines(cell):
    """Return the lines of a cell that are not blank."""
    return [line for line in cell["source"].splitlines() if line.strip()]


@cache
def contents():
    """Return the files of the table of contents, in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    parts = toc.get("parts", [toc])
    listed = [chapter["file"] for part in parts for chapter in part["chapters"]]
    return tuple(ROOT / f"{name}.md" for name in (toc["root"], *listed))


# JupyterLab keeps copies of what it has opened in .ipynb_checkpoints: no pages.
PAGES = [
    Page(path)
    for path in sorted(CHAPTERS.glob("**/*.md"))
    if path.parent.name != ".ipynb_checkpoints"
]
