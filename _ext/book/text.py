"""What becomes of a page's text: its places can be linked to, and its solutions fold.

For a link to a place of another page, ``[text](page.md#label)``, MyST knows headings only,
and those only if it is told to. Here every label counts, of an equation, a figure, a
theorem or a section, and every heading by the id that its section has. JupyterLab and
GitHub follow the same link to the page. A place that does not exist is a warning of MyST's.

The folding of a solution sphinx-exercise leaves to a script, which shows it until it has
run. As a dropdown of sphinx-design, which proofs on the pages are, it is a ``details``
element, closed from the start, that a browser opens by mouse, keyboard or search, without
any script.

Browsers break a line between a formula and the comma behind it, and between a number and
its per cent sign; here neither stands alone at the start of a line.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import create_component
from sphinx_exercise.nodes import is_exercise_enumerable_node, is_solution_node

OPENING = re.compile(r"[(\[“‘]*$")
CLOSING = re.compile(r"[.,;:!?)\]”’-]*")
PER_CENT = re.compile(r"(?<=\d) (?=%)")
LONGEST = 40  # characters of TeX; a longer formula has to break on a phone
NO_PROSE = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def note_places(app, doctree):
    """Add all ids of a page to the places that MyST looks a link up in."""
    places = app.env.metadata[app.env.docname].setdefault("myst_slugs", {})
    for element in doctree.findall(nodes.Element):
        for anchor in element["ids"]:
            # Sphinx puts a word before the label of an equation.
            places.setdefault(anchor.removeprefix("equation-"), (element.line, anchor, anchor))


class FoldSolutions(SphinxPostTransform):
    """Replace each solution that has the class "dropdown"."""

    # sphinx-exercise resolves the titles at 21, sphinx-design its dropdowns at 199.
    default_priority = 150
    formats = ("html",)

    def run(self, **kwargs):
        """Replace the solutions; give up names that repeat on a page."""
        for exercise in self.document.findall(is_exercise_enumerable_node):
            exercise[-1]["ids"] = []  # each content has the same
        for solution in list(self.document.findall(is_solution_node)):
            if "dropdown" in solution["classes"]:
                solution.replace_self(dropdown(solution))


def dropdown(solution):
    """Return what sphinx-design makes a dropdown of."""
    name, content = solution["title"], solution[-1]
    return create_component(
        "dropdown",
        opened=False,
        type="dropdown",
        has_title=True,
        icon=None,
        chevron=None,
        container_classes=["sd-mb-3"],
        title_classes=[],
        body_classes=[],
        children=[nodes.rubric(name, name), *content],
    )


class KeepTogether(SphinxPostTransform):
    """Keep on one line what a reader reads as one word."""

    default_priority = 900  # when references and citations have their text
    formats = ("html",)

    def run(self, **kwargs):
        """Bind formulas to the marks that touch them, numbers to their per cent signs."""
        for formula in list(self.document.findall(nodes.math)):
            if len(formula.astext()) <= LONGEST:
                bind(formula)
        for text in list(self.document.findall(nodes.Text)):
            if PER_CENT.search(text) and not isinstance(text.parent, NO_PROSE):
                text.parent.replace(text, nodes.Text(PER_CENT.sub("\u00a0", text)))


def bind(formula):
    """Put a formula and the marks that touch it into an element that does not break."""
    parent, place = formula.parent, formula.parent.index(formula)
    before, after = parent[:place][-1:], parent[place + 1 :][:1]
    before = [text for text in before if isinstance(text, nodes.Text)]
    after = [text for text in after if isinstance(text, nodes.Text)]
    opening = OPENING.search("".join(before))[0]
    closing = CLOSING.match("".join(after))[0]
    if opening or closing:
        bound = nodes.inline(classes=["bound"])
        rest = [nodes.Text(text.removesuffix(opening)) for text in before]
        rest += [bound, *(nodes.Text(text.removeprefix(closing)) for text in after)]
        parent[place - len(before) : place + 1 + len(after)] = rest
        bound.extend([nodes.Text(opening), formula, nodes.Text(closing)])
