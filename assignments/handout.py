"""Make the notebook for students: no solution, no hidden check, nothing that stops "Run all"."""

import ast
import re
import textwrap
from pathlib import Path

from nbformat import v4

from assignments.source import MARKED, PRIVATE, QUESTION, check_title, classes, functions, tags

GIVEN = Path(__file__).with_name("given.py").read_text("utf8").rstrip()
NAME = "**Name:** *your name, in place of these words*"
FOLDED = {"jupyter": {"source_hidden": True}}


def handout(assignment):
    """Return the notebook for students."""
    cells, asked, question = [], {}, "0"
    for number, cell in enumerate(assignment.cells):
        if PRIVATE & tags(cell):
            continue
        if cell.cell_type == "markdown":
            for found in QUESTION.finditer(cell.source):
                question = found[1]
            cells.append(v4.new_markdown_cell(cell.source, id=f"cell-{number}"))
        else:
            code = cell.source
            if "check" in tags(cell):
                code = checked(code, cell.metadata)
            elif MARKED.search(code):
                asked.setdefault(question, []).extend(functions(code) + classes(code))
                code = without_solutions(code)
            if "SOLUTION" in code:
                where = assignment.path
                raise SystemExit(f"{where}: a marker of a solution has no partner:\n{code}")
            cells.append(v4.new_code_cell(code, id=f"cell-{number}"))
    cells[0].source = re.sub(r"^(# .*)$", rf"\1\n\n{NAME}", cells[0].source, count=1, flags=re.M)
    cells.insert(1, v4.new_code_cell(GIVEN, id="given", metadata=FOLDED))
    names = ", ".join(f"question_{number}={names}" for number, names in asked.items())
    cells.append(v4.new_code_cell(f"summary({names})", id="summary"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def without_solutions(code):
    """Put a line that raises NotImplementedError in the place of each solution."""

    def blank(found):
        defined = re.findall(r"^ *(?:def|class) (\w+)", code[: found.start()], re.M)
        name = defined[-1] if defined else "this cell"
        return f'{found[1]}raise NotImplementedError("{name} is not answered yet")'

    return MARKED.sub(blank, code)


def checked(code, data):
    """Return a visible check that says what came of it."""
    body = textwrap.indent(code, "    ")
    head = (
        f"with checking(\n    question={str(data.question)!r},\n"
        f"    title={check_title(data)!r},\n"
        f"    points={data.points},\n    hint={str(data.hint)!r},\n):\n"
    )
    (block,) = ast.parse(head + body).body
    if ast.dump(ast.Module(block.body, [])) != ast.dump(ast.Module(ast.parse(code).body, [])):
        raise SystemExit(f"a text over several lines cannot be indented in the check:\n{code}")
    return head + body
