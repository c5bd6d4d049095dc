"""The helpers draw on the axes that they are given, and one method looks one way."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rmsprop import problems
from rmsprop.plotting import CYCLE, LOOKS, contours, look, path


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def contrast(one, other):
    """Contrast ratio of two colours as WCAG 2 defines it."""

    def luminance(colour):
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_methods_differ_without_colour_and_show_on_light_and_dark():
    assert len({str(look["linestyle"]) for look in LOOKS.values()}) == len(LOOKS)
    assert len({look["color"] for look in LOOKS.values()}) == len(LOOKS)
    for colour in [method["color"] for method in LOOKS.values()] + CYCLE:
        assert contrast(colour, "#ffffff") >= 3
        assert contrast(colour, "#121212") >= 3


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method must be one of SGD, .*, got 'Nadam'"):
        look("Nadam")


def test_a_path_has_a_point_for_each_step(ax):
    theta = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    assert path(ax, theta, "AdaGrad", label="mine") is ax
    (line,) = ax.lines
    assert line.get_xydata().tolist() == theta.tolist()
    assert line.get_color() == LOOKS["AdaGrad"]["color"] and line.get_label() == "mine"


def test_contours_follow_the_loss_and_leave_the_limits(ax):
    ax.set(xlim=(-1, 2), ylim=(-3, 4))
    bowl = problems.Quadratic([2, 1])
    assert contours(ax, bowl, levels=5) is ax
    assert ax.get_xlim() == (-1, 2) and ax.get_ylim() == (-3, 4)
    levels = ax.collections[0].levels
    assert len(levels) == 5
    lines = ax.collections[0].get_paths()
    for level, line in list(zip(levels, lines, strict=True))[2:-1]:
        np.testing.assert_allclose(bowl.loss(line.vertices.T), level, rtol=0.05)
