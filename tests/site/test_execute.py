"""The pages run: what the cache depends on, and which failure is never silent."""

import sys
from io import StringIO
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book import execute
from book.pages import ROOT

FRONT_MATTER = (ROOT / "chapters/index.md").read_text("utf8").split("\n# ")[0]


@pytest.fixture
def book(tmp_path):
    """Return a book in a hidden folder, as it may lie on a reader's disk."""
    root = tmp_path / ".books" / "rmsprop"
    for name in (
        "requirements.txt",
        "constraints.txt",
        "code/rmsprop/sgd.py",
        "code/rmsprop/data.npz",
        "code/rmsprop/__pycache__/sgd.pyc",
        "assignments/01-averages.md",
        "chapters/data/runs.csv",
        "chapters/index.md",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def digest(root):
    config = SimpleNamespace()
    execute.name_cache(SimpleNamespace(srcdir=root), config)
    assert config.inputs_digest in config.nb_execution_cache_path
    return config.inputs_digest


@pytest.mark.parametrize(
    "name",
    ["requirements.txt", "constraints.txt", "code/rmsprop/sgd.py", "code/rmsprop/data.npz"]
    + ["assignments/01-averages.md", "chapters/data/runs.csv", "code/rmsprop/new.py"]
    + [f"chapters/data/evidence/new{suffix}" for suffix in (".json", ".jsonl", ".npz", ".toml")],
)
def test_a_change_that_may_matter_names_another_cache(book, name):
    before = digest(book)
    (book / name).parent.mkdir(exist_ok=True)
    (book / name).write_text("changed")
    assert digest(book) != before


def test_another_name_names_another_cache(book):
    before, path = digest(book), book / "code/rmsprop/sgd.py"
    path.rename(path.with_name("tgd.py"))
    assert digest(book) != before


@pytest.mark.parametrize("name", ["ATEN_CPU_CAPABILITY", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES"])
def test_what_a_processor_is_told_names_another_cache(book, monkeypatch, name):
    before = digest(book)
    monkeypatch.setenv(name, "another")
    assert digest(book) != before


def test_another_python_names_another_cache(book, monkeypatch):
    before = digest(book)
    monkeypatch.setattr(sys, "version", "another")
    assert digest(book) != before


@pytest.mark.parametrize("name", ["code/rmsprop/__pycache__/sgd.pyc", "chapters/index.md"])
def test_others_do_not(book, name):
    before = digest(book)
    (book / name).write_text("changed")
    assert digest(book) == before


def test_no_page_leaves_the_cache_by_itself(tmp_path):
    cache = get_cache(tmp_path)
    cache.change_cache_limit(1)
    for name in ("one", "other"):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(name)])
        cache.cache_notebook_bundle(CacheBundleIn(notebook, name), check_validity=False)
    assert len(cache.list_cache_records()) == 2


def page(*cells):
    """Return a page of cells, each some options and its code."""
    fences = [f"```{{code-cell}} ipython3\n{options}{code}\n```\n" for options, code in cells]
    return "\n".join([f"{FRONT_MATTER}\n\n# Page\n", *fences])


MAY_FAIL = ":tags: [checks, raises-exception]\n\n"


def build(folder, text, parallel=1):
    """Build a page among others as strictly as can be; return the exit code and the warnings."""
    other = "---\norphan: true\n---\n# Plain\n"
    # Sphinx reads more than five pages side by side
    for name, wanted in {"index": text, **dict.fromkeys("abcdef", other)}.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf8") != wanted:
            path.write_text(wanted, "utf8")
    out, warning = folder / "_build/html", StringIO()
    config = {
        "extensions": ["myst_nb"],
        "exclude_patterns": ["_build", "cache"],
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(folder / "cache"),
    }
    with patch_docutils(folder), docutils_namespace():
        options = {"status": None, "warning": warning, "warningiserror": True, "keep_going": True}
        options["parallel"] = parallel
        app = Sphinx(folder, None, out, folder / "_build/.doctrees", "html", config, **options)
        app.connect("env-before-read-docs", execute.open_cache)
        app.connect("doctree-read", execute.note_failures)
        app.connect("build-finished", execute.report_failures)
        app.build()
    return app.statuscode, warning.getvalue()


@pytest.mark.parametrize("parallel", [1, 3])
def test_a_failing_check_fails_every_build_until_it_is_mended(tmp_path, parallel):
    """MyST-NB is silent about it, when it has run the cell and when it has kept the result."""
    failing = page(("", "x = 1"), (MAY_FAIL, "assert x == 2, 'x is not 2'"))
    line = failing.splitlines().index("assert x == 2, 'x is not 2'")
    for _ in ("run", "nothing changed"):
        status, warnings = build(tmp_path, failing, parallel)
        assert status == 1
        assert f"index.md:{line}: WARNING: a check fails:\n" in warnings
        assert "AssertionError: x is not 2" in warnings
    (tmp_path / "_build/.doctrees/environment.pickle").unlink()
    status, warnings = build(tmp_path, failing, parallel)  # from the cache of results
    assert status == 1 and warnings.count("a check fails") == 1
    assert build(tmp_path, failing.replace("x = 1", "x = 2"), parallel) == (0, "")


@pytest.mark.parametrize("parallel", [1, 3])
def test_so_does_any_other_cell(tmp_path, parallel):
    failing = page(("", "1 / 0"), ("", "x = 1"))
    for _ in ("run", "nothing changed"):
        status, warnings = build(tmp_path, failing, parallel)
        assert status == 1
        assert "WARNING: the page does not run:" in warnings
        assert "ZeroDivisionError: division by zero" in warnings


def test_an_error_that_a_page_shows_on_purpose_is_none(tmp_path):
    assert build(tmp_path, page((":tags: [raises-exception]\n\n", "1 / 0"))) == (0, "")
