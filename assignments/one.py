"""Grade one submission: read it, run it, check it, and say what a teacher has to know of it."""

import re
from hashlib import sha256

from assignments.checks import run_checks
from assignments.files import tidy
from assignments.handout import GIVEN
from assignments.recording import grader_space
from assignments.sandbox import PACKAGE
from assignments.student import Student, Unreadable
from assignments.submissions import NotAFile
from assignments.uses import not_allowed
from assignments.written import text_of

MOST_NOTES = 20


def grade_one(assignment, submission, recordings, seed, limits, how):
    """Return what is to be kept of a submission, but for its digest."""
    result = {**submission.facts(), "status": "not gradable", "why": "", "notes": []}
    result |= {"outcomes": [], "text": "", "code": "", "content": None, "waited": False}
    student = Student(limits, how, PACKAGE in assignment.imports)
    try:
        content = submission.content()
        result["content"] = sha256(content).hexdigest()
        told = student.read(submission.path.name, content)
        cells = [(str(kind), str(source)) for kind, source in told["cells"]]
        result |= run(assignment, cells, student, recordings, seed)
        result["text"] = text_of(assignment, cells, submission.student)
        reasons = not_allowed(assignment, told)
        result["notes"] = result["notes"][:MOST_NOTES]
        if assignment.rubric and not result["text"]:
            reasons.append("no text for the written part was found")
        result["status"] = "by hand" if reasons else "graded"
        result["why"] = "; ".join(reasons)
    except NotAFile as error:
        result["why"] = str(error)
    except Unreadable as error:
        result["status"], result["why"] = error.args
    finally:
        student.stop()
    result["waited"] = student.waited
    return result


def run(assignment, cells, student, recordings, seed):
    """Run the cells of a submission, then the checks."""
    codes = [source for kind, source in cells if kind == "code"]
    for code in [GIVEN, *assignment.setup(hidden=False)]:
        student.run(code)
    notes = []
    for number, code in enumerate(codes, start=1):
        trouble = student.run(code)
        if trouble:
            notes.append(tidy(f"code cell {number}: {trouble}"))
        if re.search(r"^\s*%reset\b(?!_)", code, re.M):
            notes.append(f"code cell {number} deletes all names (%reset)")
    code = "\n\n".join(codes)
    outcomes = run_checks(assignment, student, recordings, seed, grader_space(assignment), code)
    return {"outcomes": outcomes, "notes": notes, "code": code}
