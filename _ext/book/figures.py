"""Figures: a text alternative for each, dark colours for the dark page, life for some.

The directive ``explorable`` names one of the custom elements of ``assets/explore/``, the
figure of the page that it brings to life, and the state in which it opens::

    :::{explorable} weights
    :figure: fig-average-windows
    :opens: rho=0.9

    What to try with it.
    :::

The element enters the figure, so number, caption and links stay. In print, without
scripts, or if a script fails or does not arrive, the still picture is seen, see
``explore.css``. The scripts are loaded on pages that use them only; they are classic
scripts, since modules do not load from disk.
"""

import os
import re
from hashlib import sha256
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

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

KINDS = ("weights", "descent", "cycle", "jump", "orbit", "momentum")
FAILED = "document.querySelectorAll('.explorable').forEach((e) => e.classList.add('failed'))"
STATE = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")


def prepare(app, doctree):
    """Check that each image says what it shows; put a figure's dark form in its place.

    The notebooks keep the light one, as JupyterLab may be light where the system is dark.
    """
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():  # its file name would be read out
            log.warning("image without alt text: %s", image["uri"], location=image)
        path = Path(app.env.relfn2path(image["uri"])[1])
        svg = path.read_text("utf8") if path.suffix == ".svg" and path.exists() else ""
        if "Matplotlib" in svg:
            svg = svg.replace("<metadata>", DARK + "<metadata>", 1).encode()
            path = Path(app.outdir).parent / "figures" / f"{sha256(svg).hexdigest()[:16]}.svg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(svg)
            image["uri"] = "/" + Path(os.path.relpath(path, app.srcdir)).as_posix()
    app.env.metadata[app.env.docname]["figures"] = {
        name: app.env.relfn2path(image["uri"])[0]
        for figure in doctree.findall(nodes.figure)
        for image in figure.findall(nodes.image)
        for name in figure["names"]
    }


class explorable(nodes.General, nodes.Element):
    """An explorable figure, before and after it has moved into its still one."""


def state(argument):
    """Return ``rho=0.9 first="SGD"`` as a dict."""
    argument = directives.unchanged_required(argument)
    if STATE.sub("", argument).strip():
        raise ValueError(f"must be a list of name=value, got {argument!r}")
    return {name: value.strip('"') for name, value in STATE.findall(argument)}


class Explorable(SphinxDirective):
    """``{explorable} KIND`` with the options ``figure`` and ``opens``."""

    required_arguments = 1
    has_content = True  # what to try, seen where the element is
    option_spec = {"figure": directives.unchanged_required, "opens": state}

    def run(self):
        """Leave a node that :func:`enter_figures` moves."""
        kind = directives.choice(self.arguments[0], KINDS)
        if "figure" not in self.options:
            raise self.error("explorable needs the option figure, a name of the page")
        node = explorable(
            kind=kind, figure=self.options["figure"], opens=self.options.get("opens", {})
        )
        self.set_source_info(node)
        return [node, nodes.container("", *self.parse_content_to_nodes(), classes=["to-try"])]


def enter_figures(app, doctree, docname):
    """Move each explorable into the still figure that it names, before the picture."""
    figures = {name: figure for figure in doctree.findall(nodes.figure) for name in figure["names"]}
    for node in list(doctree.findall(explorable)):
        node.parent.remove(node)
        if node["figure"] in figures:
            figures[node["figure"]].insert(0, node)
        else:
            log.warning("explorable: no figure %s on the page", node["figure"], location=node)


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the scripts on pages that have an explorable."""
    kinds = {node["kind"] for node in doctree.findall(explorable)} if doctree else set()
    if kinds:
        app.add_css_file("explore/explore.css")
        for name in ("methods", "draw", *sorted(kinds)):
            app.add_js_file(f"explore/{name}.js", loading_method="defer", onerror=FAILED)


def visit_explorable(translator, node):
    """Write the element, with room for what its script will draw."""
    opens = {f"data-{name}": value for name, value in node["opens"].items()}
    tag = f"explore-{node['kind']}"
    start = translator.starttag(node, tag, "", CLASS="explorable", **opens)
    translator.body.append(f"{start}<div></div></{tag}>")
    raise nodes.SkipNode
