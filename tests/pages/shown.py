"""What a reader sees of a cell, in lines that can be reviewed and compared.

A text output gives its lines. A figure gives a line for each word and each shape in it.
A shape is a path or a set of markers: its colours, the number of its points, and their
least, greatest and mean x and y, in points of 1/72 inch. An image in a figure gives its
place and the mean colours of 4 by 4 fields.
"""

import base64
import io
import math
import re
from itertools import groupby, zip_longest
from operator import itemgetter
from xml.etree import ElementTree

from IPython.core.displayhook import DisplayHook
from PIL import Image

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
TEXT = {"rel_tol": 1e-4, "abs_tol": 1e-12}
SHAPE = {"rel_tol": 0, "abs_tol": 0.2}  # a fifth of a point is not seen
SHAPES = ("svg path ", "svg marks ", "svg image ")
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def shown(source, outputs):
    """Return what is seen of a cell's outputs, as a list of lines.

    Raises
    ------
    ValueError
        If there is something that no page should show.

    Examples
    --------
    >>> result = {"output_type": "execute_result", "data": {"text/plain": "2.50"}}
    >>> shown("a / b", [result])
    ['2.50']
    >>> shown("a / b;", [result])
    []
    """
    lines = []
    for kind, group in groupby(displayed(source, outputs), key=itemgetter("output_type")):
        if kind == "stream":  # what is printed comes in pieces
            lines += "".join(map(printed, group)).splitlines()
            continue
        for output in group:
            if kind == "error":
                lines.append(f"{output['ename']}: {output['evalue']}")
            else:
                lines += rich(output["data"])
    return lines


def displayed(source, outputs):
    """Return the outputs without a result that a semicolon hides.

    nbval runs a cell outside of IPython's history, where IPython looks for the semicolon.
    """
    quiet = DisplayHook.semicolon_at_end_of_expression(source)
    return [o for o in outputs if not (quiet and o["output_type"] == "execute_result")]


def printed(output):
    """Return the text of a stream."""
    if output["name"] == "stderr":
        raise ValueError(f"written to stderr:\n{output['text']}")
    return output["text"]


def rich(data):
    """Return the lines of a displayed value."""
    if "image/svg+xml" in data:
        return figure(data["image/svg+xml"])
    if any(mime.startswith("image/") for mime in data):
        raise ValueError("a figure that is not SVG: call rmsprop.plotting.style()")
    for mime in ("text/html", "text/markdown", "text/latex", "text/plain"):
        if mime in data:
            return data[mime].splitlines()
    return []


def figure(svg):
    """Return a line for each word and each shape of a figure by Matplotlib."""
    words = re.findall(r"<!-- (.*?) -->", svg, re.DOTALL)
    words = ["word " + word.replace("\n", " ") for word in words]
    return [f"svg {line}" for line in (*words, *shapes(ElementTree.fromstring(svg)))]


def shapes(element):
    """Yield a line for each shape below an element of an SVG."""
    name = element.get("id", "")
    # Clips are not seen; words and the axes' ticks are known by their words.
    if element.tag == SVG + "clipPath" or name.startswith(("text_", "matplotlib.axis")):
        return
    for child in element:
        if child.tag == SVG + "path":
            numbers = [float(n) for n in NUMBER.findall(child.get("d", ""))]
            yield describe("path", child, numbers[::2], numbers[1::2])
        elif child.tag == SVG + "image":
            yield raster(child)
        else:
            yield from shapes(child)
    marks = [use for use in element.findall(SVG + "use") if use.get("x")]
    if marks:
        x, y = ([float(use.get(key)) for use in marks] for key in "xy")
        yield describe("marks", marks[0], x, y)


def describe(kind, element, x, y):
    """Return the line for a shape: its colours, size and place.

    Examples
    --------
    >>> path = {"style": "fill: none; stroke: #2a7de1; stroke-width: 1.7"}
    >>> describe("path", path, [1, 2, 6], [3, 3, 3])
    'path stroke #2a7de1 n 3 x 1.0 6.0 3.0 y 3.0 3.0 3.0'
    """
    colors = re.findall(r"(fill|stroke): (#\w+)", element.get("style", ""))
    words = [kind, *(" ".join(color) for color in colors), f"n {len(x)}"]
    for axis, values in (("x", x), ("y", y)):
        if values:
            summary = min(values), max(values), sum(values) / len(values)
            words.append(axis + "".join(f" {value:.1f}" for value in summary))
    return " ".join(words)


def raster(element):
    """Return the line for an image within a figure."""
    png = base64.b64decode(element.get(HREF).partition("base64,")[2])
    image = Image.open(io.BytesIO(png)).convert("RGB")
    place = [float(element.get(key, 0)) for key in ("x", "y", "width", "height")]
    # Tenths of the usual 0 to 255, so that the tolerance for places suits them.
    colors = [c / 10 for c in image.resize((4, 4), Image.Resampling.BOX).tobytes()]
    numbers = " ".join(f"{number:.1f}" for number in place + colors)
    return f"image {image.width} by {image.height} pixels {numbers}"


def differences(now, kept):
    """Yield a text for each line in which two lists of lines disagree.

    Numbers may differ a little, spaces at will.

    Examples
    --------
    >>> list(differences(["loss  0.50001"], ["loss 0.5"]))
    []
    >>> list(differences(["loss 0.51"], ["loss 0.5", "end"]))
    ["now 'loss 0.51', kept 'loss 0.5'", "now nothing, kept 'end'"]
    """
    for new, old in zip_longest(now, kept):
        if new is None or old is None or not agree(new, old):
            texts = ("nothing" if line is None else repr(line) for line in (new, old))
            yield "now {}, kept {}".format(*texts)


def agree(new, old):
    """Tell whether two lines have the same words and nearly the same numbers.

    Examples
    --------
    >>> agree("-1e-8", "-1.00001e-8"), agree("-1e-8", "-1.001e-8")
    (True, False)
    >>> agree("57 steps", "58 steps")
    False
    """
    words = ["".join(NUMBER.sub("0", line).split()) for line in (new, old)]
    if words[0] != words[1]:
        return False
    tolerance = SHAPE if old.startswith(SHAPES) else TEXT
    pairs = zip(NUMBER.findall(new), NUMBER.findall(old), strict=True)
    return all(math.isclose(float(a), float(b), **tolerance) for a, b in pairs)
