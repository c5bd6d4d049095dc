"""A notebook can be had without the solutions of its exercises."""

from copy import deepcopy

import nbformat
import pytest

from book.pages import PAGES
from without_solutions import without_solutions

START = ":::{solution-start} ex-a\n:class: dropdown\n:::"
END = ":::{solution-end}\n:::"


def markdown(*blocks):
    return {"cell_type": "markdown", "source": "\n\n".join(blocks)}


def code(source):
    return {"cell_type": "code", "source": source}


def sources(*cells):
    return [cell["source"] for cell in without_solutions(list(cells))]


def test_no_solution():
    assert sources(markdown("Text."), code("1"), code("")) == ["Text.", "1", ""]


def test_solution_within_a_cell():
    assert sources(markdown("Ask.", START, "Derive.", END, "Go on.")) == ["Ask.", "", "Go on."]


def test_solution_over_several_cells():
    cells = [markdown("Ask.", START), code("2"), markdown("So:"), code("3"), markdown(END)]
    assert sources(*cells, code("4")) == ["Ask.", "", "4"]


def test_a_directive_is_one_only_at_the_start_of_a_line():
    text = f"Write `{END}`."
    assert sources(markdown(text)) == [text]


def test_the_given_cells_stay():
    cells = [markdown("Ask.", START), code("2"), markdown(END)]
    before = deepcopy(cells)
    without_solutions(cells)
    assert cells == before


@pytest.mark.parametrize("blocks", [(START,), (END,), (START, START, END), (START, END, END)])
def test_unbalanced(blocks):
    with pytest.raises(ValueError, match="solution-(start|end)"):
        sources(markdown(*blocks))


@pytest.mark.parametrize("page", [p for p in PAGES if p.exercises], ids=repr)
def test_pages(page):
    cells = without_solutions(page.notebook)
    nb = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])
    nbformat.validate(nb)
    text = "\n\n".join(cell["source"] for cell in cells)
    assert "solution-" not in text
    assert [exercise.task in text for exercise in page.exercises] == [True] * len(page.exercises)
    answers = sum(cell["source"] == "" for cell in cells)
    assert answers == len(page.exercises)
    solved = sum(len(exercise.cells) for exercise in page.exercises)
    assert sum(c["cell_type"] == "code" for c in cells) == len(page.cells) - solved + answers
