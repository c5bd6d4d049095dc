"""Read an assignment's source: one notebook in Markdown, with all that students must not see.

Its cells have tags.

``setup``
    Code that runs first. With ``hidden`` it runs in the grader only, for what checks compare
    with. A submission may import the standard library and what the visible set-up imports; the
    chapter's package can be found only where the visible set-up imports it. What else must not
    be used is listed, with dots, in the metadata of a set-up cell, and is noted for the teacher::

        forbidden: [torch.optim.RMSprop, numpy.cumsum]

``answer``
    Functions and classes that the checks call. What stands between ``### BEGIN SOLUTION`` and
    ``### END SOLUTION`` is cut out, and a line raises NotImplementedError in its place. A cell
    without markers is given to students as it is. (What follows a colon after BEGIN SOLUTION is
    not shown to anybody: a hint that dictates the line belongs nowhere.)
``check``
    Asserts about these functions. Its metadata::

        question: 1
        points: 1
        title: starts from `initial`
        hint: Does the first entry move the average by only 1 - rho of the way?

    The title says in a few words what is tested; it stands in the feedback, passed or not, after
    the names of the functions that the check calls ("`average`: starts from `initial`"). The
    hint is told only after a wrong value. Neither may tell a hidden input. `rng` is a random
    generator of the check's own. Visible checks are handed out; those with ``hidden`` are not.

    Errors are carried forward: where a check fails and the reference's function calls another
    answered function, the check is tried again with the reference's values for that one, and
    the better result counts. So a wrong first function costs only the checks that call it
    themselves, or through a function that is given.
``wrong``
    Replaces answers by wrong ones. Its metadata: a ``title``, and the ``score`` that it must get
    (errors carried forward).
``written``
    Text with a table of criteria and points (``| what it does | 1 |``). The answer to it is
    every paragraph of text that a student adds to the notebook.
``settings``
    Code that runs when the source is read, and is not handed out. Each name in capitals that
    it sets is replaced in all other cells: in text where it stands as ``{{NAME}}``, in code,
    where it stands by itself, by its value. ``pick(public, *others)`` is the first in the public
    assignment, and with ``--secret WORDS`` one of the others, drawn from these words: so a
    private variant has another task, and its own checks and wrong answers. ``--set NAME=TEXT``
    sets a name from outside::

        ORDER = pick("newest", "oldest")       # "... has {{ORDER}} first"
        STEP = {"newest": 1, "oldest": -1}[ORDER]    # return w[::STEP]
        HAND_IN = "as your course says"        # --set HAND_IN="on Moodle, until 2 May"

``teacher``
    Text for teachers.

The handout gets three things more, made by handout.py: a folded cell that runs the visible
checks so that "Run all" reaches the end, a last cell that says what is unanswered, and a
paragraph ``**Name:**`` under the title, which is left out of what is read without names.
Questions are headings ``## 1. Title (4 points)``.
"""

import ast
import random
import re
from pathlib import Path

import jupytext

FOLDER = Path(__file__).resolve().parent
MARKED = re.compile(r"^( *)### BEGIN SOLUTION(?:: .*)?\n(?:.*\n)*?\1### END SOLUTION$", re.M)
PRIVATE = {"hidden", "wrong", "teacher", "settings"}  # tags of what students do not get
QUESTION = re.compile(r"^## (\d+)\. ", re.M)


class Assignment:
    """What a source says; `checks` and `wrong` are pairs of code and metadata."""

    def __init__(self, name, secret=None, settings=()):
        self.path = Path(name) if name.endswith(".md") else FOLDER / f"{name}.md"
        if not self.path.is_file():
            raise SystemExit(f"there is no {self.path}")
        self.name = self.path.stem
        self.cells = jupytext.read(self.path).cells
        self.settings = self.run_settings(secret)
        if unknown := dict(settings).keys() - self.settings.keys():
            names = ", ".join(self.settings)
            raise SystemExit(f"{self.name} has no setting {', '.join(unknown)}; it has {names}")
        self.settings |= dict(settings)
        for cell in self.cells:
            self.fill_in(cell)
        self.title = re.search(r"^# (.*)$", self.cells[0].source, re.M)[1]
        self.checks, self.wrong = self.tagged("check"), self.tagged("wrong")
        self.answers = [code for code, _ in self.tagged("answer")]
        self.functions = [name for code in self.answers for name in functions(code)]
        given = [code for code in self.answers if not MARKED.search(code)]
        self.given = [name for code in given for name in functions(code)]
        tables = "\n".join(text for text, _ in self.tagged("written"))
        rows = re.findall(r"^\| (.+?) +\| (\d+) \|$", tables, re.M)
        self.rubric = {criterion: int(points) for criterion, points in rows}

    def tagged(self, tag):
        """Return code and metadata of each cell with a tag."""
        tagged = [cell for cell in self.cells if tag in tags(cell)]
        return [(cell.source, cell.metadata) for cell in tagged]

    def setup(self, hidden):
        """Return the cells that run first: in the kernel, or with `hidden` in the grader."""
        return [code for code, data in self.tagged("setup") if hidden or "hidden" not in data.tags]

    @property
    def possible(self):
        """Return the points of all checks and of the written part."""
        return sum(data.points for _, data in self.checks) + sum(self.rubric.values())

    @property
    def imports(self):
        """Return the packages that the visible set-up imports."""
        found = set()
        for node in ast.walk(ast.parse("\n".join(self.setup(hidden=False)))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
        return found

    @property
    def forbidden(self):
        """Return the dotted names that set-up cells forbid."""
        return [name for _, data in self.tagged("setup") for name in data.get("forbidden", [])]

    def run_settings(self, secret):
        """Return the names in capitals that the settings set; draw from the secret, if any."""
        draw = random.Random(secret)

        def pick(public, *others):
            return draw.choice(others) if secret and others else public

        space = {"pick": pick}
        for code, _ in self.tagged("settings"):
            exec(code, space)
        return {name: value for name, value in space.items() if name.isupper()}

    def fill_in(self, cell):
        """Put the values of the settings in the place of their names."""
        if not self.settings or "settings" in tags(cell):
            return
        names = "|".join(self.settings)
        text = re.compile(r"\{\{(" + names + r")\}\}")
        code = re.compile(r"\b(" + names + r")\b")
        if cell.cell_type == "code":
            cell.source = code.sub(lambda found: repr(self.settings[found[1]]), cell.source)
        else:
            cell.source = text.sub(lambda found: str(self.settings[found[1]]), cell.source)
        for key in {"title", "hint"} & set(cell.metadata):
            cell.metadata[key] = text.sub(
                lambda found: str(self.settings[found[1]]), str(cell.metadata[key])
            )


def tags(cell):
    """Return the set of a cell's tags."""
    return set(cell.metadata.get("tags", []))


def functions(code):
    """Return the names of the functions that a cell defines."""
    return [top.name for top in ast.parse(code).body if isinstance(top, ast.FunctionDef)]


def classes(code):
    """Return the names of the classes that a cell defines."""
    return [top.name for top in ast.parse(code).body if isinstance(top, ast.ClassDef)]


def check_title(data):
    """Return what a check tests, in a few words."""
    return str(data.get("title", "hidden check" if "hidden" in data.tags else "visible check"))
