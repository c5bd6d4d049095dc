"""What the published pages need beyond Jupyter Book's defaults.

Figures that follow the page from light to dark, a warning for an image without a
text alternative, a bibliography that is a list to a screen reader, and 1.5 MB less to
load.
"""

from pathlib import Path

from docutils import nodes
from sphinx.util import logging

from place import nearest

log = logging.getLogger(__name__)

# Matplotlib writes its black and white as below; text has no colour of its own unless
# it was given one. The theme sets `color-scheme`, so the query follows its button too.
DARK = """<style>@media (prefers-color-scheme: dark) {
[style*="fill: #ffffff"] { fill: #121212 !important }
[style*="fill: #000000"] { fill: #e2e6ec !important }
[style*="stroke: #ffffff"] { stroke: #121212 !important }
[style*="stroke: #000000"] { stroke: #e2e6ec !important }
[id^="text_"] { fill: #e2e6ec }
}</style>
"""


def check_images(app, doctree, docname):
    """Warn at an image without a text alternative: its file name would be read out."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            log.warning("image without alt text: %s", image["uri"], location=nearest(image))


def name_roles(app, pagename, templatename, context, doctree):
    """Give the entries of the bibliography a role that is not deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def finish(app, error):
    """Give the figures their dark colours and empty a script that nothing needs."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    for figure in out.glob("_images/*.svg"):
        svg = figure.read_text("utf8")
        if "Matplotlib" in svg and DARK not in svg:
            figure.write_text(svg.replace("<metadata>", DARK + "<metadata>", 1), "utf8")
    # Font Awesome's script draws each icon anew; the style sheet has them already.
    (out / "_static" / "scripts" / "fontawesome.js").write_text("", "utf8")


def setup(app):
    """Check each page when it is whole, and finish when all are written."""
    app.connect("doctree-resolved", check_images)
    app.connect("html-page-context", name_roles)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
