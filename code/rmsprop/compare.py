"""Compare methods fairly: the same budget for each, and other seeds to judge than to tune.

A *method* is a function of the rates that returns an optimizer, a *task* a class of
:mod:`rmsprop.tasks`, or anything that keeps to the same few names.  For each pair

1. every rate of a half-decade grid trains the same few seeds (:func:`tune`); while the
   best rate lies at an edge of the grid, the grid grows on that side;
2. the best rate trains other seeds, and these count (:func:`evaluate`).

The score is the task's own, a loss, averaged over ten moments of the last fifth of a run.
A run that overflows has the score infinity.  Only the rate is tuned; whatever else a
method has is part of the method.
"""

import csv
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import thread_time

import numpy as np

from rmsprop.adagrad import AdaGrad
from rmsprop.adam import Adam
from rmsprop.descent import sweep
from rmsprop.rmsprop import RMSprop
from rmsprop.sgd import SGD
from rmsprop.validation import count

__all__ = [
    "METHODS",
    "SCHEDULES",
    "TUNING_SEEDS",
    "EVALUATION_SEEDS",
    "Result",
    "compare",
    "tune",
    "evaluate",
    "half_decade",
    "beats",
    "read",
    "write",
]

TUNING_SEEDS = range(5)
EVALUATION_SEEDS = range(100, 111)
FIRST_GRID = range(-8, 1)  # 1e-4 to 1, in half-decades
WIDEST_GRID = range(-14, 7)  # where growing ends: 1e-7 to 1000

METHODS = {
    "SGD": SGD,
    "momentum": partial(SGD, momentum=0.9),
    "AdaGrad": AdaGrad,
    "RMSprop 0.9": partial(RMSprop, rho=0.9),
    "RMSprop 0.99": partial(RMSprop, rho=0.99),
    "centered 0.9": partial(RMSprop, rho=0.9, centered=True),
    "centered 0.99": partial(RMSprop, rho=0.99, centered=True),
    "with momentum 0.9": partial(RMSprop, rho=0.9, momentum=0.9),
    "with momentum 0.99": partial(RMSprop, rho=0.99, momentum=0.9),
    "Adam": Adam,
    "Adam, no first moment": partial(Adam, beta1=0.0),
    # Further settings of RMSprop, for its own numbers and its start.
    "RMSprop 0.5": partial(RMSprop, rho=0.5),
    "RMSprop 0.99, corrected": partial(RMSprop, rho=0.99, bias_correction=True),
    "RMSprop 0.999": partial(RMSprop, rho=0.999),
    "RMSprop 0.9, epsilon 1e-4": partial(RMSprop, rho=0.9, epsilon=1e-4),
    "RMSprop 0.9, epsilon 0.01": partial(RMSprop, rho=0.9, epsilon=1e-2),
    "RMSprop 0.9, epsilon 1": partial(RMSprop, rho=0.9, epsilon=1.0),
}


def constant(rate, t, steps):
    """Return the same rate for every step."""
    return rate


