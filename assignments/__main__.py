"""Build, test and grade assignments.

build: write the notebooks for students. test: grade the reference, the blank and the known wrong
answers, which must score as stated. grade: grade what is new in a folder of submissions.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
from nbformat import v4, writes

from assignments.grade import batch
from assignments.handout import handout
from assignments.report import report, write
from assignments.sandbox import Limits, why_not
from assignments.source import FOLDER, Assignment

REFUSED = """A submission is somebody else's program, and here it cannot be kept from your files:
{}.
Grade on Linux with bubblewrap; on another system, in a virtual machine or in WSL 2 with Linux.
--unsafe grades all the same: only where there is nothing to lose, such as in a container."""


def test(assignment):
    """Return name, points and due points of the reference, the handout, the wrong answers."""
    reference = assignment.setup(hidden=False) + assignment.answers
    blank = [cell.source for cell in handout(assignment).cells if cell.cell_type == "code"]
    points = sum(data.points for _, data in assignment.checks)
    trials = [("the reference", reference, points), ("the handout", blank, 0)]
    trials += [(data.title, [*reference, code], data.score) for code, data in assignment.wrong]
    with TemporaryDirectory() as folder:
        for number, (_, codes, _) in enumerate(trials, start=10):
            notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in codes])
            write(Path(folder, "in", f"{number}.ipynb"), writes(notebook))
        results = batch(assignment, Path(folder, "in"), Path(folder, "out"), Limits(), "bare")
    got = [sum(points for _, points, _, _ in result["outcomes"]) for result in results]
    return [(name, points, due) for (name, _, due), points in zip(trials, got, strict=True)]


def grade(assignment, out, options):
    """Grade a folder of submissions; return why not if that cannot be done safely."""
    reason = None if options.unsafe else why_not(assignment.path, options.folder, out)
    if reason:
        return REFUSED.format(reason)
    how, where = "user" if options.unsafe else "sandbox", [options.folder.resolve(), out.resolve()]
    results = batch(assignment, *where, Limits(*options.limits), how, options.seed, options.again)
    report(assignment, results, out)
    print(f"Graded: {len(results)}. See {out / 'grades.csv'}")


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m assignments", description=__doc__)
    every = [path.stem for path in sorted(FOLDER.glob("0*.md"))]
    parser.add_argument("command", choices=["build", "test", "grade"])
    parser.add_argument("name", nargs="?", help=f"one of {', '.join(every)}, or a .md file")
    parser.add_argument("folder", nargs="?", type=Path, help="submissions, also in folders")
    parser.add_argument("--out", type=Path, help="folder for what is written")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs of checks")
    parser.add_argument("--again", action="store_true", help="also what has been graded")
    parser.add_argument("--unsafe", action="store_true", help="grade without a sandbox")
    three = {"nargs": 3, "type": int, "metavar": ("SECONDS", "CELL", "MB"), "default": Limits()}
    parser.add_argument("--limits", **three, help=f"of a submission; {tuple(Limits())}")
    options = parser.parse_args()
    assignments = [Assignment(name) for name in ([options.name] if options.name else every)]
    if options.command == "grade":
        if not (options.folder and options.folder.is_dir()):
            parser.error("grade needs the name of an assignment and a folder of submissions")
        sys.exit(grade(assignments[0], options.out or Path("grades", assignments[0].name), options))
    failed = False
    for assignment in assignments:
        if options.command == "build":
            path = (options.out or FOLDER.parent / "_build/assignments") / assignment.name
            notebook = handout(assignment)
            write(path.with_suffix(".ipynb"), writes(notebook) + "\n")
            write(path.with_suffix(".md"), jupytext.writes(notebook, "md:myst"))
        for name, points, due in test(assignment) if options.command == "test" else []:
            print(f"{assignment.name}: {points} points, {due} due: {name}")
            failed |= points != due
    sys.exit(failed)


if __name__ == "__main__":
    main()
