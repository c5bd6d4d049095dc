"""Play the contests behind the page on evidence, in pieces that resume on their own.

    python benchmarks/evidence.py [TASK ...] [--parts PART ...] [--again SEED]

Each task has a file in chapters/data/evidence, first its rules, then one row for each method,
schedule and part.  What is there is not run again, so a piece may be stopped at any time.
With ``--again`` one row of each task is drawn by the seed, run anew and compared.
Everything is done by one process on one core; start one for each task to use more.
"""

import argparse
import random
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch

from rmsprop import compare, tasks

FOLDER = Path(__file__).parents[1] / "chapters" / "data" / "evidence"


def small(task, solved=0.0):
    """Return the contest of a small task of the package."""
    return compare.Contest(
        partial(compare.train, task), task.steps, nothing=round(task.nothing, 4), solved=solved
    )


# A hundredth of what one who knows nothing has counts as solved, where that can be reached.
CONTESTS = {
    "drift": small(tasks.Drift),
    "scales": small(tasks.Scales),
    "sparse": small(tasks.Sparse),
    "digits": small(tasks.Digits),
    "copy": small(tasks.DelayedCopy, solved=0.0069),
    "adding": small(tasks.Adding, solved=0.0017),
}


def report(row, number, of):
    """Print a line for each row."""
    print(
        f"{number:3}/{of} {row.part}, {row.schedule}, {row.method}: rate {row.rate:g}, "
        f"median {np.median(row.scores):.4g}, {row.seconds:.0f} s",
        flush=True,
    )


def again(name, contest, seed):
    """Run one row of a task anew and say how far it is from what the file has."""
    kept = compare.read(FOLDER / f"{name}.jsonl")
    key = random.Random(f"{seed} {name}").choice(sorted(kept.rows))
    old, new = kept.rows[key], compare.row(contest, *key, kept.rows)
    apart = abs(np.log(np.median(new.scores) / np.median(old.scores)))
    same = "the same rate" if new.rate == old.rate else f"rate {new.rate:g}, was {old.rate:g}"
    print(f"{name}, {', '.join(key)}: {same}, medians differ by {100 * apart:.2g} %")


def main():
    """Play what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(CONTESTS))
    parser.add_argument("--parts", nargs="+", default=list(compare.PARTS), choices=compare.PARTS)
    parser.add_argument("--again", type=int, metavar="SEED")
    options = parser.parse_args()
    unknown = set(options.tasks) - set(CONTESTS)
    if unknown:
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name in options.tasks or CONTESTS:
        if options.again is not None:
            again(name, CONTESTS[name], options.again)
        else:
            print(name, file=sys.stderr)
            compare.play(CONTESTS[name], FOLDER / f"{name}.jsonl", options.parts, report)


if __name__ == "__main__":
    main()
