"""The browser of the tests: where it is, what is missing, and how it starts."""

import shutil
from importlib.util import find_spec

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
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
