"""The book in a browser otherwise than page by page: from disk, on paper, and its indices.

A file of its own, since the tests of a file share a process.
"""

from book.pages import HTML
from visits import PAGES, each_page, load_all

PAPER = {"width": 688, "height": 1000}  # a sheet of A4 without its margins


def test_no_page_that_is_built_has_an_error(visit, site):
    """Those that no table of contents names: indices, listings of code, the search."""
    every = {path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html")}
    others = [name for name in sorted(every - set(PAGES)) if not name.startswith("_static/")]
    with visit("about:blank") as page:
        for name in others:
            page.goto(site + name)
            page.wait_for_load_state("networkidle")  # going on cuts off what is asked for late
            assert page.errors == [], name
    assert {"search.html", "genindex.html", "_modules/index.html"} <= set(others)


@each_page
def test_page_from_disk(visit, name):
    with visit((HTML / name).as_uri()) as page:
        assert load_all(page) == []
        assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
        assert page.errors == []
        faces = page.evaluate("document.fonts.ready.then((all) => [...all].map((f) => f.status))")
        assert "error" not in faces


def test_paper_holds_every_page(visit, site):
    """Nothing runs out at the right, and nothing that should be seen at once is cut."""
    with visit("about:blank", viewport=PAPER) as page:
        page.emulate_media(media="print")
        for name in PAGES:
            page.goto(site + name)
            page.evaluate("document.fonts.ready")
            assert page.evaluate(CUT) == [], name


CUT = """() => {
    const article = document.querySelector(".bd-article");
    const end = article.getBoundingClientRect().right + 1;
    const right = (element) => element.getBoundingClientRect().right;
    const parted = (element) => getComputedStyle(element).breakInside !== "avoid";
    const seen = (selector) =>
        [...article.querySelectorAll(selector)].filter((element) => element.checkVisibility());
    const wrong = [
        ...seen("table, pre, math, img, p, li").filter((e) => right(e) > end),
        ...seen("pre, div.math > math").filter((e) => e.scrollWidth > e.clientWidth + 1),
        ...seen("figure, pre, div.math, tr").filter(parted),
    ];
    return wrong.map((element) => element.tagName + ": " + element.textContent.trim());
}"""
