"""Turn TeX into MathML while the book builds.

Browsers typeset MathML by themselves: the pages need no script for it, weigh half of
what they did with spans, read well to a screen reader and the same without a network.
Bad TeX is a warning with file and line, which fails a strict build.

Temml (``temml.min.js`` beside this file) runs in QuickJS, so no Node is needed.
"""

import json
import re
from functools import cache
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.nodes import get_node_line, get_node_source

log = logging.getLogger(__name__)

# A line break outside of every environment would vanish without a word: Temml writes an
# empty operator for it. The result travels as JSON because QuickJS builds long strings
# in pieces, which its Python side cannot read.
RENDER = r"""
function render(tex, displayMode) {
  const options = { displayMode, strict: true, throwOnError: true };
  const mathml = temml.renderToString(tex, options);
  if (mathml.includes("<mo></mo>")) throw new Error("line break outside of an environment");
  return JSON.stringify(mathml);
}
"""

# Sphinx numbers an equation as a whole; Temml would number each of its lines as well.
NUMBERED = re.compile(r"(\\(?:begin|end)\{(?:align|alignat|equation|gather))\}")

# TeX sets a thin space between what comes before and a function's name; Temml does
# so only after a letter or a number.
FUNCTION = re.compile(
    r"(</m(?:sup|sub|subsup|frac|sqrt)>)(<mrow><mi>[a-z]{2,}</mi><mo>\u2061</mo>)"
)
THIN_SPACE = '<mspace width="0.1667em"></mspace>'

# A browser hangs the root sign from its bar, so over a low letter it would sink below the
# line, where TeX centres it. A strut as tall as a digit and as deep as a g holds it.
ROOT_END = "</msqrt>"
STRUT = '<mspace height="0.68em" depth="0.2em"></mspace>'

# TeX hangs a subscript under each letter alike, browsers deeper under a low one: under g
# deeper than under v. A pad hides from them how low the letter is.
LOW = re.compile(r"(<msub>|<msubsup>)(<mi>[gjpqyβγζημξρφχψϕϱ]</mi>)")

OVERLINE, MACRON = "\u203e", "\u00af"  # the face has only the second


@cache
def renderer():
    """Load Temml, once a process."""
    context = quickjs.Context()
    context.eval(Path(__file__).with_name("temml.min.js").read_text("utf8"))
    context.eval(RENDER)
    return context.get("render")


def to_mathml(node, display):
    """Return the MathML of a math node; warn at its place if its TeX is bad."""
    try:
        mathml = json.loads(renderer()(NUMBERED.sub(r"\1*}", node.astext()), display))
    except quickjs.JSException as error:
        log.warning("TeX: %s", str(error).splitlines()[0], location=place(node))
        return "<code>math error</code>"
    mathml = mathml.replace(OVERLINE, MACRON).replace(ROOT_END, STRUT + ROOT_END)
    mathml = LOW.sub(r'\1<mpadded depth="0">\2</mpadded>', mathml)
    return FUNCTION.sub(rf"\1{THIN_SPACE}\2", mathml)


def place(node):
    """Return file and line of a node, or of what is around it if it does not know them."""
    return f"{get_node_source(node)}:{get_node_line(node)}"


def visit_inline(translator, node):
    """Write ``$...$``."""
    translator.body.append(to_mathml(node, display=False))
    raise nodes.SkipNode


def visit_block(translator, node):
    """Write ``$$...$$``, with its number if it has a label."""
    body = translator.body
    body.append(translator.starttag(node, "div", CLASS="math notranslate"))
    body.append(to_mathml(node, display=True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        body.append(f'<span class="eqno">({number})')
        translator.add_permalink_ref(node, "Link to this equation")
        body.append("</span>")
    body.append("</div>")
    raise nodes.SkipNode
