"""Make each code cell of the pages a test of its own.

nbval runs the cells; this plugin reads them straight from the Markdown, with the
reader that builds the book, and holds what a reader would see against the reviewed
record in ``tests/pages/outputs/``. ``pytest --record`` writes that record anew.

A cell fails, with its file and line, if it

* raises, or is tagged ``raises-exception`` and does not; a cell tagged ``checks`` too, whose
  ``raises-exception`` only lets a reader's "Run all" go on, fails if it raises;
* writes to stderr, or shows a figure that is not SVG;
* shows something else than recorded, beyond a tolerance for numbers.

The tag ``nbval-ignore-output`` spares a cell the comparison.

What a page shows goes to the book's cache as well: the build that other tests look at need
not run the pages a second time.
"""

import json
import os
import re
import time
from collections import defaultdict

import nbformat
from filelock import FileLock
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError, find_metadata_tags

from book.pages import PAGES, tags
from shown import differences, displayed, shown

pytest_plugins = ["pytester"]
SOURCES = {page.path: page for page in PAGES}

# Pages and tests run side by side: a thread of one would only wait for those of the others.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser):
    """Add ``--record``."""
    parser.addoption(
        "--record",
        action="store_true",
        help="write what the pages show to tests/pages/outputs/ instead of comparing it",
    )


# The pages come first, since the book is built from what they show, and then what takes long.
ORDER = (
    "chapters/",
    "tests/site/test_book_html.py",
    "tests/assignments/",
    "tests/site/",
    "tests/pages/",
    "",
)


def pytest_collection_modifyitems(items):
    """Put the tests in the order in which they are best begun."""
    items.sort(key=lambda item: next(n for n, at in enumerate(ORDER) if item.nodeid.startswith(at)))


def pytest_collect_file(file_path, parent):
    """Collect a page: a file of the chapters whose front matter makes it a notebook."""
    source = SOURCES.get(file_path)
    if source and source.executable:
        return Page.from_parent(parent, path=file_path)
    return None


class Page(IPyNbFile):
    """A page: one kernel, one record."""

    def collect(self):
        """Yield a test for each code cell."""
        self.source = source = SOURCES[self.path]
        self.nb = nbformat.v4.new_notebook(cells=source.notebook)
        self.seen = {}  # by the key of the cell
        self.outputs = []
        self.size = len(source.cells)
        for number, (key, cell) in enumerate(zip(source.keys, source.cells, strict=True)):
            yield Cell.from_parent(self, number=number, cell=cell, key=key)

    def setup(self):
        """Start the kernel."""
        super().setup()
        self.started = time.monotonic()

    def teardown(self):
        """Stop the kernel; give the book what was seen; write the record if asked for."""
        if len(self.outputs) == self.size and (self.config.rootpath / "_config.yml").exists():
            self.give_to_the_book(time.monotonic() - self.started)
        super().teardown()
        if not self.config.option.record:
            return
        record = self.source.record
        if len(self.seen) < self.size:
            raise RuntimeError(
                f"{record.name} is left as it was: of the {self.size} cells of "
                f"the page only {len(self.seen)} ran through"
            )
        record.unlink(missing_ok=True)
        shows = {name: lines for name, lines in self.seen.items() if lines}
        if shows:
            record.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(shows, indent=1, ensure_ascii=False) + "\n"
            record.write_text(text, "utf8", newline="\n")

    def give_to_the_book(self, seconds):
        """Keep what the cells show where MyST-NB keeps what it has run."""
        from book.execute import cache_folder  # brings Sphinx

        notebook = self.source.read()
        told = self.kernel.kc.kernel_info(reply=True, timeout=60)["content"]
        notebook.metadata.language_info = told["language_info"]
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for number, (cell, outputs) in enumerate(zip(cells, self.outputs, strict=True), start=1):
            cell.outputs, cell.execution_count = outputs, number
        bundle = CacheBundleIn(notebook, str(self.path), data={"execution_seconds": seconds})
        folder = cache_folder(self.config.rootpath)
        with FileLock(folder.with_suffix(".lock")):
            get_cache(folder).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


class Cell(IPyNbCell):
    """A code cell."""

    def __init__(self, parent, number, cell, key):
        options = defaultdict(bool, check=True)
        options.update(find_metadata_tags(cell.metadata))
        if "checks" in tags(cell):
            options["check_exception"] = False
        super().__init__(f"Cell {number}", parent, number, cell, options)
        self.line = cell.metadata["line"]
        self.key = key

    def reportinfo(self):
        """Say where the cell is: shown at the head of a failure."""
        place = f"{self.path.relative_to(self.config.rootpath)}:{self.line}"
        return self.path, self.line - 1, f"{place} {self.name}"

    def repr_failure(self, excinfo):
        """Say what is wrong, first in a line; then show the cell and the details."""
        error = excinfo.value
        if not isinstance(error, NbCellError):
            return super().repr_failure(excinfo)
        details = re.sub(r"\x1b\[[\d;]*m", "", error.inner_traceback or "")
        return f"{error}\n\n{error.source}\n\n{details}"

    def runtest(self):
        """Run the cell and check what it shows."""
        super().runtest()
        raised = any(output.output_type == "error" for output in self.test_outputs)
        if self.options["check_exception"] and not raised:
            self.raise_cell_error("tagged raises-exception, but raised nothing")
        try:
            lines = shown(self.cell.source, self.test_outputs)
        except ValueError as error:
            self.raise_cell_error(str(error))
        page = self.parent
        page.outputs.append(displayed(self.cell.source, self.test_outputs))
        page.seen[self.key] = lines if self.options["check"] else []
        if self.config.option.record or not self.options["check"]:
            return
        found = list(differences(lines, page.source.recorded.get(self.key, [])))
        if found:
            self.raise_cell_error(
                f"shows something else than {page.source.record.name} has "
                "(if that is right: pytest --record, and review the change)",
                "\n".join(found),
            )
