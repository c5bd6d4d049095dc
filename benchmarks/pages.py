"""What the pages of the built book weigh, how fast they answer, what Lighthouse says of them.

    python benchmarks/pages.py           # print the report
    python benchmarks/pages.py --save    # and write benchmarks/pages.md

It needs what the browser tests need (tests/site/browser.txt and Chromium), and for the scores
Lighthouse, a program for Node: ``npm install lighthouse`` in some folder, and its
``node_modules/.bin`` on the path.  Times and scores depend on how busy the machine is; sizes
do not.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "_ext"), str(ROOT / "tests/site")]  # the reader and the server

from book.pages import HTML, contents  # noqa: E402 - after the path
from chromium import BROWSER, WIDE  # noqa: E402 - after the path
from served import served  # noqa: E402 - after the path

RUNS = 5
LIGHTHOUSE = shutil.which("lighthouse")
PAGES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in contents()]


def transfer(browser, address, name):
    """Return kB sent for a page after another one: its own, all but figures, all its figures."""
    sizes, context = {}, browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    page.goto(address + PAGES[name == PAGES[0]])  # what all pages share
    page.wait_for_load_state("networkidle")
    shared = set(sizes)
    page.goto(address + name)
    page.wait_for_load_state("networkidle")
    page.evaluate("for (const image of document.images) image.loading = 'eager'")
    page.wait_for_load_state("networkidle")
    context.close()
    new = {url: size for url, size in sizes.items() if url not in shared}
    figures = sum(size for url, size in new.items() if "/_images/" in url)
    rest = sum(new.values()) - figures
    return [sizes[address + name] / 1e3, rest / 1e3, figures / 1e3]


def first_visit(browser, address, name):
    """Return the kB and the requests of a first visit, before a reader scrolls."""
    sizes, context = [], browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(address + name)
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(sizes) / 1e3, len(sizes)


# Milliseconds from the input of a slider to its drawing, style and layout included
REDRAWS = """element => [...element.querySelectorAll("input")].flatMap((slider) => {
    const times = [];
    for (let i = 0; i < 40; i++) {
        slider.value = Math.round((slider.max * i) / 39);
        const begin = performance.now();
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        element.getBoundingClientRect();
        times.push(performance.now() - begin);
    }
    return times;
})"""


def redraws(browser, address):
    """Yield each figure to explore with the median and the longest time of its redraws."""
    for name in PAGES:
        for kind in sorted(set(re.findall(r"<(explore-\w+)", (HTML / name).read_text("utf8")))):
            page = browser.new_page(viewport=WIDE)
            page.goto(address + name)
            times = page.locator(kind).evaluate(REDRAWS)
            page.close()
            yield [kind, f"{median(times):.1f}", f"{max(times):.1f}"]


def scores(url, form):
    """Return Lighthouse's scores for speed and accessibility, and the layout shift: medians."""
    command = [LIGHTHOUSE, url, "--quiet", "--output=json", "--output-path=stdout"]
    command += ["--only-categories=performance,accessibility"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    command += ["--preset=desktop"] * (form == "desktop")
    runs = []
    for _ in range(RUNS):
        environment = os.environ | {"CHROME_PATH": BROWSER}
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        report = json.loads(done.stdout)
        found = [100 * report["categories"][c]["score"] for c in ("performance", "accessibility")]
        runs.append([*found, report["audits"]["cumulative-layout-shift"]["numericValue"]])
    return [median(column) for column in zip(*runs, strict=True)]


def table(head, rows):
    """Return the lines of a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def report():
    """Yield the lines of the report."""
    yield "# What the pages weigh\n"
    yield "Written by `python benchmarks/pages.py --save`; kB are thousands of bytes, compressed.\n"
    with served(HTML) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield f"Chromium {browser.version}, window 1280 by 900.\n"
        rows, weights = [], {}
        for name in PAGES:
            own, rest, figures = transfer(browser, address, name)
            total, requests = first_visit(browser, address, name)
            weights[name] = own
            numbers = [f"{kb:.0f}" for kb in (own, total, rest, figures)]
            rows.append([name.removesuffix(".html"), *numbers, str(requests)])
        drawn = list(redraws(browser, address))
        browser.close()
        head = ["page", "its HTML, kB", "first visit, kB", "after another page, kB"]
        yield from table([*head, "and its figures, kB", "requests, first visit"], rows)
        yield from table(["figure to explore", "redraw, median ms", "longest, ms"], drawn)
        if not LIGHTHOUSE:
            yield "Lighthouse is not installed: no scores."
            return
        version = subprocess.run([LIGHTHOUSE, "--version"], stdout=subprocess.PIPE, text=True)
        yield f"Lighthouse {version.stdout.strip()}, medians of {RUNS} runs: the first page, the"
        yield "heaviest, and the heaviest of those with a figure to play with.\n"
        playful = [name for name in PAGES if "<explore-" in (HTML / name).read_text("utf8")]
        chosen = [PAGES[0], max(PAGES, key=weights.get), max(playful, key=weights.get)]
        rows = []
        for name in chosen:
            for form in ("desktop", "mobile"):
                speed, access, shift = scores(address + name, form)
                numbers = [form, f"{speed:.0f}", f"{access:.0f}", f"{shift:.3f}"]
                rows.append([name.removesuffix(".html"), *numbers])
        yield from table(["page", "as", "performance", "accessibility", "layout shift"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--save", action="store_true", help="and write benchmarks/pages.md")
    options = parser.parse_args()
    lines = []
    for line in report():
        print(line, flush=True)
        lines.append(line)
    if options.save:
        file = Path(__file__).parent / "pages.md"
        before = "".join(file.read_text("utf8").partition("\n## ")[1:])  # an earlier version's
        file.write_text("\n".join(lines) + before, "utf8", newline="\n")
