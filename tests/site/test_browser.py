"""The pages in a real browser: what they load, how they fit, who can use them."""

import re
import shutil
from contextlib import contextmanager
from importlib.resources import files
from importlib.util import find_spec
from urllib.parse import urlencode

import pytest

from book.pages import HTML, ROOT, Page, contents
from served import served

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NEEDS = ("playwright", "axe_playwright_python")
MISSING = [name for name in NEEDS if not find_spec(name)] + ["chromium"] * (not BROWSER)
if MISSING:
    pytest.skip(
        f"left out for want of {', '.join(MISSING)}: install Chromium, and "
        "python -m pip install --no-deps -r tests/site/browser.txt",
        allow_module_level=True,
    )

from playwright.sync_api import sync_playwright  # noqa: E402 - only where it is installed

pytestmark = pytest.mark.usefixtures("build")

PAGES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in contents()]
EXPLORE = {  # the page of each explorable figure
    kind: name
    for name, path in zip(PAGES, contents(), strict=True)
    for cell in Page(path).cells
    if (kind := cell.metadata.get("explorable", {}).get("kind"))
}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAPER = {"width": 688, "height": 1000}  # a sheet of A4 without its margins
# No request of the browser's own
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
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
# Formulas have the colour of the text around them, and axe takes its time over each letter:
# it looks at those of one page.
WITH_MATH = "chapters/reference/notation.html"

each_page = pytest.mark.parametrize("name", PAGES)
each_kind = pytest.mark.parametrize("kind", EXPLORE)
each_width = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])


@pytest.fixture(scope="module")
def site():
    """Serve the book; give its address."""
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """Start Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=BROWSER, args=QUIET)


@pytest.fixture
def visit(browser):
    """Return a function that opens a page and keeps what the browser says of it."""

    @contextmanager
    def opened(url, **options):
        context = browser.new_context(**{"viewport": WIDE, **options})
        page = context.new_page()
        page.requests, page.errors = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("requestfailed", lambda request: page.errors.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and page.errors.append(message.text),
        )
        page.goto(url)
        yield page
        context.close()

    return opened


def overflow(page):
    """Return by how many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def load_all(page):
    """Load the pictures that wait until they come near; return those that fail."""
    return page.evaluate("""async () => {
        const images = [...document.images].filter((image) => image.checkVisibility());
        for (const image of images) image.loading = "eager";
        await Promise.all(images.map((image) => image.decode().catch(() => null)));
        return images.filter((image) => !image.naturalWidth).map((image) => image.src);
    }""")


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

        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf8"))
        for viewport, scheme in ((WIDE, "light"), (NARROW, "dark")):
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
            page.wait_for_function(REACHABLE)  # the theme sees to it a while after the change
            assert load_all(page) == []
            assert overflow(page) <= 0
            assert page.evaluate(BROKEN) == []
            page.wait_for_function(f"({NO_HINT}).length === 0")  # seen to a while after, too
            what = {"exclude": [] if name == WITH_MATH else [["math"]]}
            found = page.evaluate("([what, how]) => axe.run(what, how)", [what, AXE[scheme]])
            found = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]]
            assert found == []
        open_by_keyboard(page)
        assert [url for url in page.requests if not url.startswith((site, "data:", "about:"))] == []
        assert page.errors == []


REACHABLE = """[...document.querySelectorAll("pre")].every(
    (pre) => pre.scrollWidth <= pre.clientWidth || pre.tabIndex === 0)"""


# Formulas whose comma stands on another line
BROKEN = """[...document.querySelectorAll(".bound")]
    .filter((bound) => bound.getClientRects().length > 1).map((bound) => bound.textContent)"""


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


def value(element, name):
    """Return what is written beside a slider."""
    return element.locator(f"input[name={name}] + output").inner_text()


@each_kind
@pytest.mark.parametrize("address", ["site", "disk"])
def test_explorable_works_by_keyboard(visit, site, kind, address):
    root = site if address == "site" else HTML.as_uri() + "/"
    with visit(root + EXPLORE[kind]) as page:
        element = page.locator(f"explore-{kind}")
        status = element.locator("[role=status]")
        assert page.locator(".to-try:visible").count() == 1
        for slider in element.locator("input").all():
            before = {
                "drawing": element.locator(".panels").inner_html(),
                "output": slider.locator("+ output").inner_text(),
                "spoken": slider.get_attribute("aria-valuetext"),
                "said": status.inner_text(),
            }
            shown = element.locator(".said")
            at_end = slider.evaluate("(input) => input.value === input.max")
            one, all_the_way = ("ArrowDown", "Home") if at_end else ("ArrowUp", "End")
            slider.focus()
            page.keyboard.press(one)
            assert slider.locator("+ output").inner_text() != before["output"]
            page.keyboard.press(all_the_way)
            assert element.locator(".panels").inner_html() != before["drawing"]
            assert slider.locator("+ output").inner_text() != before["output"]
            assert shown.inner_text() != before["said"]  # at once; it is spoken after a pause
            assert slider.get_attribute("aria-valuetext") != before["spoken"]
            page.wait_for_function(
                "([p, said]) => p.textContent !== said",
                arg=[status.element_handle(), before["said"]],
            )
            element.get_by_role("button").focus()
            page.keyboard.press("Enter")
            assert element.locator(".panels").inner_html() == before["drawing"]
        assert page.errors == []


