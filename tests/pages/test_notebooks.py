"""The plugin in conftest.py passes what it should, and fails what it should not."""

import json
import re

import pytest
from jupyter_cache import get_cache

from book.pages import ROOT, Page

COPIED = ["conftest.py", "pyproject.toml", "tests/pages/shown.py"]
COPIED += ["_ext/book/__init__.py", "_ext/book/pages.py"]
FRONT_MATTER = """\
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  name: python3
  display_name: Python 3 (ipykernel)
  language: python
"""


def page(*cells):
    """Return a page of these cells; a list before the code gives the cell's tags."""
    text = f"---\n{FRONT_MATTER}---\n\n# Title\n"
    for cell in cells:
        tags, source = cell if isinstance(cell, tuple) else ([], cell)
        line = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
        text += f"\n```{{code-cell}} ipython3\n{line}{source}\n```\n"
    return text


@pytest.fixture
def book(pytester):
    """Return a function that writes pages and runs pytest on them."""
    for name in COPIED:
        target = pytester.path / name
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_text((ROOT / name).read_text("utf8"), "utf8")
    (pytester.path / "chapters").mkdir()

    def run(*options, **pages):
        for name, cells in pages.items():
            path = pytester.path / "chapters" / f"{name}.md"
            path.write_text(page(*cells), "utf8")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, "chapters")

    run.outputs = pytester.path / "tests/pages/outputs"
    return run


def test_what_a_page_shows_goes_to_the_book(book, pytester):
    """Under the key by which MyST-NB looks for it, and without what a semicolon hides."""
    for name in ("_config.yml", "requirements.txt", "constraints.txt", "_ext/book/execute.py"):
        (pytester.path / name).write_text((ROOT / name).read_text("utf8"), "utf8")
    book("--record", one=["x = 1\nx", "x + 1;"], two=["1 / 0"])
    (folder,) = (pytester.path / "_build/.jupyter_cache").glob("*/")
    kept = get_cache(folder)
    (record,) = kept.list_cache_records()  # of a page that did not run through, nothing
    read = Page(pytester.path / "chapters/one.md").read()
    assert kept.match_cache_notebook(read).pk == record.pk
    cells = kept.get_cache_bundle(record.pk).nb.cells
    assert [[output.data for output in cell.outputs] for cell in cells] == [
        [{"text/plain": "1"}],
        [],
    ]


def outcome(result):
    """Return what became of each cell, as a string of letters, page by page."""
    text = result.stdout.str()
    return dict(re.findall(r"^chapters/(\w+)\.md ([.FEsx]+)", text, re.MULTILINE))


def test_cells_that_are_wrong_fail(book):
    faults = [
        "'fine';",
        "1 / 0",
        (["raises-exception"], "'raises nothing';"),
        (["checks", "raises-exception"], "assert True"),
        (["checks", "raises-exception"], "assert False"),
        (["raises-exception"], "int('x');"),
        "import sys; print('oops', file=sys.stderr)",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
        (["nbval-ignore-output"], "import time; time.time()"),
    ]
    result = book("--record", faults=faults)
    assert outcome(result) == {"faults": ".FF.F.FF.E"}
    result.stdout.fnmatch_lines(
        [
            "*faults.json is left as it was*",
            "*chapters/faults.md:19 Cell 1*",
            "*ZeroDivisionError*",
            "*faults.md:23 Cell 2*",
            "*raised nothing*",
            "oops",
            "*not SVG*",
        ]
    )
    assert not (book.outputs / "faults.json").exists()  # nothing half-checked is kept


def test_record(book):
    pages = {"one": ["x = 1", "x", "x + 1"], "two": ["print('word')"], "empty": ["x = 1"]}
    book.outputs.mkdir()
    (book.outputs / "empty.json").write_text("{}", "utf8")

    book("--record", **pages).assert_outcomes(passed=5)
    assert json.loads((book.outputs / "one.json").read_text("utf8")) == {"x": ["1"], "x + 1": ["2"]}
    other = json.loads((book.outputs / "two.json").read_text("utf8"))
    assert other == {"print('word')": ["word"]}
    assert not (book.outputs / "empty.json").exists()

    # An output that was never recorded, changed or is gone fails. A cell that is put before the
    # others leaves them their entries.
    result = book(one=["y = 3\ny", "x = 2", "x", "x + 1\npass"], two=["1"], empty=["x = 1"])
    assert outcome(result) == {"empty": ".", "one": "F.FF", "two": "F"}
    changes = ["now '3', kept nothing", "now '2', kept '1'", "now nothing, kept '2'"]
    result.stdout.fnmatch_lines(changes)
