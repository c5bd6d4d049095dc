"""Show solutions of exercises as the same dropdowns that the proofs on the pages are.

sphinx-exercise leaves the folding of a solution to a script, which shows it until it
has run. As a dropdown of sphinx-design it is a ``details`` element, closed from the
start, that a browser opens by mouse, keyboard or search, without any script.
"""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import create_component
from sphinx_exercise.nodes import is_exercise_enumerable_node, is_solution_node


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


def setup(app):
    """Fold the solutions once their titles are known."""
    app.add_post_transform(FoldSolutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
