"""Math is typeset by the build, and bad TeX is a warning."""

import pytest
from docutils import nodes

import katex_math


@pytest.fixture
def warnings(monkeypatch):
    """Return what the extension warns of, in a list that grows."""
    found = []
    monkeypatch.setattr(
        katex_math.log, "warning", lambda text, *values, location: found.append(text % values)
    )
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
    html = katex_math.to_html(nodes.math_block(tex, tex), display=True)
    assert "katex-display" in html
    assert warnings == []


@pytest.mark.parametrize(
    "tex", [r"\frac{1", r"\undefined", "é", r"a = b \\ c = d", "a & b", r"\begin{align} a"]
)
def test_bad(tex, warnings):
    assert "math error" in katex_math.to_html(nodes.math_block(tex, tex), display=True)
    assert len(warnings) == 1


def test_numbered_lines_are_left_to_sphinx(warnings):
    tex = r"\begin{align} a &= b \\ &= c \end{align}"
    html = katex_math.to_html(nodes.math_block(tex, tex), display=True)
    assert 'class="tag"' not in html
    assert "eqn-num" not in html
