"""The calls that the page on schedules prints give the rates of its formulas."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from book.pages import CHAPTERS

ETA, R, N = 0.01, 0.6, 10
FORMULAS = {  # and how many steps they hold for
    "exponential": (lambda t: ETA * R ** (t / N), 3 * N),
    "staircase": (lambda t: ETA * R ** (t // N), 3 * N),
    "inverse time": (lambda t: ETA / (1 + R * t / N), 3 * N),
    "half cosine": (lambda t: ETA * (1 + np.cos(np.pi * t / N)) / 2, N),
    "linear": (lambda t: ETA * (1 - t / N), N),
}
LIBRARIES = ("PyTorch", "Keras", "optax")


def calls():
    """Yield the calls of the page's table: schedule, library, call."""
    text = (CHAPTERS / "in-depth/schedules-and-clipping.md").read_text("utf8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in FORMULAS:
            for library, call in zip(LIBRARIES, cells[2:], strict=True):
                if call.startswith("`"):
                    yield cells[0], library, call.strip("`")


def schedules_of(library, tmp_path, monkeypatch):
    """Return what a library has of schedules, by name."""
    if library == "PyTorch":
        return vars(lr_scheduler)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    install = "python -m pip install --no-deps -r tests/package/libraries.txt"
    found = pytest.importorskip(library.lower(), reason=f"left out for want of it: {install}")
    return vars(found.optimizers.schedules if library == "Keras" else found)


@pytest.mark.parametrize(("name", "library", "call"), list(calls()))
def test_the_rates_are_those_of_the_formula(name, library, call, tmp_path, monkeypatch):
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.ones(1)
    names = {"eta": ETA, "r": R, "n": N, "o": torch.optim.RMSprop([weight], lr=ETA)}
    schedule = eval(call, dict(schedules_of(library, tmp_path, monkeypatch)) | names)
    formula, steps = FORMULAS[name]
    rates = []
    for t in range(steps + 1):
        if library == "PyTorch":
            rates.append(names["o"].param_groups[0]["lr"])
            names["o"].step()
            schedule.step()
        else:
            rates.append(float(schedule(t)))
    expected = [formula(t) for t in range(steps + 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-4, atol=1e-8)


def test_the_table_is_read():
    assert len(list(calls())) == 14
