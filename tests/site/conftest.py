"""A browser that visits the built book, from a server or from disk."""

from contextlib import contextmanager

import pytest

from book.pages import HTML
from chromium import BROWSER, QUIET, WIDE
from served import served


@pytest.fixture(scope="module")
def site():
    """Serve the book; give its address."""
    with served(HTML) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """Start Chromium."""
    from playwright.sync_api import sync_playwright  # where it is installed

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
