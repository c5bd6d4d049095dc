"""Math is typeset by the build, and bad TeX is a warning."""

import html
import re

import pytest
from docutils import nodes
from fontTools.ttLib import TTFont

from book import math
from book.pages import PAGES, ROOT

FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$", re.DOTALL)


@pytest.fixture
def warnings(monkeypatch):
    """Return where the extension warns, in a list that grows."""
    found = []
    monkeypatch.setattr(math.log, "warning", lambda *values, location: found.append(location))
    return found


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\eta}{\sqrt{v_t}} \quad \text{naïve}",
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{align} a &= b \\ &= c \end{align}",
        r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}",
    ],
)
def test_good(tex, warnings):
    mathml = math.to_mathml(nodes.math_block(tex, tex), display=True)
    assert mathml.startswith('<math display="block"')
    assert warnings == []


@pytest.mark.parametrize(
    "tex", [r"\frac{1", r"\undefined", "é", r"a = b \\ c = d", "a & b", r"\begin{align} a"]
)
def test_bad(tex, warnings):
    paragraph = nodes.paragraph("", "", node := nodes.math(tex, tex))
    paragraph.source, paragraph.line = "page.md", 7  # which the formula itself may not know
    assert "math error" in math.to_mathml(node, display=True)
    assert warnings == ["page.md:7"]


def test_numbered_lines_are_left_to_sphinx(warnings):
    tex = r"\begin{align} a &= b \\ &= c \end{align}"
    mathml = math.to_mathml(nodes.math_block(tex, tex), display=True)
    assert "tml-eqn" not in mathml and "(1)" not in mathml
    assert "tml-eqn" in math.renderer()(tex, True)


def test_a_function_stands_apart_from_what_precedes_it(warnings):
    tex = r"\eta^2 \ln x"
    mathml = math.to_mathml(nodes.math(tex, tex), display=False)
    assert re.search("</msup><mspace[^>]*></mspace><mrow><mi>ln</mi>", mathml)


def test_subscripts_hang_alike_under_low_letters(warnings):
    tex = r"g_t + \eta_t^2 + v_t"
    mathml = math.to_mathml(nodes.math(tex, tex), display=False)
    hidden = [f'<mpadded depth="0"><mi>{letter}</mi></mpadded>' for letter in "gη"]
    assert all(letter in mathml for letter in hidden) and "<msub><mi>v</mi>" in mathml


def test_the_face_has_every_character_that_the_book_sets():
    letters = {character for page in PAGES for character in characters(page)}
    face = TTFont(ROOT / "assets/math/latin-modern-math.woff2").getBestCmap()
    assert {c for c in letters if ord(c) not in face} == set()


def characters(page):
    """Yield the characters that a page's formulas show, letters in their italic form."""
    for display, inline in FORMULA.findall(page.prose):
        tex = (display or inline).replace("\n> ", "\n")
        mathml = math.to_mathml(nodes.math(tex, tex), display=bool(display))
        yield from html.unescape(re.sub("<mi>(.)</mi>|<[^>]*>", r" ", mathml))
        yield from map(italic, html.unescape("".join(re.findall("<mi>(.|&[a-z]+;)</mi>", mathml))))


def italic(letter):
    """Return the character that a browser shows for a single letter."""
    if letter == "h":
        return "\N{PLANCK CONSTANT}"
    for first, italics in (("A", 0x1D434), ("a", 0x1D44E), ("Α", 0x1D6E2), ("α", 0x1D6FC)):
        if 0 <= ord(letter) - ord(first) < (26 if first in "Aa" else 25):
            return chr(italics + ord(letter) - ord(first))
    return letter


def test_every_root_holds_a_strut(warnings):
    tex = r"\sqrt{v} + \sqrt{1 + \sqrt{\epsilon}}"
    mathml = math.to_mathml(nodes.math(tex, tex), display=False)
    roots = re.findall("</msqrt>", mathml)
    assert len(roots) == mathml.count(math.STRUT + "</msqrt>") == 3
