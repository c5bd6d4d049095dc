"""The four assignments: points, handouts, known wrong answers, private variants."""

import pathlib
import re

import nbformat
import numpy as np
import pytest

from assignments.handout import handout
from assignments.sandbox import Limits
from assignments.source import FOLDER, MARKED, PRIVATE, Assignment, classes, functions
from assignments.trials import known, trials
from book.pages import ROOT

SOLUTION = re.compile(r"### BEGIN SOLUTION.*\n((?:.*\n)*?) *### END SOLUTION")
NAMES = [path.stem for path in sorted(FOLDER.glob("0*.md"))]
ALL = [Assignment(name) for name in NAMES]
OLD = pathlib.Path(__file__).with_name("01-averages.md")  # that of version 0.1.0
each = pytest.mark.parametrize("assignment", ALL, ids=lambda assignment: assignment.name)


def points(checks):
    return sum(data.points for _, data in checks)


def test_there_are_four():
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04"]


@each
def test_points(assignment):
    assert points(assignment.checks) + sum(assignment.rubric.values()) == 20
    visible = [check for check in assignment.checks if "hidden" not in check[1].tags]
    assert points(visible) <= 5
    text = "\n".join(cell.source for cell in assignment.cells if cell.cell_type == "markdown")
    promised = {q: int(n) for q, n in re.findall(r"^## (\d)\. .* \((\d) points\)$", text, re.M)}
    due = {}
    for _, data in assignment.checks:
        due[str(data.question)] = due.get(str(data.question), 0) + data.points
    if assignment.rubric:
        due[max(promised)] = sum(assignment.rubric.values())
    assert promised == due


@each
def test_reference_blank_and_wrong_answers_score_as_stated(assignment):
    """A third of them, for one seed; `.ci/run` tries all."""
    answers = known(assignment)
    assert len(answers) >= 5 and len({due for _, _, due in answers}) >= 3
    found = list(trials(assignment, answers[:2] + answers[2::3], seeds=[1]))
    assert [trial for trial in found if trial.points != trial.due] == []


def run(codes):
    space = {}
    for code in codes:
        exec(code, space)
    return space


@each
def test_handout(assignment):
    notebook = handout(assignment)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "SOLUTION" not in text
    assert f"longer than {Limits().cell} seconds" in text
    assert f"{Limits().cell} seconds for each call" in text
    assert [cell.id for cell in notebook.cells if cell.metadata] == ["given"]
    secret = [code for tag in PRIVATE for code, _ in assignment.tagged(tag)]
    secret += SOLUTION.findall("\n".join(assignment.answers))
    public = "\n".join(
        SOLUTION.sub("", cell.source)
        for cell in assignment.cells
        if not PRIVATE & set(cell.metadata.get("tags", []))
    )
    lines = {line.strip() for code in secret for line in code.splitlines()}
    lines = [line for line in lines if len(line) > 15 and line not in public]
    assert len(lines) > 50 and [line for line in lines if line in text] == []
    blanks = str(assignment.answers).count("BEGIN SOLUTION")
    assert text.count("raise NotImplementedError") == blanks >= 1


@each
def test_the_reading_time_stated_is_that_of_the_pages(assignment):
    said = assignment.cells[0].source
    (line,) = re.findall(r"^- \*Read first:\* (.*)$", said, re.M)
    pages = re.findall(r"/chapters/([\w-]+\.md)\)", line)
    texts = [(ROOT / "chapters" / page).read_text("utf8") for page in pages]
    minutes = sum(int(re.search(r"^About (\d+) minutes", text, re.M)[1]) for text in texts)
    assert line.endswith(f", {minutes} minutes together.")
    assert "Both times are estimates; nobody has measured them." in said
    teaching = (ROOT / "chapters/teaching.md").read_text("utf8")
    (row,) = re.findall(rf"^\| `{assignment.name}` .*$", teaching, re.M)
    assert re.findall(r"\(([\w-]+\.md)\)", row) == pages


