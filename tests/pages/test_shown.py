"""What a reader would see changed is told from what is the same."""

import io

import matplotlib.pyplot as plt
import pytest

from shown import differences, figure, shown

DRAWINGS = {
    "line": lambda ax, y: ax.plot([0, 1, 2], [0, y, 9]),
    "contour": lambda ax, y: ax.contour([[0, 1, 2], [1, y, 2], [0, 1, 9]]),
    "markers": lambda ax, y: ax.plot([0, 1, 2], [0, y, 9], "o"),
    "scatter": lambda ax, y: ax.scatter([0, 1, 2], [0, y, 9]),
    "bars": lambda ax, y: ax.bar([1, 2, 3], [9, y, 8]),
    "area": lambda ax, y: ax.fill_between([0, 1, 2], [0, y, 9]),
    "image": lambda ax, y: ax.imshow([[0, 9], [y, 9]]),
    "mesh": lambda ax, y: ax.pcolormesh([[0, 1, 2], [1, y, 2], [0, 1, 9]]),
    "word": lambda ax, y: ax.text(0.5, 0.5, f"{y:.3f}"),
    "tick label": lambda ax, y: ax.set_yticks([0, y, 9]),
}


def draw(kind, y, **options):
    """Return what is seen of a drawing in which one value is `y`."""
    fig, ax = plt.subplots()
    ax.set(xlim=(0, 3), ylim=(0, 10), **options)
    DRAWINGS[kind](ax, y)
    svg = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "same"}):
        fig.savefig(svg, format="svg", metadata={"Date": None})
    plt.close(fig)
    return figure(svg.getvalue())


@pytest.mark.parametrize("kind", DRAWINGS)
def test_drawing(kind):
    kept = draw(kind, 4.0)
    assert list(differences(draw(kind, 4.0), kept)) == []
    assert list(differences(draw(kind, 4.00001), kept)) == []
    assert list(differences(draw(kind, 4.2), kept)) != []


def test_color():
    fig, ax = plt.subplots()
    lines = []
    for color in ("#2a7de1", "#d55e00"):
        svg = io.StringIO()
        for line in ax.lines or ax.plot([0, 1]):
            line.set_color(color)
        fig.savefig(svg, format="svg")
        lines.append(figure(svg.getvalue()))
    plt.close(fig)
    assert list(differences(*lines)) != []


def display(kind="display_data", **data):
    """Return an output as a kernel gives it."""
    return {"output_type": kind, "data": data, "metadata": {}}


def test_text():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
        display(**{"text/plain": "1.5"}),
        {"output_type": "error", "ename": "ValueError", "evalue": "no"},
    ]
    assert shown("x", outputs) == ["a", "b", "1.5", "ValueError: no"]


def test_final_semicolon():
    result = display("execute_result", **{"text/plain": "[<Line2D>]"})
    for source in ("f();", "f();  # note", "f(';');"):
        assert shown(source, [result]) == []
    for source in ("f()", "f()  # note;", "';'"):
        assert shown(source, [result]) == ["[<Line2D>]"]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ({"output_type": "stream", "name": "stderr", "text": "oops"}, "oops"),
        (display(**{"image/png": ""}), "not SVG"),
    ],
)
def test_what_no_page_should_show(output, message):
    with pytest.raises(ValueError, match=message):
        shown("x", [output])


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ("0.50001", "0.5"),
        ("[ 1.  -2e-05]", "[1. -2.0000e-05]"),
        ("1e-13", "-1e-15"),
        ("-0.0", "0.0"),
    ],
)
def test_same_text(now, kept):
    assert list(differences([now], [kept])) == []


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ("0.501", "0.5"),
        ("-0.5", "0.5"),
        ("2e-10", "3e-10"),
        ("nan", "0.5"),
        ("1 2", "1 2 3"),
        ("a 1", "b 1"),
        ("svg word 0.1", "svg word 0.2"),
    ],
)
def test_different_text(now, kept):
    assert list(differences([now], [kept])) != []
