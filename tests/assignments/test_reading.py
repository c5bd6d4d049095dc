"""What is read of a file that was handed in. The grader does this in the sandbox."""

import io
import json
import sys
import zipfile

import jupytext
import nbformat
import pytest
from nbformat import v4

from assignments.sandbox import INSIDE
from assignments.source import FOLDER

sys.path.insert(0, str(INSIDE))  # as its modules find each other there
from reading import ByHand, NotGradable, names_used, read

CODES = ["import numpy as np", "def f(x):\n    return x\n\n\ny = f(1)"]


def codes(name, content):
    content = content if isinstance(content, bytes) else content.encode()
    return [source.strip("\n") for kind, source in read(name, content) if kind == "code"]


def notebook():
    cells = [v4.new_markdown_cell("# Title"), *map(v4.new_code_cell, CODES)]
    return v4.new_notebook(cells=cells)


@pytest.mark.parametrize("kind", ["md:myst", "md", "py:percent", "py:light", "Rmd"])
def test_what_jupytext_writes_is_read(kind):
    text = jupytext.writes(notebook(), kind)
    assert codes(f"a.{kind.split(':')[0]}", text) == CODES


def test_notebooks_of_other_versions_and_names_are_read():
    text = nbformat.writes(notebook())
    for name in ("a.ipynb", "A.IPYNB", "a.ipynb.txt", "a.json", "a"):
        assert codes(name, text) == CODES
    assert codes("a.ipynb", text.encode("utf-8-sig")) == CODES
    old = nbformat.convert(notebook(), 3)
    assert codes("a.ipynb", nbformat.v3.writes_json(old)) == CODES


def test_a_notebook_without_what_does_not_matter_is_read():
    bare = {"cells": [{"cell_type": "code", "source": line} for line in CODES]}
    assert codes("a.ipynb", json.dumps(bare)) == CODES
    assert codes("a.md", "---\na: b: c\n---\n\n```{code-cell}\nx = 1\n```\n") == ["x = 1"]


@pytest.mark.parametrize("ending", ["ipynb", "md"])
def test_the_one_notebook_of_an_archive_is_read(ending):
    kind = {"ipynb": "ipynb", "md": "md:myst"}[ending]
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr(f"hw/a.{ending}", jupytext.writes(notebook(), kind))
        archive.writestr(f"__MACOSX/._a.{ending}", "x")
        archive.writestr("hw/figure.png", "x")
    assert codes("hw.zip", whole.getvalue()) == CODES
    assert codes("hw.ipynb", whole.getvalue()) == CODES  # whatever its name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("0*.md")), ids=lambda path: path.stem)
def test_a_source_reads_as_jupytext_reads_it(path):
    cells = jupytext.read(path).cells
    due = [cell.source.strip("\n") for cell in cells if cell.cell_type == "code"]
    assert codes(path.name, path.read_bytes()) == due


@pytest.mark.parametrize(
    ("name", "content", "error", "why"),
    [
        ("a.pdf", "%PDF-1.4", ByHand, "a PDF"),
        ("a.ipynb", "%PDF-1.4", ByHand, "a PDF"),
        ("a.html", "<p>", ByHand, "a web page"),
        ("a.txt", "my answers", ByHand, "a text"),
        ("a.md", "# only words", ByHand, "no code"),
        ("a.ipynb", "", NotGradable, "an empty file"),
        ("a.ipynb", "{", NotGradable, "broken, or cut off"),
        ("a.png", b"\x89PNG\r\n", NotGradable, "not a notebook"),
        ("a.zip", b"PK\x03\x04", NotGradable, "broken or encrypted"),
        ("a.md", "```{code-cell}\n---\n a: : b\n---\n```", NotGradable, "Code cell 0"),
    ],
)
def test_what_cannot_be_read_says_why(name, content, error, why):
    with pytest.raises(error, match=why):
        codes(name, content)


def test_a_head_that_takes_too_much_memory_is_not_left_out(monkeypatch):
    def reads(text, kind):
        if text.startswith("---"):
            raise MemoryError
        return notebook()

    monkeypatch.setattr(jupytext, "reads", reads)
    with pytest.raises(NotGradable, match="too much memory"):
        codes("a.md", "---\na: 1\n---\n# words")


def test_names_are_found_however_they_are_imported():
    names, imports = names_used(
        [
            "%%time\nimport torch.optim as o\nfrom torch import optim as p, nn\no.RMSprop(x)",
            "%time p.SGD(1)\nimport os.path\nfrom numpy import *",
            "this is no Python",
            "__import__('rmsprop')\nclass A(nn.Module): pass",
        ]
    )
    assert {"torch.optim.RMSprop", "torch.optim.SGD", "torch.nn.Module", "__import__"} <= set(names)
    assert imports == ["numpy", "os", "torch"]
