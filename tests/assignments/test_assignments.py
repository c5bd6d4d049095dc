"""Assignments: points, handouts, known wrong answers; and what carries values and marks."""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager

import jupytext
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments import grade, sandbox
from assignments.__main__ import main
from assignments.__main__ import test as trials
from assignments.grade import batch, read, submissions
from assignments.handout import handout
from assignments.plain import Answer, pack, unpack
from assignments.report import report, write
from assignments.sandbox import Limits
from assignments.source import FOLDER, MARKED, PRIVATE, Assignment, classes, functions
from book.pages import ROOT

SOLUTION = re.compile(r"### BEGIN SOLUTION.*\n((?:.*\n)*?) *### END SOLUTION")
NAMES = [path.stem for path in sorted(FOLDER.glob("0*.md"))]
REFUSAL = sandbox.why_not()
ALL = [Assignment(name) for name in NAMES]
OLD = pathlib.Path(__file__).with_name("01-averages.md")  # that of version 0.1.0
each = pytest.mark.parametrize("assignment", ALL, ids=lambda assignment: assignment.name)


def points(checks):
    return sum(data.points for _, data in checks)


def test_there_are_four():
    assert [name[:2] for name in NAMES] == ["01", "02", "03", "04"]


def test_the_tool_is_small():
    lines = [line for path in FOLDER.glob("*.py") for line in path.read_text("utf8").splitlines()]
    assert len([line for line in lines if line.strip()]) <= 500


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
def test_every_wrong_answer_scores_as_stated_for_other_seeds(assignment):
    """In this process, where that is fast: what a new seed changes must not change a score."""
    ours, quick = run(assignment.setup(hidden=True)), assignment.name < "03"
    everything = [("", points(assignment.checks))]
    everything += [(code, data.score) for code, data in assignment.wrong]
    assert len(everything) >= 4 and len({score for _, score in everything}) >= 3
    for seed in range(1, 4 if quick else 2):
        for code, due in everything:
            theirs = run([*assignment.setup(hidden=False), *assignment.answers, code])
            space = ours | {name: over_the_wire(theirs[name]) for name in assignment.functions}
            assert (
                sum(
                    data.points * passes(check, space | {"rng": np.random.default_rng([seed, n])})
                    for n, (check, data) in enumerate(assignment.checks)
                )
                == due
            ), code


def run(codes):
    space = {}
    for code in codes:
        exec(code, space)
    return space


def passes(code, space):
    try:
        exec(code, space)
    except Exception:
        return False
    return True


def over_the_wire(function):
    """Return a function that is called as the grader calls one in a kernel."""

    def call(*arguments, **options):
        text = json.dumps(pack([arguments, options]))
        return unpack(json.loads(repr(Answer(function, text))))

    return call


@each
def test_reference_blank_and_wrong_answers_score_as_stated(assignment):
    for name, got, due in trials(assignment):
        assert got == due, name


@each
def test_handout(assignment):
    notebook = handout(assignment)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "SOLUTION" not in text
    assert f"longer than {Limits().cell} seconds" in text
    assert f"{Limits().cell} seconds for each call" in text
    assert [cell.id for cell in notebook.cells if cell.metadata] == ["given"]
    kept = PRIVATE
    secret = [code for tag in kept for code, _ in assignment.tagged(tag)]
    secret += SOLUTION.findall("\n".join(assignment.answers))
    public = "\n".join(
        SOLUTION.sub("", cell.source)
        for cell in assignment.cells
        if not kept & set(cell.metadata.get("tags", []))
    )
    lines = {line.strip() for code in secret for line in code.splitlines()}
    lines = [line for line in lines if len(line) > 15 and line not in public]
    assert len(lines) > 50 and [line for line in lines if line in text] == []
    blanks = str(assignment.answers).count("BEGIN SOLUTION")
    assert text.count("raise NotImplementedError") == blanks >= 1


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
    """What the source of assignment 4 tells teachers."""
    space = run([*ALL[3].setup(hidden=False), *ALL[3].answers])
    verdict = space["compare"](np.geomspace(0.001, 10, 13), range(3), range(100, 110))
    sgd, adagrad, rmsprop = verdict.values()
    medians = [np.median(scores) for scores in verdict.values()]
    assert np.allclose(medians, [1.5, 0.01, 0.14], rtol=0.2)
    assert (adagrad < rmsprop).all() and (rmsprop < sgd).all()


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


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_plain_values_come_back(value):
    assert repr(unpack(json.loads(json.dumps(pack(value))))) == repr(value)


