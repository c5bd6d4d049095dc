"""The comfort of reading, in a browser: search, previews, large figures, print."""

import re
from urllib.parse import urlencode

import pytest

from book.pages import HTML
from visits import each_width, overflow

# What readers type, and the section that answers it
ANSWERS = {
    "half-life": "exponential-averages.html#three-lengths-of-memory",
    "epsilon": "division.html#what-epsilon-does",
    "nan loss": "in-depth/diagnoses.html#the-loss-is-nan",
    "weight decay": "in-depth/weight-decay.html",
    "learning rate too high": "in-depth/diagnoses.html#the-loss-falls-then-hovers-or-worsens",
    "loss spikes": "in-depth/diagnoses.html#a-spike-after-a-long-calm",
    "keras": "conventions.html#from-one-library-to-another",
    "resume training": "pytorch.html#keep-the-state",
    "which rho": "exponential-averages.html#choose-the-decay-by-two-numbers",
    "centered": "centered.html",
    "momentum 0.9": "momentum-and-adam.html#steps-that-add-up",
    "why not adam": "summary.html#which-method",
}


@pytest.mark.parametrize("address", ["site", "disk"])
def test_search(visit, site, address):
    """The right section comes first or second, with words of its prose if they can be had."""
    root = site if address == "site" else HTML.as_uri() + "/"
    for query, answer in ANSWERS.items():
        with visit(f"{root}search.html?{urlencode({'q': query})}") as page:
            page.get_by_text("Sections found").wait_for()
            links = page.locator("#search-results li > a")
            found = links.evaluate_all("(all) => all.slice(0, 2).map((a) => a.href)")
            assert f"{root}chapters/{answer}" in found, query
            page.wait_for_load_state("networkidle")
            excerpts = page.locator("#search-results .context").all_inner_texts()
            sections = page.locator("#search-results li:not(:has(> span))")  # no name of code
            assert len(excerpts) == (sections.count() if address == "site" else 0)
            assert [text for text in excerpts if re.search(r"import |assert |print\(", text)] == []
            assert page.errors == []


CLOSER = [  # a page, a link on it, and what the preview says
    ("adagrad", "a[href*='bibliography.html#']", "Mukkamala"),
    ("exponential-averages", "a[href='#equation-eq-average-unrolled']", "(2."),
    ("limits", "a[href='#fig-limits-orbit']", "Fig. 6."),
    ("adagrad", "a[href*='adagrad-finite-sum.html#thm-ada-positive']", "Theorem"),
    ("conventions", "a[href*='.html#equation-']", "("),
]


@pytest.mark.parametrize(("name", "link", "text"), CLOSER)
def test_a_link_shows_what_it_leads_to(visit, site, name, link, text):
    with visit(f"{site}chapters/{name}.html") as page:
        link, box = page.locator(f".bd-article {link}:visible").first, page.locator("#closer")
        before = page.evaluate("document.body.scrollHeight")
        link.focus()
        box.wait_for(state="visible")
        assert text in box.inner_text()
        assert link.get_attribute("aria-describedby") == "closer"
        assert page.evaluate("document.body.scrollHeight") == before and overflow(page) <= 0
        page.keyboard.press("Escape")
        assert box.is_hidden()
        link.hover()
        box.wait_for(state="visible")
        box.hover()
        page.wait_for_timeout(400)
        assert box.is_visible()  # can be read, and scrolled, with the mouse
        assert [url for url in page.requests if not url.startswith((site, "data:"))] == []
        assert page.errors == []


def test_a_link_shows_what_it_leads_to_from_disk(visit):
    for name, link, text in CLOSER[:3]:  # other pages cannot be read there
        with visit((HTML / f"chapters/{name}.html").as_uri()) as page:
            page.locator(f".bd-article {link}:visible").first.focus()
            page.locator("#closer").wait_for(state="visible")
            assert text in page.locator("#closer").inner_text()
            assert page.errors == []


@pytest.mark.parametrize("name", ["limits", "summary"])
def test_print_has_numbers_and_no_empty_frames(visit, site, name):
    with visit(f"{site}chapters/{name}.html") as page:
        page.emulate_media(media="print")
        assert re.match(r"\d+\. ", page.locator(".bd-article h1:visible").inner_text())
        assert page.locator("h1:visible").count() == 1
        assert page.locator("#jb-print-toc:visible, details.hide:not([open]):visible").count() == 0
        solutions = page.locator(".solution .sd-card-text:visible").count()
        assert (solutions == 0) == (name == "summary")
        before = "(caption) => getComputedStyle(caption, '::before').content"
        for caption in page.locator("figcaption .caption-text").all():
            assert "opens" not in caption.evaluate(before)


def sheets(page):
    """Return how many sheets of paper a page takes."""
    return len(re.findall(rb"/Type /Page\b", page.pdf(format="A4", prefer_css_page_size=True)))


def test_the_summary_is_two_sheets_and_its_exercises_a_third(visit, site):
    with visit(f"{site}chapters/summary.html") as page:
        assert sheets(page) == 3


@each_width
def test_a_figure_opens_large(visit, site, viewport):
    with visit(f"{site}chapters/adagrad.html", viewport=viewport) as page:
        image, large = page.locator("figure img").first, page.locator("dialog.enlarged")
        for opens in (lambda: image.press("Enter"), image.click):
            opens()
            assert large.locator("img").get_attribute("src") == image.evaluate("(i) => i.src")
            width = "(i) => i.getBoundingClientRect().width"
            assert large.locator("img").evaluate(width) > 1.2 * image.evaluate(width)
            page.keyboard.press("Escape")
            assert large.is_hidden()
            assert image.evaluate("(i) => i === document.activeElement") or opens == image.click
        assert page.errors == []
