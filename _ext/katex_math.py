"""Typeset math with KaTeX while the book builds.

The pages then need no script for it, read the same without a network, and bad TeX is
a warning with file and line, which fails a strict build.

KaTeX (``katex.min.js`` beside this file) runs in QuickJS, so no Node is needed.
"""

import json
import re
from functools import cache
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from place import nearest

log = logging.getLogger(__name__)

# What LaTeX would not take is an error here too, such as a line break outside of
# every environment. The result travels as JSON because QuickJS builds long strings
# in pieces, which its Python side cannot read.
RENDER = r"""
function render(tex, displayMode) {
  let fault = null;
  const strict = (code, message) => { fault = message; return "ignore"; };
  const options = { displayMode, strict, throwOnError: true };
  const html = katex.renderToString(tex, options);
  if (fault) throw new Error(fault);
  return JSON.stringify(html);
}
"""

# Sphinx numbers an equation as a whole; KaTeX would number each of its lines as well.
NUMBERED = re.compile(r"(\\(?:begin|end)\{(?:align|alignat|equation|gather))\}")


@cache
def renderer():
    """Load KaTeX, once a process."""
    context = quickjs.Context()
    context.eval(Path(__file__).with_name("katex.min.js").read_text("utf8"))
    context.eval(RENDER)
    return context.get("render")


def to_html(node, display):
    """Return the HTML of a math node; warn at its place if its TeX is bad."""
    try:
        return json.loads(renderer()(NUMBERED.sub(r"\1*}", node.astext()), display))
    except quickjs.JSException as error:
        log.warning("KaTeX: %s", str(error).splitlines()[0], location=nearest(node))
        return "<code>math error</code>"


def visit_inline(translator, node):
    """Write ``$...$``."""
    html = to_html(node, display=False)
    translator.body.append(f'<span class="math notranslate">{html}</span>')
    raise nodes.SkipNode


def visit_block(translator, node):
    """Write ``$$...$$``, with its number if it has a label."""
    body = translator.body
    body.append(translator.starttag(node, "div", CLASS="math notranslate"))
    body.append(to_html(node, display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        body.append("</span>")
    body.append("</div>")
    raise nodes.SkipNode


def setup(app):
    """Offer ``html_math_renderer: katex``."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