@pytest.mark.parametrize("kind", ["float64", "float32", "int64", "bool"])
def test_arrays_come_back(kind):
    for shape in ((), (3,), (2, 0), (2, 3)):
        array = np.ones(shape, kind)
        back = unpack(json.loads(json.dumps(pack(array))))
        assert back.dtype == kind and back.shape == shape and (back == array).all()
    assert np.isnan(unpack(json.loads(json.dumps(pack(np.array([np.nan, np.inf])))))[0])


@pytest.mark.parametrize("value", [{1, 2}, object(), len, 1j, np.array([1j]), np.array([object()])])
def test_what_is_not_plain_is_not_packed(value):
    with pytest.raises(TypeError):
        pack(value)


@pytest.mark.parametrize(
    "value",
    [
        {"array": [1], "type": "object"},
        {"array": [1], "type": "100000000f8"},
        {"array": [[1], 2], "type": "float64"},
        {"array": {}, "type": "float64"},
        {"dict": [[[], 1]]},
        {"dict": 1},
        {},
    ],
)
def test_what_nothing_packs_to_is_not_unpacked(value):
    with pytest.raises((TypeError, ValueError, KeyError)):
        unpack(value)


def test_marks_of_the_written_part_are_merged(tmp_path):
    assignment = Assignment("04-fair-experiment")
    criteria = list(assignment.rubric)
    outcomes = [[str(data.question), data.points, data.points, ""] for _, data in assignment.checks]
    results = [
        {"file": f"{name}.ipynb", "student": name, "key": name, "outcomes": outcomes, "notes": []}
        for name in ("ann", "bob")
    ]

    def graded():
        report(assignment, results, tmp_path)
        with (tmp_path / "grades.csv").open(encoding="utf8", newline="") as lines:
            return {row["student"]: (row["written"], row["total"]) for row in csv.DictReader(lines)}

    def fill(marks, comma=","):
        rows = [["file", *criteria], ["ann.ipynb", *marks], ["gone.ipynb", *[1] * 6], []]
        with (tmp_path / "rubric.csv").open("w", encoding="utf-8-sig", newline="") as lines:
            csv.writer(lines, delimiter=comma).writerows(rows)

    assert graded() == {"ann": ("", "14"), "bob": ("", "14")}
    assert "not graded yet" in (tmp_path / "feedback/ann.md").read_text("utf8")
    fill([1, 1, 1, 0.5, 0, 1])
    assert graded() == {"ann": ("4.5", "18.5"), "bob": ("", "14")}
    assert "0.5 of 1" in (tmp_path / "feedback/ann.md").read_text("utf8")
    assert "gone.ipynb" in (tmp_path / "rubric.csv").read_text("utf8")
    fill(["1", "1,0", "1", "0,5", "0", " ,5"], ";")  # as a German spreadsheet saves it
    assert graded() == {"ann": ("4.0", "18"), "bob": ("", "14")}
    for marks in ([1, 1, 1, 1, 1, ""], [1, 1, 1, 1, 1]):
        fill(marks)
        assert graded()["ann"] == ("", "14")
    for mark in ("2", "-1", "nan", "1e-1", "good"):
        fill([1, 1, 1, 1, 1, mark])
        with pytest.raises(SystemExit, match=f"ann.ipynb: the mark {mark} is not from 0 to 1"):
            graded()


@pytest.mark.parametrize("name", ["-final", "'final", "'-final", "=1+1", "ann"])
def test_marks_stay_with_the_file_whatever_its_name(tmp_path, name):
    assignment, file = Assignment("04-fair-experiment"), f"{name}.ipynb"
    result = {"file": file, "student": "ann", "key": "ann", "outcomes": [], "notes": []}
    table = tmp_path / "rubric.csv"
    for _ in range(2):
        report(assignment, [result], tmp_path)
    empty = table.read_text("utf8")
    assert len(empty.splitlines()) == 2
    table.write_text(empty.replace(",,,,,,", ",1,1,1,1,1,0.5"), "utf8")
    report(assignment, [result], tmp_path)
    assert "ann: 5.5 points" in (tmp_path / "feedback/ann.md").read_text("utf8")


