"""The one reader of the book's sources: pages, their cells and exercises, the contents.

The extension, the tests and the assignments read Markdown through it.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
OUTPUTS = ROOT / "tests/pages/outputs"

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
GATED = re.compile(
    r"^:::\{exercise-start\} ([^\n]*)\n:label: (\S+)\n:::\n(.*?)^:::\{exercise-end\}\n:::\n"
    r"(.*?)(?=^:::\{exercise-start\}|^## )",
    re.DOTALL | re.MULTILINE,
)
SOLUTION = re.compile(
    r"\s*^:::\{solution-start\} (\S+)\n:class: dropdown\n:::\n(.*?)"
    r"^:::\{solution-end\}\n:::\s*",
    re.DOTALL | re.MULTILINE,
)
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1 *$", re.DOTALL | re.MULTILINE)


class Page:
    """A page's source.

    Parameters
    ----------
    path : pathlib.Path
        The Markdown file.
    """

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.text = path.read_text("utf8")
        self.executable = is_myst_markdown_notebook(self.text)

    def __repr__(self):
        return self.name

    @cached_property
    def front_matter(self):
        """The front matter as a dict, empty if there is none."""
        found = FRONT_MATTER.match(self.text)
        return yaml.safe_load(found[1]) if found else {}

    @cached_property
    def prose(self):
        """The text without front matter and without whatever is fenced."""
        return FENCED.sub("", FRONT_MATTER.sub("", self.text))

    @cached_property
    def notebook(self):
        """The cells, those of text included."""
        if not self.executable:
            return []
        return read_myst_markdown_notebook(self.text, path=self.path).cells

    @cached_property
    def cells(self):
        """The code cells, numbered as in the test names."""
        return [cell for cell in self.notebook if cell.cell_type == "code"]

    @cached_property
    def exercises(self):
        """The exercises, in order."""
        parts = [map(str.strip, found) for found in GATED.findall(self.text)]
        return [Exercise(*part) for part in parts]


class Exercise(NamedTuple):
    """An exercise: what is asked, and what follows it."""

    title: str
    label: str
    task: str
    below: str

    @property
    def solution(self):
        """The text of its solution, if that and nothing else stands directly below."""
        found = SOLUTION.fullmatch(self.below)
        return found[2] if found and found[1] == self.label else ""

    @property
    def cells(self):
        """The sources of the code cells in its solution, options included."""
        return CELL.findall(self.solution)


def tags(cell):
    """Return the tags of a cell as a set."""
    return set(cell["metadata"].get("tags", []))


def lines(cell):
    """Return the lines of a cell that are not blank."""
    return [line for line in cell["source"].splitlines() if line.strip()]


def contents():
    """Return the files of the table of contents, in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    parts = toc.get("parts", [toc])
    listed = [chapter["file"] for part in parts for chapter in part["chapters"]]
    return [ROOT / f"{name}.md" for name in (toc["root"], *listed)]


PAGES = [Page(path) for path in sorted((ROOT / "chapters").glob("**/*.md"))]
