"""Cut the theme's icon font down to the icons that the book shows.

The whole font is 156 kB, a third of a first visit. What is kept: the icons whose class
stands in a page or a script, and those that a style sheet writes by itself.
"""

import re
from pathlib import Path

from fontTools import subset

FONT = "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
CLASS = re.compile(r"\bfa-[a-z0-9-]+")
CONTENT = re.compile(r'([^{}]*)\{[^{}]*\bcontent:\s*"\\([0-9a-f]+)"')
WRITTEN = re.compile("[\ue000-\uf8ff]")  # the private characters, which icons are


def characters(styles, text):
    """Return the code points of the icons in use, given all style sheets and all text."""
    used = set(CLASS.findall(text))
    codes = {ord(icon) for icon in WRITTEN.findall(styles)}
    for selectors, code in CONTENT.findall(styles):
        named = set(re.findall(r"\.(fa-[a-z0-9-]+):", selectors))
        if not named or named & used:
            codes.add(int(code, 16))
    return codes


def everything(out, *endings):
    """Return the text of all files with these endings."""
    paths = (path for ending in endings for path in sorted(out.rglob(f"*.{ending}")))
    return "\n".join(path.read_text("utf8") for path in paths)


def cut(app, error):
    """Replace the font when all pages are written."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    options = subset.Options(flavor="woff2", layout_features=[])
    font = subset.load_font(out / FONT, options)
    keep = subset.Subsetter(options)
    keep.populate(unicodes=characters(everything(out, "css"), everything(out, "html", "js")))
    keep.subset(font)
    subset.save_font(font, out / FONT, options)


def setup(app):
    """Cut the font of every build."""
    app.connect("build-finished", cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
