"""Cut from the theme's files what no page of the book uses: rules of styles, and icons.

Whole, its style sheets and its font of icons are more than half of a first visit, and a
browser shows nothing before it has the style sheets. A rule is kept if every class in
its selector stands on a page or in a script; of the icons those are kept that a rule or
a page still writes.
"""

import re
from itertools import groupby, pairwise
from pathlib import Path

import tinycss2
from fontTools import subset

STYLES = ("basic.css", "mystnb.*.css", "sphinx-design.min.css", "styles/*.css")
IMPORT = '@import "../basic.css";'  # by the theme: one more trip before the first word is seen
FONT = "vendor/fontawesome/webfonts/fa-solid-900.woff2"
CLASSES = re.compile(r'\bclass="([^"]*)"')
WORD = re.compile(r"[\w-]+")
CONTENT = re.compile(r'\bcontent:\s*"\\([0-9a-f]+)"')
WRITTEN = re.compile("[\ue000-\uf8ff]")  # the private characters, which icons are


def names(pages, scripts):
    """Return all that can be a class: those of the pages, and any word of a script."""
    found = {name for page in pages for value in CLASSES.findall(page) for name in value.split()}
    return found.union(*map(WORD.findall, scripts))


def kept(rules, used):
    """Yield the text of the rules that may apply on some page, and of licences."""
    for rule in rules:
        if rule.type == "qualified-rule":
            groups = groupby(rule.prelude, lambda token: token == ",")
            selectors = [list(tokens) for comma, tokens in groups if not comma]
            heads = [tinycss2.serialize(one) for one in selectors if classes(one) <= used]
            if heads:
                yield f"{','.join(heads)}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = "".join(kept(tinycss2.parse_rule_list(rule.content), used))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type == "at-rule" or (rule.type == "comment" and rule.value.startswith("!")):
            yield rule.serialize()


def classes(selector):
    """Return the classes that an element needs; those in parentheses are another matter."""
    return {name.value for dot, name in pairwise(selector) if dot == "." and name.type == "ident"}


def icons(styles, pages):
    """Return the code points of the icons that rules and pages write."""
    return {int(code, 16) for code in CONTENT.findall(styles)} | set(
        map(ord, WRITTEN.findall(styles + pages))
    )


def cut(app, error):
    """Cut style sheets and font when all pages are written; Sphinx copies them anew each time."""
    if error or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    pages = [page.read_text("utf8") for page in sorted(static.parent.rglob("*.html"))]
    scripts = [script.read_text("utf8") for script in sorted(static.rglob("*.js"))]
    used, styles = names(pages, scripts), ""
    for path in [path for name in STYLES for path in sorted(static.glob(name))]:
        sheet = path.read_text("utf8")
        if IMPORT in sheet:
            basic = (static / "basic.css").read_text("utf8").replace("url(", "url(../")
            sheet = sheet.replace(IMPORT, basic)
        sheet = "".join(kept(tinycss2.parse_stylesheet(sheet), used))
        path.write_text(sheet, "utf8")
        styles += sheet
    options = subset.Options(flavor="woff2", layout_features=[])
    font = subset.load_font(static / FONT, options)
    keep = subset.Subsetter(options)
    keep.populate(unicodes=icons(styles, "".join(pages)))
    keep.subset(font)
    subset.save_font(font, static / FONT, options)


def setup(app):
    """Cut at the end of every build."""
    app.connect("build-finished", cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
