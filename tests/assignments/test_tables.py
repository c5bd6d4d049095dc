"""Tables for teachers: status, late, best or last, Canvas, Moodle, written parts, a summary."""

import csv
import os
import pathlib
import tempfile
from contextlib import contextmanager
from datetime import datetime

import pytest

from assignments.files import read_table
from assignments.handout import handout
from assignments.report import report
from assignments.source import Assignment
from assignments.submissions import NotAFile, submissions
from assignments.written import name_of, text_of

WRITTEN = Assignment("04-fair-experiment")
PLAIN = Assignment("01-averages")
TEXT = "RMSprop loses. I tried nine rates."


def graded(name, points, **others):
    outcome = {"question": "1", "title": "starts well", "functions": ["average"], "hidden": False}
    outcome |= {"points": points, "possible": 20, "state": "passed" if points else "wrong"}
    result = {"file": f"{name}.ipynb", "student": name, "number": "", "key": name, "late": False}
    result |= {"changed": 0.0, "status": "graded", "why": "", "notes": [], "text": "", "code": ""}
    return {**result, "outcomes": [{**outcome, "why": ""}], **others}


def table(results, tmp_path, assignment=PLAIN, **options):
    report(assignment, results, tmp_path, **options)
    with (tmp_path / "grades.csv").open(encoding="utf8", newline="") as lines:
        return {row["file"]: row for row in csv.DictReader(lines)}


def test_the_best_or_the_last_of_several_counts(tmp_path):
    results = [
        graded("a", 18, student="ann", changed=1.0),
        graded("b", 5, student="ann", changed=2.0),
        graded("c", 0, student="ann", changed=3.0, outcomes=[], status="not gradable"),
        graded("d", 0, student="bob"),
    ]

    def counts(count):
        rows = table(results, tmp_path, count=count)
        return [file for file, row in rows.items() if row["counts"]]

    assert counts("best") == ["a.ipynb", "d.ipynb"]
    assert counts("last") == ["c.ipynb", "d.ipynb"]


def test_nothing_found_is_not_nothing_done(tmp_path):
    results = [graded("a", 0), graded("b", 0, outcomes=[], status="by hand", why="a PDF")]
    rows = table([*results, graded("c", 0, outcomes=[], status="waiting")], tmp_path)
    assert [row["total"] for row in rows.values()] == ["0", "", ""]
    assert [row["status"] for row in rows.values()] == ["graded", "by hand", "waiting"]
    assert {row["maximum"] for row in rows.values()} == {"20"}


def test_what_is_late_costs_what_it_should(tmp_path):
    rows = table([graded("a", 15, late=True), graded("b", 15)], tmp_path, late=10)
    assert [(row["late"], row["total"]) for row in rows.values()] == [("late", "13.5"), ("", "15")]


def test_a_gradebook_of_canvas_is_filled_in(tmp_path):
    book = tmp_path / "export.csv"
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Quiz (7),Assignment 1: choose (12)"
    rows = ["    Points Possible,,,,,5,20", '"Doe, Ann",4711,,ann,"A, B",3,']
    rows += ['"Roe, Bob",4712,,bob,A,2,', '"Poe, Cy",4713,,cy,A,,']
    book.write_text("\n".join([head, *rows]) + "\n", "utf8")
    results = [graded("ann", 18, number="4711"), graded("bob", 0, number="4712")]
    results.append(graded("cy", 0, number="4713", outcomes=[], status="by hand"))
    report(PLAIN, results, tmp_path, gradebook=book, column="Assignment 1: choose (12)")
    rows = read_table(tmp_path / "canvas.csv")
    assert rows[0] == head.split(",")
    assert [row[-1] for row in rows[1:]] == ["20", "18", "0", ""]
    assert [row[:-1] for row in rows] == [row[:-1] for row in read_table(book)]
    report(PLAIN, results, tmp_path, gradebook=book)  # no such column: a new one, for Canvas to ask
    rows = read_table(tmp_path / "canvas.csv")
    assert [row[-1] for row in rows] == [PLAIN.title, "20", "18", "0", ""]


def test_a_worksheet_of_moodle_is_filled_in(tmp_path):
    book = tmp_path / "worksheet.csv"
    head = "Identifier,Full name,Grade,Maximum Grade,Last modified (grade),Feedback comments"
    other = "Participant 32,'t Roe,,20.00,-,"
    book.write_text(f"{head}\nParticipant 31,Ann Doe,,20.00,-,\n{other}\n")
    report(PLAIN, [graded("Ann Doe", 18, number="31")], tmp_path, gradebook=book)
    rows = read_table(tmp_path / "moodle.csv")
    assert rows[0] == head.split(",") and rows[1][2] == "18" and rows[2][2] == ""
    assert (tmp_path / "moodle.csv").read_text("utf8").endswith(f"\n{other}\n")  # as it came
    assert rows[1][5].startswith(f"# {PLAIN.title}") and "Ann Doe: 18 of 20" in rows[1][5]
    book.write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit, match="neither a gradebook of Canvas nor"):
        report(PLAIN, [], tmp_path, gradebook=book)


