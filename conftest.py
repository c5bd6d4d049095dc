"""Make each code cell of the pages a test of its own.

A page runs as it does when the book is built, and its results are kept in the same cache,
see ``_ext/book/execute.py``: what a build has run is not run again, and the other way round.
This plugin holds what a reader would see against the reviewed record in
``tests/pages/outputs/``. ``pytest --record`` runs the page anew and writes that record.

A cell fails, with its file and line, if it

* raises, or is tagged ``raises-exception`` and does not; a cell tagged ``checks`` too, whose
  ``raises-exception`` only lets a reader's "Run all" go on, fails if it raises;
* writes to stderr, or shows a figure that is not SVG;
* shows something else than recorded, beyond a tolerance for numbers.

The tag ``nbval-ignore-output`` spares a cell the comparison.
"""

import json
import re

import pytest
from xdist.scheduler import LoadScopeScheduling

from book.pages import Page as Source
from book.pages import tags
from shown import differences, shown

pytest_plugins = ["pytester"]


def pytest_addoption(parser):
    """Add ``--record``."""
    parser.addoption(
        "--record",
        action="store_true",
        help="write what the pages show to tests/pages/outputs/ instead of comparing it",
    )


def pytest_collection_modifyitems(items):
    """Begin with the tests of the site: they build the book while other tests run."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/site/"))


def pytest_xdist_make_scheduler(config, log):
    """Keep a page, a file of tests and all tests of the site in one process each."""
    return InOneProcess(config, log)


class InOneProcess(LoadScopeScheduling):
    """What shares a kernel, a fixture or the built book stays together under ``pytest -n``."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return "tests/site" if file.startswith("tests/site/") else file


def pytest_collect_file(file_path, parent):
    """Collect a Markdown file whose front matter makes it a notebook."""
    if file_path.suffix == ".md" and Source(file_path).executable:
        return Page.from_parent(parent, path=file_path)
    return None


class Page(pytest.File):
    """A page: its results, and its record."""

    def collect(self):
        """Yield a test for each code cell."""
        self.source = Source(self.path)
        below = self.path.relative_to(self.config.rootpath / "chapters").with_suffix(".json")
        self.record = self.config.rootpath / "tests/pages/outputs" / below
        self.kept = {}
        if self.record.exists():
            self.kept = json.loads(self.record.read_text("utf8"))
        self.seen = {}  # by the key of the cell
        pairs = zip(self.source.keys, self.source.cells, strict=True)
        for number, (key, cell) in enumerate(pairs):
            yield Cell.from_parent(self, name=f"Cell {number}", number=number, cell=cell, key=key)

    def setup(self):
        """Run the page, or take what it has shown from the cache."""
        from book.execute import results  # here, so that other tests do not load Sphinx

        cells = results(self.source, anew=self.config.option.record).cells
        self.outputs = [cell.outputs for cell in cells if cell.cell_type == "code"]

    def teardown(self):
        """Write the record if that was asked for."""
        if not self.config.option.record:
            return
        size = len(self.source.cells)
        if len(self.seen) < size:
            raise RuntimeError(
                f"{self.record.name} is left as it was: of the {size} cells of "
                f"the page only {len(self.seen)} ran through"
            )
        self.record.unlink(missing_ok=True)
        shows = {name: lines for name, lines in self.seen.items() if lines}
        if shows:
            self.record.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(shows, indent=1, ensure_ascii=False) + "\n"
            self.record.write_text(text, "utf8", newline="\n")


class Wrong(Exception):
    """What is wrong with a cell, in a line, and the details."""


class Cell(pytest.Item):
    """A code cell."""

    def __init__(self, number, cell, key, **known):
        super().__init__(**known)
        self.number, self.cell, self.key = number, cell, key
        self.line = cell.metadata["line"]

    def reportinfo(self):
        """Say where the cell is: shown at the head of a failure."""
        place = f"{self.path.relative_to(self.config.rootpath)}:{self.line}"
        return self.path, self.line - 1, f"{place} {self.name}"

    def repr_failure(self, excinfo):
        """Say what is wrong, first in a line; then show the cell and the details."""
        if not isinstance(excinfo.value, Wrong):
            return super().repr_failure(excinfo)
        what, details = excinfo.value.args
        return f"{what}\n\n{self.cell.source}\n\n{details}"

    def runtest(self):
        """Check what the cell showed."""
        page, outputs = self.parent, self.parent.outputs[self.number]
        errors = [output for output in outputs if output.output_type == "error"]
        may_raise = "raises-exception" in tags(self.cell) and "checks" not in tags(self.cell)
        if errors and not may_raise:
            trace = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(errors[0].traceback))
            raise Wrong(f"raises {errors[0].ename}: {errors[0].evalue}", trace)
        if may_raise and not errors:
            raise Wrong("tagged raises-exception, but raised nothing", "")
        try:
            lines = shown(self.cell.source, outputs)
        except ValueError as error:
            raise Wrong(str(error), "") from error
        compared = "nbval-ignore-output" not in tags(self.cell)
        page.seen[self.key] = lines if compared else []
        if self.config.option.record or not compared:
            return
        found = list(differences(lines, page.kept.get(self.key, [])))
        if found:
            raise Wrong(
                f"shows something else than {page.record.name} has "
                "(if that is right: pytest --record, and review the change)",
                "\n".join(found),
            )
