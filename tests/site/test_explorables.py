"""The explorable figures in a browser: by keyboard, mouse and touch, and without scripts."""

import pytest

from book.pages import HTML, Page, contents
from visits import PAGES, each_width, overflow

EXPLORE = {  # the page of each explorable figure
    kind: name
    for name, path in zip(PAGES, contents(), strict=True)
    for cell in Page(path).cells
    if (kind := cell.metadata.get("explorable", {}).get("kind"))
}

each_kind = pytest.mark.parametrize("kind", EXPLORE)


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