def test_names_of_students(tmp_path):
    files = {
        "ann.ipynb": "ann",
        "bob/hw.ipynb": "bob",
        "roejohn_12_34_hw-1.ipynb": "roejohn 12",
        "roejane_LATE_12_34_hw.ipynb": "roejane 12",
        "mallory/roejohn_12_34_hw.ipynb": "mallory",
        "mal_lory/12_34_hw.ipynb": "mal_lory",
        "zoe/more/assignment_1_2_final.ipynb": "zoe",
        "ann.md": "ann",
    }
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).touch()
    found = [result for _, result in submissions(tmp_path, tmp_path / "out")]
    assert {result["file"]: result["student"] for result in found} == files
    assert len({result["key"] for result in found}) == len(files)


@contextmanager
def somebody_else():
    """Be a user who may not read what root may, where these tests run as root."""
    root = os.getuid() == 0
    if root:
        os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


@pytest.mark.skipif(os.name == "nt", reason="a file without rights can be read here")
def test_a_file_that_cannot_be_read_stops_nothing():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        (folder / "ann.ipynb").touch()
        (folder / "ann.ipynb").chmod(0)
        with somebody_else():
            ((path, result),) = submissions(folder, folder / "out")
            with pytest.raises(ValueError, match="not a notebook"):
                read(path)
        assert result["student"] == "ann"


def fenced(fence="```", options="", code="x = 1\n", end=None):
    return f"{fence}{{code-cell}} ipython3\n{options}{code}{end or fence}\n"


@pytest.mark.parametrize(
    "options", ["", ":tags: [a]\n:b: c\n\n", "---\ntags: [a]\nhint: |\n  two\n\n  lines\n---\n"]
)
@pytest.mark.parametrize("fence", ["```", "````"])
@pytest.mark.parametrize(
    "code", ["", "x = 1\n", 'x = """\n:a\n```python\n---\n"""\n', "\n\ny = 2\n\n"]
)
def test_cells_of_a_markdown_notebook_are_read_whole(tmp_path, options, fence, code):
    path, one = tmp_path / "a.md", fenced(fence, options, code)
    text = f"---\na: b\n---\n\n# Title\n\n{one}\n```python\nno = 0\n```\n\n{one.rstrip()}"
    path.write_text(text, "utf-8-sig")
    assert [cell.strip("\n") for cell in read(path)] == [code.strip("\n")] * 2
    longer = fenced(fence, options, code, end=f"{fence}`  ")
    path.write_text(longer + "text\n" + one, "utf8")
    assert [cell.strip("\n") for cell in read(path)] == [code.strip("\n")] * 2


@each
def test_a_source_reads_as_jupytext_reads_it(assignment):
    cells = jupytext.read(assignment.path).cells
    codes = [cell.source for cell in cells if cell.cell_type == "code"]
    assert [code.strip("\n") for code in read(assignment.path)] == [c.strip("\n") for c in codes]


def test_a_notebook_with_a_byte_order_mark_is_read(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1")])
    (tmp_path / "a.ipynb").write_text(nbformat.writes(notebook), "utf-8-sig")
    assert read(tmp_path / "a.ipynb") == ["x = 1"]


def test_whoever_ran_out_of_time_is_graded_again_alone(tmp_path, monkeypatch):
    """The first time `slow` is late, as if a neighbour had taken its time; `loop` always is."""
    seen = []

    def apart(_, job):
        result, target = job[-2:]
        seen.append(result["file"])
        late = seen.count(result["file"]) == 1 and result["file"] != "good.ipynb"
        write(target, json.dumps(result | {"late": late or result["file"] == "loop.ipynb"}))

    monkeypatch.setattr(grade, "apart", apart)
    for name in ("good", "loop", "slow"):
        (tmp_path / f"in/{name}.ipynb").parent.mkdir(exist_ok=True)
        (tmp_path / f"in/{name}.ipynb").touch()
    results = batch(ALL[0], tmp_path / "in", tmp_path / "out", Limits(), "bare")
    assert sorted(seen[:3]) == ["good.ipynb", "loop.ipynb", "slow.ipynb"]
    assert seen[3:] == ["loop.ipynb", "slow.ipynb"]
    assert [result["late"] for result in results] == [False, True, False]
    (tmp_path / "in/loop.ipynb").write_text("changed")
    batch(ALL[0], tmp_path / "in", tmp_path / "out", Limits(), "bare")
    assert seen[5:] == ["loop.ipynb"]  # it was alone


def command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "assignments", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf8",
    )
    return done.returncode, done.stdout + done.stderr


