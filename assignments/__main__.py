"""Build, test and grade assignments.

build: write the notebooks for students. test: grade the reference, the handout and each known
wrong answer, which must score as stated. grade: grade a folder of submissions, as new or changed
since the last time, and write grades.csv and feedback.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from nbformat import v4

from assignments.grade import batch
from assignments.report import report, write
from assignments.sandbox import Limits, why_not
from assignments.source import FOLDER, Assignment

REFUSED = """A submission is somebody else's program, and here it cannot be kept from your files:
{}.
Grade on Linux with bubblewrap; on another system, in a virtual machine or in WSL 2 with Linux.
--unsafe grades all the same: only where there is nothing to lose, such as in a container."""


def build(assignment, out):
    """Write what students get, as .ipynb and as .md."""
    notebook = assignment.handout()
    nbformat.validate(notebook)
    write(out / f"{assignment.name}.ipynb", nbformat.writes(notebook) + "\n")
    write(out / f"{assignment.name}.md", jupytext.writes(notebook, "md:myst"))


def test(assignment):
    """Return name, points and due points of the reference, the handout, the wrong answers."""
    reference = assignment.setup(hidden=False) + assignment.answers
    blank = [cell.source for cell in assignment.handout().cells if cell.cell_type == "code"]
    points = sum(data.points for _, data in assignment.checks)
    trials = [("the reference", reference, points), ("the handout", blank, 0)]
    trials += [(data.title, [*reference, code], data.score) for code, data in assignment.wrong]
    with TemporaryDirectory() as folder:
        for number, (_, codes, _) in enumerate(trials, start=10):
            notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in codes])
            write(Path(folder, "in", f"{number}.ipynb"), nbformat.writes(notebook))
        results = batch(assignment, Path(folder, "in"), Path(folder, "out"), Limits(), "bare")
    got = [sum(points for _, points, _, _ in result["outcomes"]) for result in results]
    return [(name, points, due) for (name, _, due), points in zip(trials, got, strict=True)]


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
    if options.command == "build":
        for assignment in assignments:
            build(assignment, options.out or FOLDER.parent / "_build/assignments")
    elif options.command == "test":
        failed = False
        for assignment in assignments:
            for name, points, due in test(assignment):
                print(f"{assignment.name}: {points} points, {due} due: {name}")
                failed |= points != due
        sys.exit(failed)
    elif not options.folder:
        parser.error("grade needs the name of an assignment and a folder")
    else:
        out = options.out or Path("grades")
        reason = None if options.unsafe else why_not(assignments[0].path, options.folder, out)
        if reason:
            sys.exit(REFUSED.format(reason))
        how = "user" if options.unsafe else "sandbox"
        where = options.folder.resolve(), out.resolve()
        limits = Limits(*options.limits)
        results = batch(assignments[0], *where, limits, how, options.seed, options.again)
        report(assignments[0], results, out)
        print(f"{len(results)} submissions: see {out / 'grades.csv'}")


if __name__ == "__main__":
    main()