def test_a_class_is_summed_up_by_check(tmp_path):
    results = [graded("a", 20), graded("b", 0), graded("c", 0)]
    results[2]["outcomes"][0]["state"] = "not answered"
    results += [graded(f"draft {number}", 0, student="a") for number in range(5)]
    report(PLAIN, results, tmp_path)
    text = (tmp_path / "summary.md").read_text("utf8")
    assert "| 1. average: starts well | 2 | 1 | 50 | 0 | 1 |" in text
    assert "median 0" in text and "3 graded" in text
    assert "<svg" in (tmp_path / "summary.svg").read_text("utf8")


def cells(text, name="Ann Doe"):
    found = [(cell.cell_type, cell.source) for cell in handout(WRITTEN).cells]
    found = [(kind, s.replace("*your name, in place of these words*", name)) for kind, s in found]
    return [*found, ("markdown", text)]


def test_the_text_of_a_student_is_what_was_added_without_the_name():
    assert text_of(WRITTEN, cells(""), "doe") == ""
    assert text_of(WRITTEN, cells(TEXT), "doe") == TEXT
    assert text_of(WRITTEN, cells(f"I, Ann (doe77), say:\n\n{TEXT}"), "doe77") == (
        f"I, [name] ([name]), say:\n\n{TEXT}"
    )
    assert text_of(PLAIN, [("markdown", TEXT)], "doe") == ""


def test_marks_belong_to_the_text_and_not_to_the_file(tmp_path):
    most = WRITTEN.possible - sum(WRITTEN.rubric.values())
    results = [graded("ann", most, text=TEXT), graded("bob", most, text="Another.")]
    marks = tmp_path / "written/marks.csv"

    def totals():
        rows = table(results, tmp_path, WRITTEN)
        return {row["student"]: (row["written"], row["total"]) for row in rows.values()}

    def fill(entries, comma=","):
        rows = [["text", *WRITTEN.rubric], [name_of(TEXT), *entries], ["gone", *[1] * 6], []]
        with marks.open("w", encoding="utf-8-sig", newline="") as lines:
            csv.writer(lines, delimiter=comma).writerows(rows)

    assert totals() == {"ann": ("", f"{most}"), "bob": ("", f"{most}")}
    page = (tmp_path / "written/criterion-1.md").read_text("utf8")
    assert TEXT in page and "Another." in page and "ann" not in page and "bob" not in page
    assert "not read yet" in (tmp_path / "feedback/ann.md").read_text("utf8")
    fill([1, 1, 1, 0.5, 0, 1])
    assert totals() == {"ann": ("4.5", f"{most + 4.5:g}"), "bob": ("", f"{most}")}
    assert "0.5 of 1" in (tmp_path / "feedback/ann.md").read_text("utf8")
    assert "gone" in marks.read_text("utf8")
    fill(["1", "1,0", "1", "0,5", "0", " ,5"], ";")  # as a German spreadsheet saves it
    assert totals()["ann"] == ("4", f"{most + 4}")
    for entries in ([1, 1, 1, 1, 1, ""], [1, 1, 1, 1, 1]):
        fill(entries)
        assert totals()["ann"] == ("", f"{most}")
    for mark in ("2", "-1", "nan", "1e-1", "good"):
        fill([1, 1, 1, 1, 1, mark])
        with pytest.raises(SystemExit, match=f"the mark {mark} is not from 0 to 1"):
            totals()
    fill([1, 1, 1, 1, 1, 1])
    results[0] = graded("ann", most, text="lol")  # another text has no marks
    assert totals()["ann"] == ("", f"{most}")


def test_names_of_students(tmp_path):
    files = {
        "ann.ipynb": ("ann", "", False),
        "bob/hw.ipynb": ("bob", "", False),
        "roejohn_12_34_hw-1.ipynb": ("roejohn", "12", False),
        "roejane_LATE_13_34_hw.ipynb": ("roejane", "13", True),
        "mallory/roejohn_12_34_hw.ipynb": ("mallory", "", False),
        "mal_lory/12_34_hw.ipynb": ("mal_lory", "", False),
        "Jo Roe_77_assignsubmission_file/hw.ipynb": ("Jo Roe", "77", False),
        "Jo Poe_78_assignsubmission_file_hw.ipynb": ("Jo Poe", "78", False),
        "zoe/more/assignment_1_2_final.ipynb": ("zoe", "", False),
        "ann.md": ("ann", "", False),
    }
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).touch()
    for ignored in (".hidden", "Thumbs.db", "__MACOSX/a.ipynb"):
        (tmp_path / ignored).parent.mkdir(exist_ok=True)
        (tmp_path / ignored).touch()
    found = submissions(tmp_path, tmp_path / "out")
    assert {s.file: (s.student, s.number, s.late) for s in found} == files
    assert len({submission.key for submission in found}) == len(files)
    os.utime(tmp_path / "ann.md", (2e9, 2e9))
    found = submissions(tmp_path, tmp_path / "out", due=datetime(2033, 1, 1))
    assert [s.file for s in found if s.late] == ["ann.md", "roejane_LATE_13_34_hw.ipynb"]


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
            (submission,) = submissions(folder, folder / "out")
            with pytest.raises(NotAFile, match="cannot be read"):
                submission.content()
            assert submission.digest()
        assert submission.student == "ann"
