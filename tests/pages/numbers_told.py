"""The numbers that a page tells, and where each can be at home.

A number of prose, captions and tables has a home if it stands, as a whole, in the code or in
the recorded text outputs of its section or of the Set-up. Nothing is executed.
"""

import ast
import re
from typing import NamedTuple

from book.pages import blocks, tags

FREE = 12  # integers up to this need no home

PLAIN = r"\d+(?:\.\d+)?(?:e[-+]?\d+)?"
POWER = rf"(?:({PLAIN})\s*(?:\\cdot|\\times|·)\s*)?10\^\{{?(-?\d+)\}}?"
TOLD = re.compile(rf"{POWER}|(?<![\w.\\])({PLAIN})(?![\w]|\.\d)(\s*(?:\\,)?\\?%)?")
NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][-+]?\d+)?(?!\w)")

PART = r"## |:::\{exercise-start\} "  # what numbers are at home in

# Arguments and methods that place and size the parts of a figure.
DRAWING = {"figsize", "alpha", "linewidth", "lw", "markersize", "fontsize", "size", "zorder"}
DRAWING |= {"xlim", "ylim", "set_xlim", "set_ylim", "xytext", "text", "annotate", "width", "pad"}
DRAWING |= {"height", "rotation", "dpi", "ncols", "gridspec_kw", "bbox_to_anchor", "linestyle"}
DRAWING |= {"xticks", "yticks", "set_xticks", "set_yticks", "legend", "subplots_adjust", "s"}

# What is no claim: names, addresses, references, years, versions, times of reading.
ASIDE = [
    re.compile(r"\]\([^)]*\)|<[^>]+>|https?://\S+|doi\S*|arXiv[: ]?\d{4}\.\d{4,5}"),
    re.compile(r"\{(?:eq|numref|ref|prf:ref|doc|term|download)\}`[^`]*`"),
    re.compile(r"\bAbout \d+ (?:minutes|hours)"),
    re.compile(r"\b(?:PyTorch|torch|Keras|TensorFlow|TF|optax|timm|JAX|NumPy|Python|MXNet|Flux|MLX"
               r"|PaddlePaddle|Chainer|version|CIFAR|MNIST|Inception v?|ResNet-?|float|bfloat|fp)"
               r"[ -]?\d+(?:\.\d+)*(?:\.x)?\b"),
    re.compile(r"\b\d+\.\d+\.\d+\b"),
    re.compile(r"\b(?:19\d\d|20(?:0[1-9]|[12]\d))\b(?! (?:steps|runs|seeds|updates|gradients))"),
    re.compile(r"\b(?:section|chapter|lecture|equation|theorem|table|figure|row|page)s? \d[\d.]*",
               re.IGNORECASE),
]  # fmt: skip


class Told(NamedTuple):
    """A number as it is told: its text, values that are a home for it, where it stands."""

    text: str
    values: tuple
    line: str
    section: str
    span: tuple


def numbers(line):
    """Yield text, values and place of each number in a line that needs a home.

    Examples
    --------
    >>> [(text, values) for text, values, _ in numbers("5 % of 1,200 steps at $10^{-4}$")]
    [('5 %', (5.0, 0.05)), ('1,200', (1200.0,)), ('10^{-4}', (0.0001,))]
    >>> list(numbers("the 3 runs of 2018 in {eq}`eq-17`"))
    []
    >>> [text for text, *_ in numbers("12 runs or 13")]
    ['13']
    """
    if "{cite" in line:
        return
    plain = line
    for pattern in ASIDE:
        plain = pattern.sub(lambda found: " " * len(found[0]), plain)
    # Separators of thousands do not count, but keep the places as they are.
    joined = re.sub(r"(?<=\d)(?:,|\\,|\{,\})(?=\d{3}(?!\d))", lambda f: "\0" * len(f[0]), plain)
    for found in TOLD.finditer(joined.replace("\0", "")):
        factor, power, number, percent = found.groups()
        if power is not None:
            value, whole = float(f"{factor or 1}e{power}"), False
            free = factor is None and abs(int(power)) < 3
        else:
            value, whole = float(number), number.isdigit()
            free = False
        values = (value, float(f"{value / 100:.12g}")) if percent else (value,)
        if free or (whole and not percent and value <= FREE):
            continue
        start, end = place(joined, found)
        yield line[start:end], values, (start, end)


def place(joined, found):
    """Return where a match stands in the line before its separators were taken out."""
    kept = [index for index, character in enumerate(joined) if character != "\0"]
    return kept[found.start()], kept[found.end() - 1] + 1


def told(page):
    """Yield each number that a page tells and that needs a home."""
    for section in page.parts(PART):
        texts = [line for line, within in section.lines if "code" not in within]
        for cell in section.cells:
            caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
            texts += [line for line, _ in blocks(str(caption))] if caption else []
        for line in texts:
            for text, values, span in numbers(line):
                yield Told(text, values, line, section.heading, span)


def in_code(source, checks=False):
    r"""Return the numbers of a cell's code; of strings only those inside an assert.

    What only places or sizes the parts of a figure is left out, and of a checks cell all but
    its asserts and the pairs that a loop around them runs through.

    Examples
    --------
    >>> sorted(in_code("x = 0.5  # 7\nprint('31.6')\nassert f(x) == '20'"))
    [0.5, 20.0]
    >>> in_code("x = 0.5\nassert f(x) == 20", checks=True)
    {20.0}
    >>> in_code("ax.plot(t, alpha=0.3); ax.set(xlim=(0, 40)); ax.text(15, 16, 'a')")
    set()
    """
    tree = ast.parse(re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE))
    drawing, asserted, told = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in DRAWING:
            drawing |= set(ast.walk(node.value))
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in DRAWING:
            drawing |= set(ast.walk(node))
        elif isinstance(node, ast.Assert):
            asserted |= set(ast.walk(node))
        elif isinstance(node, ast.For) and any(isinstance(n, ast.Assert) for n in ast.walk(node)):
            pairs = [n for n in ast.walk(node.iter) if isinstance(n, ast.Tuple | ast.Dict)]
            inner = [n for n in pairs if n is not node.iter]
            told |= {leaf for pair in inner for leaf in ast.walk(pair)}
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node in drawing:
            continue
        if type(node.value) in (int, float) and (not checks or node in asserted | told):
            found.add(float(node.value))
        elif isinstance(node.value, str) and node in asserted:
            found |= in_text(node.value)
    return found


def in_text(text):
    """Return the numbers of a text.

    Examples
    --------
    >>> sorted(in_text("steps 1,200, loss 2.5e-03"))
    [0.0025, 1200.0]
    """
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return {float(number) for number in NUMBER.findall(text)}


def homes(page):
    """Return for each section of a page the numbers that stand in its cells and outputs."""
    outputs = dict(zip(map(id, page.cells), page.keys, strict=True))
    found = {}
    for section in page.parts(PART):
        values = set()
        for cell in section.cells:
            values |= in_code(cell.source, checks="checks" in tags(cell))
            for line in page.recorded.get(outputs[id(cell)], []):
                if not line.startswith("svg "):
                    values |= in_text(line)
        found[section.heading] = found.get(section.heading, set()) | values
    for values in found.values():
        values |= in_code(page.cells[0].source)
    return found


def homeless(page):
    """Yield each number of a page that has no home."""
    known = homes(page)
    for number in told(page):
        if not set(number.values) & known[number.section]:
            yield number
