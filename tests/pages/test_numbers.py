"""Every number of the prose has a home in the cells of its section, and a changed one is seen."""

import random

import pytest

from book.pages import Page
from numbers_told import homeless, told
from test_form import CORE, DEPTH

PAGES = [page for page in CORE + DEPTH if page.executable]


@pytest.mark.parametrize("page", PAGES, ids=repr)
def test_every_number_has_a_home(page):
    missing = [f"{n.text} in {n.section!r}: {n.line.strip()[:90]}" for n in homeless(page)]
    assert missing == []


def mutated(page, number, draw):
    """Return the page with one digit of a number changed."""
    start, end = number.span
    digits = [at for at in range(start, end) if number.line[at].isdigit()]
    at = draw.choice(digits)
    digit = draw.choice([d for d in "123456789" if d != number.line[at]])
    line = number.line[:at] + digit + number.line[at + 1 :]
    return Page(page.path, page.text.replace(number.line, line, 1))


def survivors(seed=0, size=300):
    """Return how many changed digits were tried, and those that nobody noticed."""
    draw = random.Random(seed)
    drawn = [(page, n) for page in PAGES for n in told(page) if n.line in page.text]
    drawn = draw.sample(drawn, min(size, len(drawn)))
    return len(drawn), [
        (page.name, number.text, number.line)
        for page, number in drawn
        if not any(True for _ in homeless(mutated(page, number, draw)))
    ]


@pytest.mark.skipif(not PAGES, reason="no page has the new form")
def test_changed_digits_are_noticed():
    tried, unseen = survivors()
    assert len(unseen) <= tried / 10, unseen
