"""What the tests that visit the book with a browser share."""

import pytest

from book.pages import ROOT, contents

PAGES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in contents()]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

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
