"""Make the table behind the chapter's evidence anew.

    python benchmarks/evidence.py [--workers 2] [--table chapters/evidence.csv]

Every method on every task, with a constant rate and with one that falls to zero: 170
comparisons of some 56 runs each, on all cores unless told otherwise.  It took half
an hour on two cores that had other work too.  Scores agree from machine to machine as far
as rounding lets them: runs of the recurrent networks part company after some hundred steps.
"""

import argparse
import os
import sys

from rmsprop import compare, tasks

TASKS = {
    "digits": tasks.Digits,
    "adding": tasks.Adding,
    "delayed copy": tasks.DelayedCopy,
    "drift": tasks.Drift,
    "sparse": tasks.Sparse,
}


def bar(result, done, total):
    """Draw how far the work is on one line that overwrites itself."""
    filled = 30 * done // total
    what = f"{result.task}, {result.schedule}, {result.method}"
    print(f"\r[{'#' * filled:<30}] {done}/{total} {what:<50}", end="", file=sys.stderr, flush=True)


def main():
    """Compare, draw a bar, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--workers",
        type=int,
        default=max(2, os.cpu_count() or 0),
        metavar="N",
        help="at least 2, so that each has one thread",
    )
    parser.add_argument("--table", default="chapters/evidence.csv", metavar="PATH")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS, metavar="TASK")
    options = parser.parse_args()
    if options.workers < 2:
        parser.error("--workers must be at least 2")
    if set(options.tasks) < set(TASKS) and options.table == parser.get_default("table"):
        parser.error("a part of the tasks needs a --table of its own")
    chosen = {name: TASKS[name] for name in options.tasks}
    results = compare.compare(compare.METHODS, chosen, workers=options.workers, report=bar)
    print(file=sys.stderr)
    compare.write(results, options.table)


if __name__ == "__main__":
    main()
