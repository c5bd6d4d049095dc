"""Play the contests behind the page on evidence, in pieces that resume on their own.

    python benchmarks/evidence.py [TASK ...] [--parts PART ...] [--again SEED]

Each task has a file in chapters/data/evidence, first its rules, then one row for each method,
schedule and part.  What is there is not run again, so a piece may be stopped at any time.
With ``--again`` one row of each task is drawn by the seed, run anew and compared.
Everything is done by one process on one core; start one for each task to use more.
"""

import argparse
import importlib
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


def large(module, scores="scores", **rules):
    """Return the contest of a large task, whose module lies beside this one.

    Half-decades, refined once around the best, and as many seeds as the hours allow; three
    methods meet themselves and run to the second horizon.
    """
    usual = {
        "methods": ("momentum", "RMSprop 0.9", "RMSprop 0.99", "Adam"),
        "rivals": ("momentum", "RMSprop 0.9", "Adam"),
        "tuning": 3,
        "judging": 5,
        "spacing": 4,
    }
    return compare.Contest(partial(trained, module, scores), **(usual | rules))


def trained(module, scores, *args, **kwargs):
    """Call a trainer of a large task, whose libraries are imported only now."""
    return getattr(importlib.import_module(module), scores)(*args, **kwargs)


# Five digits are left when one knows nothing: a loss of ln 5.
five_digits = partial(large, "fine_tuning", nothing=1.609, first_rate=-28, last_rate=-12)

# A hundredth of what one who knows nothing has counts as solved, where that can be reached.
CONTESTS = {
    "drift": small(tasks.Drift),
    "scales": small(tasks.Scales),
    "sparse": small(tasks.Sparse),
    "digits": small(tasks.Digits),
    "copy": small(tasks.DelayedCopy, solved=0.0069),
    "adding": small(tasks.Adding, solved=0.0017),
    "characters": large("characters", steps=400, nothing=19.4, first_rate=-20, last_rate=-4),
    "cartpole": large(
        "cartpole",
        steps=4000,
        methods=(
            "momentum",
            "RMSprop 0.95",
            "centered 0.95",
            "DQN, epsilon 0.01",
            "DQN, epsilon 10.24",
            "Adam",
        ),
        rivals=("RMSprop 0.95", "DQN, epsilon 0.01", "Adam"),
        nothing=23.0,
        tuning=5,
        judging=11,
        first_rate=-32,
        last_rate=-16,
        schedules=("constant",),
    ),
    "fine-tuning": five_digits("scores_tuned", steps=100),
    "few images": five_digits("scores_fresh", steps=100),
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
