"""Every number of the prose has a home in the cells of its section, and a changed one is seen."""

import random

import pytest

from numbers_told import homeless, homes, numbers, told
from test_form import CORE, DEPTH

PAGES = CORE + DEPTH


@pytest.mark.parametrize("page", PAGES, ids=repr)
def test_every_number_has_a_home(page):
    missing = [f"{n.text} in {n.section!r}: {n.line.strip()[:90]}" for n in homeless(page)]
    assert missing == []


def mutated(number, draw):
    """Return the line of a number with one of its digits changed."""
    start, end = number.span
    at = draw.choice([at for at in range(start, end) if number.line[at].isdigit()])
    digit = draw.choice([d for d in "123456789" if d != number.line[at]])
    return number.line[:at] + digit + number.line[at + 1 :]


def survivors(seed, size):
    """Return those of some changed digits that nobody noticed."""
    draw = random.Random(seed)
    known = {page: homes(page) for page in PAGES}  # the cells stay as they are
    drawn = draw.sample([(page, number) for page in PAGES for number in told(page)], size)
    return [
        (page.name, number.text, number.line)
        for page, number in drawn
        if all(set(at) & known[page][number.section] for _, at, _ in numbers(mutated(number, draw)))
    ]


def test_changed_digits_are_noticed():
    assert len(survivors(seed=0, size=1000)) <= 100