def start(page):
    """Return where the paths start."""
    return page.locator("explore-descent .handle").get_attribute("aria-valuetext")


def test_start_is_moved_by_keys_mouse_and_touch(visit, site):
    with visit(site + EXPLORE["descent"], has_touch=True) as page:
        handle = page.locator("explore-descent .handle")
        assert start(page) == "x -4.1, y 9.2"
        handle.focus()
        for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
            page.keyboard.press(key)
        assert start(page) == "x -3.0, y 9.1"

        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 60, y + 40, steps=3)
        page.mouse.up()
        moved = start(page)
        assert moved != "x -3.0, y 9.1"
        page.mouse.move(x, y)
        assert start(page) == moved

        scrolled = page.evaluate("scrollY")
        touch = page.context.new_cdp_session(page)
        places = [(x + 60, y + 40), (x + 30, y + 60), (x, y + 70)]
        kinds = ["touchStart", "touchMove", "touchMove"]
        for kind, (px, py) in zip(kinds, places, strict=True):
            point = {"type": kind, "touchPoints": [{"x": px, "y": py}]}
            touch.send("Input.dispatchTouchEvent", point)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert start(page) != moved
        assert page.evaluate("scrollY") == scrolled


# Names in a legend that touch a line or another name, and letters below 10 pixels
LEGENDS = """(element) => {
    const wrong = [];
    for (const legend of element.querySelectorAll(".legend")) {
        const parts = [...legend.children].map((part) => [part, part.getBoundingClientRect()]);
        for (const [k, [part, box]] of parts.entries()) {
            const next = parts[k + 1]?.[1];
            if (next && box.right + 2 > next.left) wrong.push(part.outerHTML);
        }
    }
    for (const text of element.querySelectorAll("svg text")) {
        const scale = text.getScreenCTM().a;
        if (parseFloat(getComputedStyle(text).fontSize) * scale < 10) wrong.push(text.outerHTML);
    }
    return wrong;
}"""


@each_kind
@each_width
def test_explorable_needs_no_more_room_than_it_has(visit, site, kind, viewport):
    """Its height is there before its script runs, and holds what it says in any state."""
    with visit("about:blank", viewport=viewport) as page:
        empty_script = {"body": "", "content_type": "text/javascript"}
        page.route("**/explore/*.js*", lambda route: route.fulfill(**empty_script))
        page.goto(site + EXPLORE[kind])
        element = page.locator(f"explore-{kind}")
        empty = element.bounding_box()["height"]
        page.unroute_all()
        page.goto(site + EXPLORE[kind])
        assert element.bounding_box()["height"] == empty
        said = element.locator(".said")
        for end in ("min", "max"):
            element.evaluate("""(element, end) => {
                for (const input of element.querySelectorAll("input")) {
                    input.value = end === "min" ? 0 : input.max;
                    input.dispatchEvent(new Event("input", { bubbles: true }));
                }
            }""", end)  # fmt: skip
            page.wait_for_timeout(500)
            assert said.evaluate("(p) => p.scrollHeight <= p.clientHeight"), said.inner_text()
            assert element.evaluate(LEGENDS) == []
        assert overflow(page) <= 0
        assert element.bounding_box()["height"] == empty


@each_kind
def test_still_figure_in_print_and_without_scripts(visit, site, kind):
    for options, media in (({}, "print"), ({"java_script_enabled": False}, "screen")):
        with visit(site + EXPLORE[kind], **options) as page:
            page.emulate_media(media=media)
            assert_still(page, kind)


@each_kind
@pytest.mark.parametrize("lost", ["draw", "its own"])
def test_still_figure_if_a_script_does_not_arrive(visit, site, kind, lost):
    name = kind if lost == "its own" else lost
    with visit("about:blank") as page:
        page.route(f"**/explore/{name}.js*", lambda route: route.abort())
        page.goto(site + EXPLORE[kind])
        assert_still(page, kind)


def assert_still(page, kind):
    """Hold that the still figure is seen, and not the one to explore."""
    element = page.locator(f"explore-{kind}")
    assert not element.is_visible() and page.locator(".to-try:visible").count() == 0
    still = element.locator("xpath=following-sibling::*[1]")
    assert still.is_visible()
    assert still.get_attribute("alt")
