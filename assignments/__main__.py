"""Build, test and grade assignments: the command line."""

import argparse
import secrets
import signal
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import jupytext
from nbformat import writes

from assignments.batch import Batch, cores, show_bar
from assignments.files import write
from assignments.gradescope.pack import pack
from assignments.handout import handout
from assignments.recording import FaultOfTheCheck
from assignments.report import report
from assignments.sandbox import Limits, why_not
from assignments.source import FOLDER, Assignment
from assignments.trials import known, trials

REFUSED = """A submission is somebody else's program, and here it cannot be kept from your files:
{}.
Grade on Linux with bubblewrap; on another system, in a virtual machine or in WSL 2 with Linux.
--unsafe grades all the same: only where there is nothing to lose, such as in a container."""
EVERY = [path.stem for path in sorted(FOLDER.glob("0*.md"))]
INTERRUPTED = 130  # the exit status of whoever was stopped by Ctrl-C


def build(assignment, out):
    """Write the notebook for students, as .ipynb and as Markdown."""
    path, notebook = out / assignment.name, handout(assignment)
    write(path.with_suffix(".ipynb"), writes(notebook) + "\n")
    write(path.with_suffix(".md"), jupytext.writes(notebook, "md:myst"))
    print(path.with_suffix(".ipynb"))


def test(assignment, seeds):
    """Grade what is known, print what it got, and tell whether that was due, for all seeds."""
    right, shown = True, set()
    for trial in trials(assignment, known(assignment), seeds):
        wrong = trial.points != trial.due
        right &= not wrong
        if wrong or trial.name not in shown:
            shown.add(trial.name)
            print(f"{assignment.name}: {trial.points} points, {trial.due} due: {trial.name}")
        if wrong:
            print(f"    with the seed {trial.seed}; failed: {'; '.join(trial.failed) or 'nothing'}")
    return right


def grade(assignment, options):
    """Grade a folder of submissions; return the exit status, or why it cannot be done."""
    folder = options.folder.resolve()
    out = (options.out or Path("grades", assignment.name)).resolve()
    reason = None if options.unsafe else why_not(assignment.path, folder, out)
    if reason:
        return REFUSED.format(reason)
    settings = {"seed": seed_of(options, out), "limits": Limits(*options.limits)}
    settings["how"] = "user" if options.unsafe else "sandbox"
    batch = Batch(assignment, folder, out, **settings, due=options.due)
    try:
        complete = batch.run(options.jobs, options.again, show_bar)
    except KeyboardInterrupt:
        complete = False
    except FaultOfTheCheck as error:
        return f"Nothing was graded. {error}"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is finished is told in any case
    results = batch.results()
    tables = {"gradebook": options.gradebook, "column": options.column}
    paths = report(assignment, results, out, count=options.count, late=options.late, **tables)
    waiting = sum(result["status"] == "waiting" for result in results)
    print(f"Graded: {len(results) - waiting} of {len(results)}. See", *paths)
    if not complete:
        print("Interrupted. Run the same command again to grade the rest.", file=sys.stderr)
    return 0 if complete else INTERRUPTED


def seed_of(options, out):
    """Return the seed of the inputs: as told, from the secret, or drawn once and kept."""
    if options.seed is not None:
        return options.seed
    if options.secret:
        return int(sha256(options.secret.encode()).hexdigest()[:12], 16)
    path = out / "seed"
    if not path.exists():
        write(path, f"{secrets.randbelow(2**48)}\n")
    return int(path.read_text("utf8"))


def seed(text):
    """Return a seed for NumPy, which takes none below 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("a seed is a whole number from 0 on")
    return number


def several(text):
    """Return how many, at least one."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def setting(text):
    """Return name and text of a setting."""
    name, equals, value = text.partition("=")
    if not (equals and name.isidentifier() and name.isupper()):
        raise argparse.ArgumentTypeError("a setting is written NAME=TEXT, the name in capitals")
    return name, value


def arguments():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m assignments", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    about = {
        "build": "write the notebooks for students",
        "test": "grade the reference, the blank handout and the known wrong answers",
        "grade": "grade what is new in a folder of submissions",
        "gradescope": "write an autograder for Gradescope",
    }
    made = {name: commands.add_parser(name, help=text) for name, text in about.items()}
    for name, command in made.items():
        optional = {} if name in ("grade", "gradescope") else {"nargs": "?"}
        command.add_argument(
            "name", **optional, help=f"one of {', '.join(EVERY)}, or the path of a source"
        )
        command.add_argument("--secret", metavar="WORDS", help="of a private variant")
        command.add_argument("--set", type=setting, action="append", default=[], dest="settings")
        command.add_argument("--out", type=Path, help="where to write")
    made["test"].add_argument("--seed", type=seed, default=0, help="of the inputs of checks")
    seeds = {"type": several, "default": 1, "help": "how many, from --seed on"}
    made["test"].add_argument("--seeds", **seeds)
    command = made["grade"]
    command.add_argument("folder", type=Path, help="submissions, also in folders")
    command.add_argument("--seed", type=seed, help="of the inputs; as a rule drawn and kept")
    command.add_argument("--again", action="store_true", help="also what has been graded")
    command.add_argument("--jobs", type=int, default=cores(), help="how many at a time")
    command.add_argument("--unsafe", action="store_true", help="grade without a sandbox")
    three = {"nargs": 3, "type": int, "metavar": ("SECONDS", "CELL", "MB"), "default": Limits()}
    command.add_argument("--limits", **three, help=f"of a submission; {tuple(Limits())}")
    command.add_argument("--due", type=datetime.fromisoformat, help="such as 2031-05-02T18:00")
    command.add_argument("--late", type=int, default=0, metavar="PERCENT", help="taken off if late")
    command.add_argument("--count", choices=["best", "last"], default="best", help="of several")
    command.add_argument("--gradebook", type=Path, help="exported by Canvas or Moodle, to fill in")
    command.add_argument("--column", help="of the gradebook")
    return parser


def main():
    """Do what the command line says."""
    parser = arguments()
    options = parser.parse_args()
    names = [options.name] if options.name else EVERY
    every = [Assignment(name, options.secret, options.settings) for name in names]
    if options.command == "grade":
        if not options.folder.is_dir():
            parser.error(f"there is no folder of submissions {options.folder}")
        if options.jobs < 1 or not 0 <= options.late <= 100:
            parser.error("--jobs is at least 1, and --late is a number of per cent")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sys.exit(grade(every[0], options))
    if options.command == "gradescope":
        print(pack(every[0], options.out or Path("autograder.zip"), options))
    if options.command == "build":
        for assignment in every:
            build(assignment, options.out or FOLDER.parent / "_build/assignments")
    if options.command == "test":
        seeds = range(options.seed, options.seed + options.seeds)
        sys.exit(not all([test(assignment, seeds) for assignment in every]))


if __name__ == "__main__":
    main()
