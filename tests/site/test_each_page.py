"""Each page in a browser: what it loads, how it fits the screen, who can use it."""

import re
from importlib.resources import files

import pytest

from book.pages import HTML
from chromium import NARROW, WIDE
from visits import PAGES, each_page, load_all, overflow

# All rules in dark, on a narrow page; in light, on a wide one, only what may differ there.
AXE = {
    "dark": {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        # the theme's search button, and the summary of every folded cell
        "rules": {"label-content-name-mismatch": {"enabled": False}},
        "preload": False,  # else axe fetches the style sheets once more
    },
    "light": {"runOnly": ["color-contrast", "link-in-text-block"], "preload": False},
}
# axe takes its time over each letter. Formulas have the colour of the text around them, so it
# looks at those of one page; code has a few colours, which have a test of their own.
WITH_MATH = "chapters/reference/notation.html"
LEFT_OUT = [["math"], [".highlight"]]


@each_page
def test_page(visit, site, name):
    """In one visit: what it loads, how it fits and who can use it, light and dark."""
    sizes = {}
    with visit("about:blank") as page:
        page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
        page.goto(site + name)
        page.wait_for_load_state("networkidle")
        # What comes before a reader scrolls; figures come when they are near.
        assert sum(sizes.values()) <= 550 * 1000
        assert sizes[site + name] <= 60 * 1000

        for viewport, scheme in ((WIDE, "light"), (NARROW, "dark")):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            page.wait_for_function(REACHABLE)  # the theme sees to it a while after the change
            assert load_all(page) == []
            assert overflow(page) <= 0
            assert page.evaluate(BROKEN) == []
            if viewport == WIDE:
                assert page.evaluate(TOO_LONG) == []
            page.wait_for_function(f"({NO_HINT}).length === 0")  # seen to a while after, too
            assert barriers(page, scheme, LEFT_OUT[name == WITH_MATH :]) == []
        open_by_keyboard(page)
        assert [url for url in page.requests if not url.startswith((site, "data:", "about:"))] == []
        assert page.errors == []


def barriers(page, scheme, left_out):
    """Return what axe finds on a page that has the colours of a scheme."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf8"))
    what = [{"exclude": left_out}, AXE[scheme]]
    found = page.evaluate("([what, how]) => axe.run(what, how)", what)
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]]


@pytest.mark.parametrize("scheme", AXE)
def test_each_colour_of_code_is_legible(visit, site, scheme):
    """One word for each kind that the style sheet knows, in the place of a page's text."""
    kinds = re.findall(r"\.highlight \.(\w+) ", (HTML / "_static/pygments.css").read_text("utf8"))
    words = "".join(f'<span class="{kind}">word</span>\n' for kind in sorted(set(kinds)))
    assert len(words.splitlines()) > 60
    with visit(site + PAGES[1], color_scheme=scheme) as page:
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        pre = page.locator(".bd-article .cell_input .highlight pre:visible").first
        pre.evaluate("(pre, words) => { pre.innerHTML = words; }", words)
        assert barriers(page, scheme, [["math"]]) == []


REACHABLE = """[...document.querySelectorAll("pre")].every(
    (pre) => pre.scrollWidth <= pre.clientWidth || pre.tabIndex === 0)"""


# Formulas whose comma stands on another line
BROKEN = """[...document.querySelectorAll(".bound")]
    .filter((bound) => bound.getClientRects().length > 1).map((bound) => bound.textContent)"""


# Code and formulas that do not fit between the side bars
TOO_LONG = """[...document.querySelectorAll(".bd-article :is(.cell_input pre, div.math > math)")]
    .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.textContent.trim())"""


# What is seen, scrolls sideways and does not fade, and names that break inside a cell
NO_HINT = """[
    ...[...document.querySelectorAll(".bd-article :is(table.table, pre, div.math > math)")].filter(
        (box) => box.checkVisibility({contentVisibilityAuto: true}) &&
            box.scrollWidth > box.clientWidth + 1 && !box.classList.contains("goes-on")),
    ...[...document.querySelectorAll(".bd-article td:not(#every-claim td) code .pre")].filter(
        (name) => !/[\\s-]/.test(name.textContent) && name.getClientRects().length > 1),
].map((element) => element.textContent.trim())"""


def open_by_keyboard(page):
    """Open the first and the last of what is folded."""
    folded = page.query_selector_all(".bd-article details:not([open]) > summary")
    for summary in {*folded[:1], *folded[-1:]}:
        summary.focus()
        assert summary.evaluate("(s) => s.parentElement.open") is False
        page.keyboard.press("Enter")
        assert summary.evaluate("(s) => s.parentElement.open") is True
        assert summary.evaluate("(s) => s.nextElementSibling.checkVisibility()")
