"""Figures that can be explored: a custom element takes the place of a still figure.

The directive names one of the elements of ``assets/explore/``, the figure of the page
that it brings to life, and the state in which it opens::

    :::{explorable} weights
    :figure: fig-average-windows
    :opens: rho=0.9
    :::

The element enters the figure, so number, caption and links stay. In print, without
scripts, or if a script fails or does not arrive, the still picture is seen, see
``explore.css``. The scripts are loaded on pages that use them only; they are classic
scripts, since modules do not load from disk.
"""

import re

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)

KINDS = ("weights", "descent", "cycle", "jump")
FAILED = "document.querySelectorAll('.explorable').forEach((e) => e.classList.add('failed'))"
STATE = re.compile(r"(\w+)=(\"[^\"]*\"|\S+)")


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
        return [node]


def enter_figures(app, doctree, docname):
    """Move each explorable into the still figure that it names, before the picture."""
    figures = {name: figure for figure in doctree.findall(nodes.figure) for name in figure["names"]}
    for node in list(doctree.findall(explorable)):
        node.parent.remove(node)
        if node["figure"] in figures:
            figures[node["figure"]].insert(0, node)
        else:
            log.warning("explorable: no figure %s on the page", node["figure"], location=node)


def add_files(app, pagename, templatename, context, doctree):
    """Load the scripts on pages that have an explorable."""
    kinds = {node["kind"] for node in doctree.findall(explorable)} if doctree else set()
    if kinds:
        app.add_css_file("explore/explore.css")
        for name in ("methods", "draw", *sorted(kinds)):
            app.add_js_file(f"explore/{name}.js", loading_method="defer", onerror=FAILED)


def visit_html(translator, node):
    """Write the element, with room for what its script will draw."""
    opens = {f"data-{name}": value for name, value in node["opens"].items()}
    tag = f"explore-{node['kind']}"
    start = translator.starttag(node, tag, "", CLASS="explorable", **opens)
    translator.body.append(f"{start}<div></div></{tag}>")
    raise nodes.SkipNode


def skip(translator, node):
    """Leave it to the still figure."""
    raise nodes.SkipNode


def setup(app):
    """Add the directive."""
    others = dict.fromkeys(("latex", "text", "man", "texinfo"), (skip, None))
    app.add_node(explorable, html=(visit_html, None), **others)
    app.add_directive("explorable", Explorable)
    app.connect("doctree-resolved", enter_figures)
    app.connect("html-page-context", add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
