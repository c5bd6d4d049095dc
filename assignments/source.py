"""Read an assignment's source, a Markdown notebook, and make the notebook for students.

Tags of cells: ``setup`` runs first; ``answer`` has the solution between two markers, and defines
the functions that checks call; ``check`` asserts something about them, for points; ``hidden``
keeps a setup or a check from students; ``wrong`` replaces answers by wrong ones, with the score
that they must get; ``written`` is a text with a table of criteria and points; ``teacher`` is a
text for teachers.
"""

import ast
import re
from pathlib import Path

import jupytext
from nbformat import v4

FOLDER = Path(__file__).resolve().parent
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION: (.*)\n(?:.*\n)*?\1### END SOLUTION$", re.M)
KEPT = {"hidden", "wrong", "teacher"}  # from students


class Assignment:
    """What a source says; `checks` and `wrong` are pairs of code and metadata."""

    def __init__(self, name):
        self.path = Path(name) if name.endswith(".md") else FOLDER / f"{name}.md"
        if not self.path.is_file():
            raise SystemExit(f"there is no {self.path}")
        self.name = self.path.stem
        self.cells = jupytext.read(self.path).cells
        self.title = re.search(r"^# (.*)$", self.cells[0].source, re.M)[1]
        self.checks, self.wrong = self.tagged("check"), self.tagged("wrong")
        self.answers = [code for code, _ in self.tagged("answer")]
        tops = ast.parse("\n".join(self.answers)).body
        self.functions = [top.name for top in tops if isinstance(top, ast.FunctionDef)]
        tables = "\n".join(text for text, _ in self.tagged("written"))
        rows = re.findall(r"^\| (.+?) +\| (\d+) \|$", tables, re.M)
        self.rubric = {criterion: int(points) for criterion, points in rows}

    def tagged(self, tag):
        """Return code and metadata of each cell with a tag."""
        tagged = [cell for cell in self.cells if tag in cell.metadata.get("tags", [])]
        return [(cell.source, cell.metadata) for cell in tagged]

    def setup(self, hidden):
        """Return the cells that run first: in the kernel, or with `hidden` in the grader."""
        return [code for code, data in self.tagged("setup") if hidden or "hidden" not in data.tags]

    def handout(self):
        """Return the notebook for students: no solution, no hidden check, no metadata."""
        cells = []
        for number, cell in enumerate(self.cells):
            if KEPT & set(cell.metadata.get("tags", [])):
                continue
            text = SOLUTION.sub(r'\1raise NotImplementedError("\2")', cell.source)
            if "SOLUTION" in text:
                raise SystemExit(f"{self.path}: a marker of a solution has no partner:\n{text}")
            if "hint" in cell.metadata:
                text = f"# {cell.metadata['points']} of the points. {cell.metadata['hint']}\n{text}"
            new = v4.new_markdown_cell if cell.cell_type == "markdown" else v4.new_code_cell
            cells.append(new(text, id=f"cell-{number}"))
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
