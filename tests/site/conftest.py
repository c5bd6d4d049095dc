"""A browser that visits the built book, from a server or from disk."""

import shutil
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from book.pages import HTML
from served import served
from visits import WIDE

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NEEDS = ("playwright", "axe_playwright_python")
MISSING = [name for name in NEEDS if not find_spec(name)] + ["chromium"] * (not BROWSER)
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


@pytest.fixture(scope="module")
def site():
    """Serve the book; give its address."""
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """Start Chromium."""
    if MISSING:
        pytest.skip(
            f"left out for want of {', '.join(MISSING)}: install Chromium, and "
            "python -m pip install --no-deps -r tests/site/browser.txt"
        )
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=BROWSER, args=QUIET)


@pytest.fixture
def visit(browser, build):
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
