"""Errors carried forward, words about errors, faults of checks, and runs that are interrupted."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from assignments import batch as batches
from assignments.batch import Batch
from assignments.checks import misfit
from assignments.feedback import page
from assignments.files import write
from assignments.recording import FaultOfTheCheck, kind, record
from assignments.sandbox import Limits, why_not
from assignments.source import Assignment
from assignments.student import memory
from book.pages import ROOT

OLD = Path(__file__).with_name("01-averages.md")  # that of version 0.1.0
ASSIGNMENT = Assignment(str(OLD))
PERFECT = [*ASSIGNMENT.setup(hidden=False), *ASSIGNMENT.answers]
reason = why_not()
sandboxed = pytest.mark.skipif(bool(reason), reason=f"no submission is graded here: {reason}")


def notebook(path, *codes):
    path.parent.mkdir(exist_ok=True, parents=True)
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def changed(tmp_path, old, new):
    path = tmp_path / "changed.md"
    source = OLD.read_text("utf8")
    assert old in source
    path.write_text(source.replace(old, new), "utf8")
    return Assignment(str(path))


def test_what_the_reference_calls_is_recorded():
    recordings = record(ASSIGNMENT, seed=3)
    called = {}
    for recording, (_, data) in zip(recordings, ASSIGNMENT.checks, strict=True):
        called.setdefault(str(data.question), []).append(recording.functions)
    assert called["2"] == [["weights"], ["weights"], ["last_average"], ["last_average"]]
    tables = [set(recording.tables) for recording in recordings]
    assert {"weights"} in tables and {"average"} in tables and {"spread"} in tables
    assert json.dumps([recording.tables for recording in recordings])


def test_values_of_the_reference_are_not_those_that_a_check_tests():
    """Neither of what it calls itself, nor by way of what is given to students."""
    for name in ("01-averages", "02-rmsprop-and-adagrad"):
        assignment = Assignment(name)
        for recording in record(assignment, seed=3):
            assert not set(recording.functions) & set(recording.tables)
            assert not set(assignment.given) & set(recording.tables)


def test_the_recording_does_not_depend_on_its_seed_in_kind():
    one, other = record(ASSIGNMENT, 1), record(ASSIGNMENT, 2)
    assert [r.functions for r in one] == [r.functions for r in other]
    assert [set(r.tables) for r in one] == [set(r.tables) for r in other]


@pytest.mark.parametrize(
    "fault",
    [
        "raise OSError",
        "assert False",
        "rng.no_such_thing()",
        "half_life(object())",  # which no submission could be given
        "assert choose(9.0, 20) == tuple(choose(9.0, 20))",  # which no submission could return
    ],
)
def test_a_fault_of_a_check_is_charged_to_nobody(tmp_path, fault):
    assignment = changed(tmp_path, "rho, age = rng.uniform", f"{fault}\nrho, age = rng.uniform")
    notebook(tmp_path / "in/a.ipynb", *PERFECT)
    with pytest.raises(FaultOfTheCheck, match="question 3, .* fails on the reference"):
        Batch(assignment, tmp_path / "in", tmp_path / "out", seed=1).run(jobs=1)
    assert not (tmp_path / "out").exists()


def test_a_grader_that_fails_is_said_and_keeps_no_result(tmp_path):
    fault = "import multiprocessing, os\nmultiprocessing.parent_process() and os._exit(3)\n"
    assignment = changed(tmp_path, "from math import ceil", fault + "from math import ceil")
    notebook(tmp_path / "in/a.ipynb", *PERFECT)
    batch = Batch(assignment, tmp_path / "in", tmp_path / "out", seed=1, how="bare")
    assert batch.run(jobs=1)
    (result,) = batch.results()
    assert result["status"] == "not gradable" and "the grader failed" in result["why"]
    assert not list(tmp_path.glob("out/results/*.json"))  # so that the next run tries again


@pytest.mark.parametrize(
    ("got", "due", "said"),
    [
        (None, 1.0, "nothing (None)"),
        (3.0, 3, "a whole number is wanted"),
        (True, 3, ""),
        (3, 3.0, ""),
        ([1, 2], [1.0, 2.0], ""),
        ([1, 2, 3], [1.0, 2.0], "1 entry too many"),
        ([], [1.0, 2.0], "2 entries too few"),
        ([[1, 2]], [1.0, 2.0], "2 dimensions, not of 1"),
        (1.0, [1.0], "a number, where an array is wanted"),
        ("1", 1.0, "a text, where a number is wanted"),
        ({}, [1.0], "a dictionary, where an array is wanted"),
    ],
)
def test_results_of_another_kind_are_told_as_such(got, due, said):
    text = misfit("f", kind(got), kind(due))
    assert said in text and bool(said) == bool(text)


def outcome(state, points=0, **others):
    basic = {"question": "1", "title": "starts from `initial`", "functions": ["average"]}
    basic |= {"hidden": True, "points": points, "possible": 1, "state": state, "why": ""}
    return {**basic, **others}


def feedback(*outcomes, **others):
    result = {"student": "ann", "status": "graded", "why": "", "notes": [], "text": ""}
    return page(ASSIGNMENT, {**result, "outcomes": list(outcomes), **others})


def test_feedback_is_by_question_and_in_words():
    text = feedback(
        outcome("passed", 1),
        outcome("wrong", why="Wrong value. Is v_0 used?", hidden=False),
        outcome("not answered", question="2", functions=["weights"]),
        outcome("not answered", question="2", functions=["last_average"]),
    )
    assert "ann: 1 of 20 points." in text
    assert "## Question 1: 1 of 2" in text
    assert "- 1 of 1: `average`: starts from `initial` (hidden check). Right." in text
    assert "(check in your notebook). Wrong value. Is v_0 used?" in text
    assert "## Question 2: 0 of 2\n\nNot answered: `weights`, `last_average`.\n" in text


def test_full_marks_are_one_line_and_a_blank_gets_no_hint():
    full = feedback(outcome("passed", 1), outcome("carried", 1))
    assert full.splitlines()[2:] == [
        "ann: 2 of 20 points.",
        "",
        "Everything that is checked is right: all 2 checks passed.",
    ]
    blank = feedback(outcome("not answered"), outcome("not answered"))
    assert blank.splitlines()[2:] == ["ann: 0 of 20 points.", "", "No function is answered yet."]


def test_the_same_error_is_told_once():
    error = {"why": "NameError in `average`: `vv` is not defined."}
    text = feedback(outcome("error", **error), outcome("error", title="is an array", **error))
    assert text.count("NameError") == 1 and "0 of 2" in text
    assert "starts from `initial`" in text and "is an array" in text


def test_whoever_waited_is_graded_again_alone_also_after_an_interrupt(tmp_path, monkeypatch):
    """The first time `slow` waits, as if the disk were busy; `sleeper` always does."""
    seen, stop_at = [], [99]

    def apart(self, submission, alone):
        if len(seen) == stop_at[0]:
            raise KeyboardInterrupt
        seen.append(submission.file)
        waits = submission.file == "sleeper.ipynb"
        waits |= submission.file == "slow.ipynb" and seen.count("slow.ipynb") == 1
        kept = {**submission.facts(), "waited": waits, "alone": alone, "status": "graded"}
        kept |= {"digest": self.digest(submission.digest()), "outcomes": []}
        write(self.target(submission), json.dumps(kept))

    monkeypatch.setattr(Batch, "apart", apart)
    monkeypatch.setattr(batches, "record", lambda *_: [])
    for name in ("good", "sleeper", "slow"):
        notebook(tmp_path / f"in/{name}.ipynb")

    def run(**options):
        batch = Batch(ASSIGNMENT, tmp_path / "in", tmp_path / "out", seed=1)
        return batch.run(jobs=2, **options), batch.results()

    stop_at[0] = 3
    assert run()[0] is False and len(seen) == 3  # before the second round
    stop_at[0] = 99
    complete, results = run()
    assert complete and seen[3:] == ["sleeper.ipynb", "slow.ipynb"]
    assert [result["waited"] for result in results] == [False, True, False]
    assert run()[0] and len(seen) == 5
    notebook(tmp_path / "in/good.ipynb", "changed = 1")
    assert run()[0] and seen[5:] == ["good.ipynb"]


def test_old_results_stay_until_new_ones_are_there(tmp_path, monkeypatch):
    notebook(tmp_path / "in/a.ipynb", "x = 1")
    batch = Batch(ASSIGNMENT, tmp_path / "in", tmp_path / "out", seed=1)
    (submission,) = batch.submissions
    kept = {"digest": batch.digest(submission.digest()), "waited": False, "alone": True}
    kept |= {"outcomes": [], "status": "graded"}
    write(batch.target(submission), json.dumps(kept))
    monkeypatch.setattr(batches, "record", lambda *_: [])

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Batch, "apart", interrupted)
    assert batch.run(jobs=1, again=True) is False
    assert [result["status"] for result in batch.results()] == ["graded"]
    notebook(tmp_path / "in/a.ipynb", "x = 2")  # the old result is none of this file
    batch = Batch(ASSIGNMENT, tmp_path / "in", tmp_path / "out", seed=1)
    assert [result["status"] for result in batch.results()] == ["waiting"]
    assert batch.target(submission).exists()


@sandboxed
def test_a_second_run_grades_what_is_new_or_has_changed(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b"):
        notebook(folder / f"{name}.ipynb", *PERFECT[:2])

    def graded_anew(again=False, **options):
        before = {path: path.stat().st_mtime_ns for path in (out / "results").glob("*")}
        batch = Batch(ASSIGNMENT, folder, out, **{"seed": 5, "limits": Limits(30, 2), **options})
        assert batch.run(jobs=2, again=again)
        assert [result["file"][0] for result in batch.results()] == ["a", "b"]
        after = {path: path.stat().st_mtime_ns for path in (out / "results").glob("*")}
        return {path.name[0] for path, time in after.items() if before.get(path) != time}

    assert graded_anew() == {"a", "b"} and graded_anew() == set()
    notebook(folder / "b.ipynb", *PERFECT)
    assert graded_anew() == {"b"}
    assert graded_anew(seed=6) == {"a", "b"} == graded_anew(seed=6, again=True)


@sandboxed
@pytest.mark.parametrize("how", [signal.SIGINT, getattr(signal, "SIGKILL", signal.SIGTERM)])
def test_an_interrupted_run_is_resumed_to_the_same_table(tmp_path, how):
    folder, out = tmp_path / "in", tmp_path / "out"
    for number in range(4):
        notebook(folder / f"{number}.ipynb", *PERFECT[: number + 1])
    words = [sys.executable, "-m", "assignments", "grade", str(OLD), str(folder), "--jobs", "2"]
    words += ["--out", str(out)]
    begun = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    done = 0
    while done < 1 and begun.poll() is None:
        done = len(list(out.glob("results/*.json")))
        time.sleep(0.02)
    time.sleep(random.uniform(0, 0.3))
    begun.send_signal(how)
    begun.communicate()
    finished = {p: p.read_text("utf8") for p in out.glob("results/*.json")}
    assert all(json.loads(text)["status"] == "graded" for text in finished.values())
    if how == signal.SIGINT:
        assert begun.returncode in (130, 0)  # 0 if all was done by then
        rows = (out / "grades.csv").read_text("utf8").splitlines()[1:]
        assert len(rows) == 4
        assert sum(",waiting," in row for row in rows) == 4 - len(finished)
    os.utime(folder / "0.ipynb")
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    rows = (out / "grades.csv").read_text("utf8").splitlines()[1:]
    assert [row.split(",")[11] for row in rows] == ["0", "4", "8", "12"]
    assert {p: p.read_text("utf8") for p in finished} == finished


@sandboxed
def test_the_same_submission_gets_the_same_mark_alone_and_among_others(tmp_path):
    answers = [*PERFECT[:3], "exit()", *PERFECT[3:], "def half_life(rho): import os; os._exit(1)"]
    for number in range(3):
        notebook(tmp_path / f"many/{number}.ipynb", *answers)
    notebook(tmp_path / "one/0.ipynb", *answers)
    found = []
    for folder, jobs in (("one", 1), ("many", 3)):
        batch = Batch(ASSIGNMENT, tmp_path / folder, tmp_path / f"{folder}-out", seed=5)
        assert batch.run(jobs=jobs)
        found += [result["outcomes"] for result in batch.results()]
    assert all(outcomes == found[0] for outcomes in found)
    assert sum(outcome["points"] for outcome in found[0]) == 18


FORKED = """
import os, time
kept = b"x" * 10**8
for _ in range(4):
    if not os.fork():
        break
print(flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not psutil.LINUX, reason="what is shared is told by Linux only")
def test_memory_that_is_shared_counts_once():
    command = [sys.executable, "-c", FORKED]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        for _ in range(5):
            process.stdout.readline()
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children()]
        used = sum(map(memory, family))
        for each in family:
            each.kill()
    assert len(family) == 5 and 10**8 < used < 2 * 10**8
