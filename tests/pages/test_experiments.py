"""A reader may change a number of a visible cell: only checks cells object.

One number of every third core page is tried here, one of every page in ``.ci/run``;
``python tests/pages/experiments.py`` tries all numbers.
"""

import os
import subprocess
import sys

import pytest

import experiments
from book.pages import PAGES, Page
from experiments import Change, changes, edited, literals, rest
from test_form import CORE, DEPTH
from test_notebooks import page as written

not_on_windows = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks and sets an alarm")


@not_on_windows
def test_an_experiment_is_welcome():
    """In a process of its own: other tests start threads, which no fork survives."""
    pages = CORE[::3]
    command = [sys.executable, "tests/pages/experiments.py", "--each", "1"]
    done = subprocess.run(
        command + [page.name for page in pages],
        cwd=CORE[0].path.parents[1],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        encoding="utf8",
    )
    due = f"{len(pages)} changes in all, 0 objections"
    assert done.returncode == 0 and due in done.stdout, done.stdout


def test_what_is_changed():
    source = (
        "x = np.zeros(20)\ny = x[12] + 0.5 * 30\nrng = default_rng(seed=25)\nprint(f'{y:.15f}')"
    )
    assert [node.value for node in literals(source)] == [0.5, 30]
    change = Change("page", 0, (2, 18, 20), 30, 33)
    assert edited(source, change).split("\n")[1] == "y = x[12] + 0.5 * 33"


@not_on_windows
@pytest.mark.parametrize("tags, objects", [([], True), (["checks"], False)])
def test_only_checks_may_object(tags, objects):
    page = Page(PAGES[0].path, written("x = 20", (tags, "assert x == 20")))
    change = Change(page.name, 0, (1, 4, 6), 20, 22)
    assert len(page.cells) == 2 and bool(rest(page, 0, {}, change)) == objects


@not_on_windows
def test_an_endless_loop_is_an_objection(monkeypatch):
    monkeypatch.setattr(experiments, "LONGEST", 1)
    page = Page(PAGES[0].path, written("x = 20\nwhile x > 20:\n    pass"))
    change = Change(page.name, 0, (1, 4, 6), 20, 22)
    assert "TimeoutError: more than 1 seconds" in rest(page, 0, {}, change)


def test_there_is_something_to_change():
    assert all(changes(page) for page in CORE + DEPTH)