@each
def test_run_all_of_a_handout_reaches_its_end_and_says_what_is_unanswered(assignment, capsys):
    cells = [cell.source for cell in handout(assignment).cells if cell.cell_type == "code"]
    space = run(cells)
    said = capsys.readouterr().out
    visible = [data for _, data in assignment.checks if "hidden" not in data.tags]
    assert said.count(": not answered yet") == len(visible)
    (left,) = [line for line in said.splitlines() if line.startswith("Not answered yet: ")]
    asked = left.removeprefix("Not answered yet: ").split(", ")
    marked = [code for code in assignment.answers if MARKED.search(code)]
    assert asked == [name for code in marked for name in functions(code) + classes(code)]
    for code in assignment.answers:  # answered in a cell below, as students do
        exec(code, space)
    for cell in cells:
        if cell.startswith(("with checking", "summary(")):
            exec(cell, space)
    said = capsys.readouterr().out
    assert "nothing, every function is there" in said
    assert said.count(": passed") == len(visible)


def test_a_private_variant_has_another_task_and_its_own_checks(tmp_path):
    source = OLD.read_text("utf8")
    settings = """```{code-cell} ipython3
:tags: [settings]

START = pick(0.0, 1.0, 2.0)
PLACE = "as your course says"
```
"""
    source = source.replace("## 1. ", settings + "\n## 1. ").replace(
        "initial=0.0):", "initial=START):"
    )
    source = source.replace("`initial`, and", "`initial` ({{START}}), and {{PLACE}}")
    path = tmp_path / "variant.md"
    path.write_text(source, "utf8")

    def text(*words):
        return "\n".join(cell.source for cell in handout(Assignment(str(path), *words)).cells)

    assert "def average(x, rho, initial=0.0)" in text() and "(0.0), and as your" in text()
    private = {text(secret) for secret in ("a", "b", "c", "d", "e")}
    assert len(private) == 2 and not [t for t in private if "=0.0):" in t or "START" in t]
    assert text("a") == text("a") and "(0.0), and on Moodle" in text(None, {"PLACE": "on Moodle"})
    assert "pick(" not in text()


@each
def test_a_student_who_has_the_solution_sees_every_check_pass(assignment):
    tags = {"setup", "answer", "check"}
    cells = [cell for cell in assignment.cells if tags & set(cell.metadata.get("tags", []))]
    run([cell.source for cell in cells if "hidden" not in cell.metadata.tags])


def test_the_verdict_that_a_full_answer_gives():
    """What the source of assignment 4 tells teachers, with fewer seeds."""
    space = run([*ALL[3].setup(hidden=False), *ALL[3].answers])
    seeds = [1, 2, 3], [4, 5, 6]
    loss = {
        name: space["play"](name, range(home - 2, home + 3), *seeds)
        for name, home in (("SGD", -8), ("AdaGrad", 0), ("RMSprop", -4))
    }
    assert np.allclose(list(loss.values()), [0.18, 0.012, 0.14], rtol=0.3)
    moved = space["null"]("SGD", range(-9, -5), seeds, ([7, 8, 9], [10, 11, 12]))
    assert 0.8 < moved < 1.3  # a factor of three, between a method and itself


@each
def test_hints_are_one_line_of_words(assignment):
    for _, data in assignment.checks:
        assert 30 < len(data.hint) < 160 and "\n" not in data.hint
        assert data.hint[-1] in ".?)"


def test_a_solution_without_an_end_is_not_handed_out(tmp_path):
    source = OLD.read_text("utf8")
    for marker in ("    ### END SOLUTION\n", "    ### BEGIN SOLUTION: solve rho**k = 1/2 for k\n"):
        path = tmp_path / "broken.md"
        path.write_text(source.replace(marker, "", 1), "utf8")
        with pytest.raises(SystemExit, match="no partner"):
            handout(Assignment(str(path)))