def decay(rate, t, steps):
    """Return a rate that falls on a line, from `rate` at step 1 to 0 after the last.

    Examples
    --------
    >>> [decay(1.0, t, steps=4) for t in (1, 2, 3, 4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    return rate * (1 - (t - 1) / steps)


SCHEDULES = {"constant": constant, "decay": decay}


def half_decade(k):
    """Return the k-th rate of the grid 1, 3, 10, 30, ...

    Examples
    --------
    >>> [half_decade(k) for k in range(-3, 3)]
    [0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
    """
    return float(f"{(1, 3)[k % 2]}e{k // 2}")


@dataclass(frozen=True)
class Result:
    """What came of one method on one task with one schedule.

    Attributes
    ----------
    task, schedule, method : str
        Their names.
    tuning : dict
        The median score over the tuning seeds, by rate.
    scores : dict
        The score at the best rate, by evaluation seed.
    untrained : float
        The median score of the evaluation seeds' starts.
    milliseconds : float
        Time on one processor for a step of all evaluation seeds side by side, which is
        the wall time if nothing else runs there.  With a single worker it lacks what other
        threads of the process do.
    """

    task: str
    schedule: str
    method: str
    tuning: Mapping[float, float]
    scores: Mapping[int, float]
    untrained: float
    milliseconds: float

    @property
    def rate(self):
        """The best rate, the smallest of them if several are equally good."""
        return best(self.tuning)

    @property
    def quartiles(self):
        """Lower quartile, median and upper quartile of the scores, as an array."""
        return np.quantile(list(self.scores.values()), [0.25, 0.5, 0.75], method="nearest")

    def good_rates(self, target):
        """Return the rates whose median score in tuning is at most `target`, ascending."""
        return [rate for rate in sorted(self.tuning) if self.tuning[rate] <= target]


def compare(methods, tasks, schedules=SCHEDULES, *, workers=1, report=None):
    """Tune and evaluate every method on every task with every schedule.

    Parameters
    ----------
    methods : dict
        Functions of an array of rates that return an optimizer, by name.
    tasks : dict
        Functions of the seeds that return a task, by name.
    schedules : dict
        Functions (rate, t, steps) that return the rate of step t, by name.
    workers : int
        How many processes share the work.  From 2 on each has one thread, and methods,
        tasks and schedules must be such as can be pickled: lambdas cannot.
    report : function, optional
        Called with each result as it arrives, its number, and how many there will be.

    Returns
    -------
    list of Result
        In the order tasks, schedules, methods.

    Raises
    ------
    TypeError, ValueError
        If `workers` is not a positive integer.

    Examples
    --------
    >>> class Parabola:
    ...     steps = 10
    ...     def __init__(self, seeds):
    ...         self.start = 1 + np.array([seeds]) / 100  # shape (1, seeds)
    ...     def loss(self, theta):
    ...         return theta[0] ** 2 / 2
    ...     def gradient(self, theta, rng=None):
    ...         return theta
    ...     def score(self, theta, t):
    ...         return self.loss(theta)
    >>> two_names = {"SGD": SGD, "the same": SGD}
    >>> first, second = compare(two_names, {"parabola": Parabola}, {"constant": constant})
    >>> first.rate == second.rate == 1.0, first.scores == second.scores
    (True, True)
    """
    workers = count("workers", workers)
    jobs = [
        (task, schedule, method, tasks[task], schedules[schedule], methods[method])
        for task, schedule, method in product(tasks, schedules, methods)
    ]
    results = []

    def collect(arriving):
        for result in arriving:
            results.append(result)
            if report is not None:
                report(result, len(results), len(jobs))

    if workers == 1:
        collect(map(_one, jobs))
    else:
        import torch  # the tasks need it anyway

        # Not forked: threads of the parent would be missing in the child.
        with ProcessPoolExecutor(
            workers, get_context("spawn"), torch.set_num_threads, (1,)
        ) as pool:
            collect(pool.map(_one, jobs))
    return results


def _one(job):
    task_name, schedule_name, method_name, task, schedule, method = job
    tuning = tune(method, task, schedule)
    judged = task(EVALUATION_SEEDS)
    begin = thread_time()
    scores = evaluate(method, judged, schedule, [best(tuning)])[0]
    seconds = thread_time() - begin
    untrained = np.mean([judged.score(judged.start, t) for t in _moments(judged)], axis=0)
    return Result(
        task=task_name,
        schedule=schedule_name,
        method=method_name,
        tuning=tuning,
        scores=dict(zip(EVALUATION_SEEDS, map(_short, scores), strict=True)),
        untrained=_short(np.median(untrained)),
        milliseconds=float(f"{1000 * seconds / judged.steps:.2g}"),
    )


def tune(method, task, schedule):
    """Return the median score over the tuning seeds for each rate that was tried.

    Parameters
    ----------
    method, task, schedule : function
        As the values of the arguments of :func:`compare`.

    Returns
    -------
    dict
        By rate.  The best is not at an end, unless it is where the widest grid ends.
    """
    trained = task(TUNING_SEEDS)
    tuning = {}
    grid = list(FIRST_GRID)
    while grid:
        rates = [half_decade(k) for k in grid]
        medians = np.median(evaluate(method, trained, schedule, rates), axis=1)
        tuning.update(zip(rates, map(_short, medians), strict=True))
        tried = [k for k in WIDEST_GRID if half_decade(k) in tuning]
        grid = []
        if best(tuning) == half_decade(tried[0]):
            grid = [tried[0] - 2, tried[0] - 1]
        elif best(tuning) == half_decade(tried[-1]):
            grid = [tried[-1] + 1, tried[-1] + 2]
        grid = [k for k in grid if k in WIDEST_GRID]
    return tuning


def evaluate(method, task, schedule, rates):
    """Train all seeds of a task at all rates at once and return their scores.

    Parameters
    ----------
    method, schedule : function
        As the values of the arguments of :func:`compare`.
    task : Task
        With its seeds.
    rates : sequence of float
        The learning rates.

    Returns
    -------
    array, shape (rates, seeds)
        The mean score of ten moments, or infinity where it is not finite.
    """
    rates = np.asarray(rates, dtype=float)[:, None]
    optimizer = method(rates)
    own_rates = optimizer.learning_rate
    moments, scores = _moments(task), []

    def record(theta, t):
        if t in moments:
            scores.append(task.score(theta, t))

    with np.errstate(all="ignore"):  # a run may overflow: that is a result too
        sweep(
            optimizer,
            task,
            task.start[:, None],
            task.steps,
            lambda t: schedule(own_rates, t, task.steps),
            record=record,
        )
        mean = np.mean(scores, axis=0)
    return np.where(np.isfinite(mean), mean, np.inf)


def best(tuning):
    """Return the rate with the least score, the smallest such rate.

    Examples
    --------
    >>> best({0.1: 2.0, 0.01: 1.0, 0.001: 1.0})
    0.001
    """
    return min(tuning, key=lambda rate: (tuning[rate], rate))


def beats(one, other):
    """Say whether one result is better than the other for all evaluation seeds but one.

    Both have met the same starts and the same data, seed by seed.  Were they equally good,
    either would have at least 10 of 11 seeds to itself with a chance of 12/1024.

    Parameters
    ----------
    one, other : Result
        With the same seeds.

    Examples
    --------
    >>> zero, one = (
    ...     Result("", "", "", {}, dict.fromkeys(EVALUATION_SEEDS, score), 2.0, 1.0)
    ...     for score in (0.0, 1.0)
    ... )
    >>> beats(zero, one), beats(one, zero), beats(one, one)
    (True, False, False)
    """
    won = sum(one.scores[seed] < other.scores[seed] for seed in EVALUATION_SEEDS)
    return won >= len(EVALUATION_SEEDS) - 1


def write(results, path):
    """Write results as a table (CSV): a row for each, empty where a rate was not tried."""
    rates = sorted({rate for result in results for rate in result.tuning})
    names = ["task", "schedule", "method", "untrained", "milliseconds"]
    names += [f"seed {seed}" for seed in EVALUATION_SEEDS] + [f"rate {rate:g}" for rate in rates]
    with Path(path).open("w", encoding="utf8", newline="") as file:
        table = csv.DictWriter(file, names, lineterminator="\n")
        table.writeheader()
        for result in results:
            row = {name: getattr(result, name) for name in names[:5]}
            row |= {f"seed {seed}": score for seed, score in result.scores.items()}
            row |= {f"rate {rate:g}": score for rate, score in result.tuning.items()}
            table.writerow({key: _text(value) for key, value in row.items()})


def read(path):
    """Return the results that :func:`write` wrote, by (task, schedule, method)."""
    with Path(path).open(encoding="utf8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (row["task"], row["schedule"], row["method"]): Result(
            task=row["task"],
            schedule=row["schedule"],
            method=row["method"],
            tuning=_numbers(row, "rate ", float),
            scores=_numbers(row, "seed ", int),
            untrained=float(row["untrained"]),
            milliseconds=float(row["milliseconds"]),
        )
        for row in rows
    }


def _moments(task):
    """Return the ten steps at which a run is judged, spread over its last fifth."""
    return np.linspace(0.8 * task.steps, task.steps, 11)[1:].round().astype(int).tolist()


def _short(score):
    """Round to what the table keeps: four significant digits."""
    return float(f"{score:.4g}")


def _text(value):
    return value if isinstance(value, str) else f"{value:g}"


def _numbers(row, prefix, kind):
    return {
        kind(name.removeprefix(prefix)): float(text)
        for name, text in row.items()
        if name.startswith(prefix) and text
    }
