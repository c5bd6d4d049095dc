"""The execution cache depends on everything that a page's results depend on."""

from types import SimpleNamespace

import pytest

import fresh


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
        "chapters/runs.csv",
        "chapters/index.md",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def digest(root):
    config = SimpleNamespace()
    fresh.name_cache(SimpleNamespace(srcdir=root), config)
    assert config.inputs_digest in config.nb_execution_cache_path
    return config.inputs_digest


@pytest.mark.parametrize(
    "name",
    ["requirements.txt", "constraints.txt", "code/rmsprop/sgd.py", "code/rmsprop/data.npz"]
    + ["assignments/01-averages.md", "chapters/runs.csv", "code/rmsprop/new.py"],
)
def test_a_change_that_may_matter_names_another_cache(book, name):
    before = digest(book)
    (book / name).write_text("changed")
    assert digest(book) != before


@pytest.mark.parametrize("name", ["code/rmsprop/__pycache__/sgd.pyc", "chapters/index.md"])
def test_others_do_not(book, name):
    before = digest(book)
    (book / name).write_text("changed")
    assert digest(book) == before
