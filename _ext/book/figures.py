"""Figures: dark colours for the dark page, life for some.

A cell that draws a figure may name in its metadata one of the custom elements of
``assets/explore/``, which brings the figure to life, and the state in which it opens::

    explorable:
      kind: weights
      opens:
        rho: 0.9

The element enters the figure, so number, caption and links stay. In print, without
scripts, or if a script fails or does not arrive, the still picture is seen, and no
admonition of the class ``to-try``, see ``explore.css``. The scripts are loaded on pages
that use them only; they are classic scripts, since modules do not load from disk.
"""

import os
from hashlib import sha256
from pathlib import Path

from docutils import nodes

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

FAILED = "document.querySelectorAll('.explorable').forEach((e) => e.classList.add('failed'))"


def darken(app, doctree):
    """Put a figure's dark form in its place.

    The notebooks keep the light one, as JupyterLab may be light where the system is dark.
    """
    for image in doctree.findall(nodes.image):
        path = Path(app.env.relfn2path(image["uri"])[1])
        svg = path.read_text("utf8") if path.suffix == ".svg" and path.exists() else ""
        if "Matplotlib" in svg:
            svg = svg.replace("<metadata>", DARK + "<metadata>", 1).encode()
            path = Path(app.outdir).parent / "figures" / f"{sha256(svg).hexdigest()[:16]}.svg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(svg)
            image["uri"] = "/" + Path(os.path.relpath(path, app.srcdir)).as_posix()


def enter_figures(app, doctree, docname):
    """Put what a cell asks for into the figure that it draws, before the picture.

    The empty element within is room for what the script will draw.
    """
    for cell in list(doctree.findall(nodes.container)):
        if asked := cell.get("cell_metadata", {}).get("explorable"):
            opens = " ".join(f'data-{name}="{value}"' for name, value in asked["opens"].items())
            tag = f"explore-{asked['kind']}"
            html = f'<{tag} class="explorable" {opens}><div></div></{tag}>'
            element = nodes.raw("", html, format="html", explorable=asked["kind"])
            cell.next_node(nodes.figure).insert(0, element)


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the scripts on pages that have an explorable."""
    raw = doctree.findall(nodes.raw) if doctree else []
    if kinds := {node["explorable"] for node in raw if "explorable" in node}:
        app.add_css_file("explore/explore.css")
        for name in ("methods", "draw", *sorted(kinds)):
            app.add_js_file(f"explore/{name}.js", loading_method="defer", onerror=FAILED)
