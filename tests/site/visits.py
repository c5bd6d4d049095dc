"""What the tests that visit the book with a browser share."""

import pytest

from book.pages import ROOT, contents
from chromium import MISSING, NARROW, WIDE

if MISSING:
    pytest.skip(
        f"left out for want of {', '.join(MISSING)}: install Chromium, and "
        "python -m pip install --no-deps -r tests/site/browser.txt",
        allow_module_level=True,
    )

PAGES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in contents()]

each_page = pytest.mark.parametrize("name", PAGES)
each_width = pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])


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
