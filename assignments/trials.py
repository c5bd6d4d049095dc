"""Grade the reference, the blank handout and the known wrong answers of an assignment.

These are the author's own programs, so they share a kernel, which is emptied in between.
"""

from typing import NamedTuple

from assignments.checks import run_checks
from assignments.handout import GIVEN, handout
from assignments.recording import grader_space, record
from assignments.sandbox import PACKAGE, Limits
from assignments.student import Student


class Trial(NamedTuple):
    """What an answer got with a seed, and what it should have got."""

    seed: int
    name: str
    points: int
    due: int
    failed: list  # titles of the checks that failed


def known(assignment):
    """Return each answer whose points are known: its name, its cells and its points."""
    setup = [GIVEN, *assignment.setup(hidden=False)]
    reference = [*setup, *assignment.answers]
    blank = [cell.source for cell in handout(assignment).cells if cell.cell_type == "code"]
    most = sum(data.points for _, data in assignment.checks)
    answers = [("the reference", reference, most), ("the handout", blank, 0)]
    return answers + [(d.title, [*reference, code], d.score) for code, d in assignment.wrong]


def trials(assignment, answers, seeds):
    """Yield a Trial for each answer and each seed."""
    recorded = {seed: record(assignment, seed) for seed in seeds}
    space = grader_space(assignment)
    student = Student(Limits(10**6), "bare", PACKAGE in assignment.imports)
    try:
        for name, codes, due in answers:
            student.cells.clear()
            student.run("%reset_selective -f .")
            for code in codes:
                student.run(code)
            for seed in seeds:
                outcomes = run_checks(
                    assignment, student, recorded[seed], seed, space, "\n".join(codes)
                )
                points = sum(outcome["points"] for outcome in outcomes)
                failed = [
                    f"question {o['question']}, {o['title']}"
                    for o in outcomes
                    if o["points"] < o["possible"]
                ]
                yield Trial(seed, name, points, due, failed)
    finally:
        student.stop()
