"""Change one number of a visible cell by about a tenth and run the page to its end.

A reader is invited to do so; only checks cells may object.

    python tests/pages/experiments.py              # every number of every page
    python tests/pages/experiments.py limits       # of one page
"""

import argparse
import ast
import contextlib
import io
import json
import os
import random
import signal
import sys
import traceback
import warnings
from typing import NamedTuple

from book.pages import PAGES, tags
from measure import visible

# Numbers that say which, where or how many of a thing, and not how much.
SEEDS = {"default_rng", "manual_seed", "seed", "Generator", "RandomState", "round"}
SHAPES = {"zeros", "ones", "empty", "full", "eye", "reshape", "subplots", "randn", "Linear"}
SHAPES |= {"normal", "standard_normal", "uniform", "integers", "choice", "LSTM", "rand"}
ASIDE = {"seed", "size", "shape", "figsize", "axis", "dim", "digits", "precision", "ncols", "nrows"}


LONGEST = 120  # seconds that the rest of a page may take


class Change(NamedTuple):
    """A number of a page and what it becomes."""

    page: str
    cell: int
    place: tuple
    old: object
    new: object


def changed(value):
    """Return a number about a tenth away, within the same range; None for a small integer.

    Examples
    --------
    >>> changed(0.99), changed(5.0), changed(200), changed(3)
    (0.891, 5.5, 220, None)
    """
    if isinstance(value, int):
        return round(value * 1.1) if value >= 10 else None
    return float(f"{value * (0.9 if value < 1 else 1.1):.12g}")


def literals(source):
    """Yield each number of a cell that measures something: not a seed, an index or a shape."""
    tree = ast.parse(source)
    aside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            aside |= set(ast.walk(node.slice))
        elif (
            isinstance(node, ast.keyword)
            and node.arg in ASIDE
            or isinstance(node, ast.Assign)
            and names(node.targets) & ASIDE
        ):
            aside |= set(ast.walk(node.value))
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SEEDS | SHAPES:
                aside |= {leaf for argument in node.args for leaf in ast.walk(argument)}
        elif isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and part.format_spec:
                    aside |= set(ast.walk(part.format_spec))
    for node in ast.walk(tree):
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if number and node not in aside and node.value and changed(node.value) is not None:
            yield node


def names(targets):
    """Return the names that an assignment binds."""
    return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}


def changes(page):
    """Return every change that the experiment makes on a page."""
    found = []
    for number, cell in enumerate(page.cells):
        if visible(page, cell):
            for node in literals(cell.source):
                place = node.lineno, node.col_offset, node.end_col_offset
                found.append(Change(page.name, number, place, node.value, changed(node.value)))
    return found


def edited(source, change):
    """Return the source of a cell with the change made."""
    lines = source.split("\n")
    line, start, end = change.place
    text = lines[line - 1].encode()
    lines[line - 1] = (text[:start] + repr(change.new).encode() + text[end:]).decode()
    return "\n".join(lines)


def run(page, changes):
    """Run a page; at each changed cell try the rest of the page with the change.

    Return a pair of change and complaint for each change to which something objects.
    """
    found = []
    scope = {"__name__": "__main__", "display": print}
    os.chdir(page.path.parent)
    for number in range(max(change.cell for change in changes) + 1):
        for change in changes:
            if change.cell == number:
                complaint = apart(rest, page, number, scope, change)
                if complaint:
                    found.append((str(change), complaint))
        if complaint := execute(page, number, page.cells[number].source, scope):
            return [*found, ("no change", complaint)]
    return found


def rest(page, first, scope, change):
    """Run a page from its changed cell on; return what goes wrong outside of checks, or None.

    To take too long is wrong too: a change may make a loop endless.
    """
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST)
    try:
        for number, cell in enumerate(page.cells[first:], start=first):
            source = edited(cell.source, change) if number == first else cell.source
            if complaint := execute(page, number, source, scope):
                return complaint
    finally:
        signal.alarm(0)
    return None


def too_long(*_):
    """End what runs too long."""
    raise TimeoutError(f"more than {LONGEST} seconds")


def execute(page, number, source, scope):
    """Run a cell that is no check and no solution; return what goes wrong, or None."""
    import matplotlib.pyplot as plt

    cell = page.cells[number]
    if tags(cell) & {"checks", "solution"}:
        return None
    source = "\n".join(line for line in source.split("\n") if not line.startswith("%"))
    try:
        exec(compile(source, f"{page.name}, cell {number}", "exec"), scope)
    except Exception:
        if "raises-exception" not in tags(cell):
            return traceback.format_exc(limit=-1)
    plt.close("all")
    return None


def apart(function, *arguments):
    """Return what a function returns in a process of its own, quietly: what JSON can hold."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            answer = function(*arguments)
        with os.fdopen(writer, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = json.load(pipe)
    os.waitpid(child, 0)
    return answer


def sample(pages, each, seed):
    """Return for each page at most `each` changes, drawn by a seed."""
    draw = random.Random(seed)
    drawn = []
    for page in pages:
        found = changes(page)
        drawn.append((page, draw.sample(found, min(each, len(found)))))
    return drawn


def main():
    """Try changes; print those to which something but a check objects."""
    import matplotlib
    import torch  # noqa: F401 - loaded once, before the processes part

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", help="such as in-depth/counterexample; all if none")
    parser.add_argument("--each", type=int, help="so many changes a page, drawn by a seed")
    options = parser.parse_args()
    matplotlib.use("Agg")
    pages = [p for p in PAGES if p.executable and (not options.pages or p.name in options.pages)]
    tried = wrong = 0
    for page, drawn in sample(pages, options.each or sys.maxsize, seed=len(pages)):
        objections = apart(run, page, drawn) if drawn else []
        for change, complaint in objections:
            print(f"{change}\n{complaint}", flush=True)
        print(f"{page.name}: {len(drawn)} changes, {len(objections)} objections", flush=True)
        tried, wrong = tried + len(drawn), wrong + len(objections)
    print(f"{tried} changes in all, {wrong} objections")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
