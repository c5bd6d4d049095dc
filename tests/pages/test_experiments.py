"""A reader may change a number of a visible cell: only checks cells object.

One number of each core page is tried here; ``python tests/pages/experiments.py`` tries all.
"""

import os

import matplotlib
import pytest

from experiments import Change, alone, changes, edited, literals, sample
from test_form import CORE, NOTEBOOKS

DRAWN = sample(CORE, each=1, seed=len(CORE))


def label(value):
    """Return a short name for a change."""
    if isinstance(value, Change):
        return f"{value.page}-cell{value.cell}-{value.old}-to-{value.new}"
    return ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs pages in forked processes")
@pytest.mark.parametrize(("page", "change"), DRAWN, ids=label)
def test_an_experiment_is_welcome(page, change):
    matplotlib.use("Agg")
    assert alone(page, change) is None


def test_what_is_changed():
    source = (
        "x = np.zeros(20)\ny = x[12] + 0.5 * 30\nrng = default_rng(seed=25)\nprint(f'{y:.15f}')"
    )
    assert [node.value for node in literals(source)] == [0.5, 30]
    change = Change("page", 0, (2, 18, 20), 30, 33)
    assert edited(source, change).split("\n")[1] == "y = x[12] + 0.5 * 33"


def test_there_is_something_to_change():
    assert all(changes(page) for page in NOTEBOOKS if len(page.cells) > 5)