def test_build(tmp_path):
    assert command("build", "--out", tmp_path)[0] == 0
    names = {f"{name}.{ending}" for name in NAMES for ending in ("ipynb", "md")}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in NAMES:
        nbformat.read(tmp_path / f"{name}.ipynb", 4)


def test_it_refuses_where_it_cannot_isolate(tmp_path, monkeypatch):
    monkeypatch.setitem(sandbox.ENVIRONMENT, "PATH", str(tmp_path))
    assert sandbox.why_not(tmp_path) == "bubblewrap is not installed (its command is bwrap)"
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'no new namespace' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    assert sandbox.why_not(tmp_path) == "bubblewrap does not work: no new namespace"
    monkeypatch.setattr(sys, "argv", ["assignments", "grade", "01-averages", str(tmp_path)])
    with pytest.raises(SystemExit, match="no new namespace[^$]*--unsafe"):
        main()
    assert not list(tmp_path.glob("grades*"))


def test_each_assignment_has_a_folder_for_its_grades(tmp_path, monkeypatch):
    (tmp_path / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assignments.__main__.why_not", lambda *_: None)
    for name in NAMES[::3]:
        monkeypatch.setattr(sys, "argv", ["assignments", "grade", name, "submissions"])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code is None
    tables = {path.parent.name for path in tmp_path.glob("grades/*/grades.csv")}
    assert tables == {NAMES[0], NAMES[3]}


def test_it_says_what_is_missing(tmp_path):
    for words in (["grade"], ["grade", "01-averages"], ["grade", "01-averages", tmp_path / "no"]):
        code, said = command(*words)
        assert code == 2 and "a folder of submissions" in said
    code, said = command("test", "nobody")
    assert code == 1 and "there is no" in said and "nobody.md" in said


def test_it_refuses_to_put_what_is_private_where_submissions_can_read(tmp_path):
    private = sandbox.CODE / "rmsprop"
    assert sandbox.why_not(tmp_path, private).endswith(f"{sandbox.CODE}, and {private} lies in it")


def test_a_fault_of_the_grader_is_said_and_costs_one_submission(tmp_path):
    source = OLD.read_text("utf8")
    path, fault = tmp_path / "faulty.md", "import os; os._exit(3)\nrng = np.random"
    path.write_text(source.replace("rng = np.random", fault), "utf8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.ipynb").write_text(json.dumps({"cells": [], "nbformat": 4, "metadata": {}}))
    (result,) = batch(Assignment(str(path)), tmp_path / "in", tmp_path / "out", Limits(), "bare")
    assert result["notes"] == ["the grader failed on it"] and result["outcomes"] == []


@pytest.mark.skipif(bool(REFUSAL), reason=f"no submission is graded here: {REFUSAL}")
def test_gradescope(tmp_path):
    """What the page for teachers says, on this machine instead of theirs."""
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    (tmp_path / "assignment").write_text("01-averages\n")
    scripts = [FOLDER / "gradescope/setup.sh", FOLDER / "gradescope/run_autograder"]
    words = [*scripts, tmp_path / "assignment", "assignments", "code", "requirements.txt"]
    make = [sys.executable, "-m", "zipfile", "-c", tmp_path / "autograder.zip", *words]
    subprocess.run([*make, "constraints.txt"], cwd=ROOT, check=True)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    cells = [nbformat.v4.new_code_cell(code) for code in ALL[0].answers[:2]]
    for name, some in (("hw", cells), ("copy", cells), ("draft", cells[:1])):
        notebook = nbformat.v4.new_notebook(cells=some)
        nbformat.write(notebook, tmp_path / f"submission/{name}.ipynb")
    environment = os.environ | {"AUTOGRADER": str(tmp_path), "PYTHON": sys.executable}
    run_autograder = ["bash", tmp_path / "source/run_autograder"]
    subprocess.run(run_autograder, env=environment, check=True, capture_output=True)
    results = json.loads((tmp_path / "results/results.json").read_text("utf8"))
    assert results["score"] == 7 == sum(test["score"] for test in results["tests"])
    assert sum(test["max_score"] for test in results["tests"]) == 20
    failed = [test for test in results["tests"] if test["score"] < test["max_score"]]
    assert all(re.match("NameError, raised by the code", test["output"]) for test in failed)
