"""Compare methods fairly, and say how far chance alone would have moved each comparison.

A *contest* is a task with the methods that meet on it.  What the harness knows of a task is
its trainer, a function ``trainer(method, rates, seeds, *, steps, schedule)`` that returns
the final scores, an array of shape (rates, seeds): a loss, so less is better, and infinity
for a run that broke down.  ``method`` is a name, ``schedule`` one of ``SCHEDULES``.

1. Every rate of a grid trains the same tuning seeds; while the best rate lies at an edge of
   the grid, the grid grows on that side (:func:`tune`).
2. The best rate trains other seeds, the judging seeds, and the median of these scores counts.
3. The *null*: some methods go through both again, with other seeds of both kinds and a grid
   that is shifted by half its spacing.  A method against itself ought to differ by nothing;
   how far it does differ is the yardstick for all differences (:class:`Evidence`).

The same is done with a longer horizon, and the chosen rates meet fresh judging seeds once.
Only the rate is tuned; whatever else a method has is part of the method.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from math import exp, inf, log, nan, sqrt
from pathlib import Path
from time import process_time
from typing import NamedTuple

import numpy as np

from rmsprop.adagrad import AdaGrad
from rmsprop.adam import Adam
from rmsprop.descent import sweep
from rmsprop.rmsprop import RMSprop
from rmsprop.sgd import SGD

__all__ = [
    "METHODS",
    "SCHEDULES",
    "PARTS",
    "SMALLEST",
    "Contest",
    "Row",
    "Evidence",
    "Comparison",
    "play",
    "row",
    "tune",
    "train",
    "read",
]

METHODS = {
    "SGD": SGD,
    "momentum": partial(SGD, momentum=0.9),
    "AdaGrad": AdaGrad,
    "RMSprop 0.9": partial(RMSprop, rho=0.9),
    "RMSprop 0.9, corrected": partial(RMSprop, rho=0.9, bias_correction=True),
    "RMSprop 0.99": partial(RMSprop, rho=0.99),
    "RMSprop 0.99, corrected": partial(RMSprop, rho=0.99, bias_correction=True),
    "Adam": Adam,
}


def constant(t, steps):
    """Return the factor of the rate at step t: always 1."""
    return 1.0


def falling(t, steps):
    """Return the factor of the rate at step t: on a line from 1 at step 1 to 0 after the last.

    Examples
    --------
    >>> [falling(t, steps=4) for t in (1, 2, 3, 4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    return 1 - (t - 1) / steps


SCHEDULES = {"constant": constant, "falling": falling}

# What is drawn in each part: first tuning seed, first judging seed, shift of the grid.
PARTS = {
    "first": (0, 100, 0),
    "null": (200, 300, 1),
    "second": (0, 100, 0),  # the longer horizon, near the rate that the first suggests
    "second null": (200, 300, 1),
    "fresh": (None, 400, 0),  # the rates of "first" on seeds that nobody has seen
    "second fresh": (None, 400, 0),
}
WIDEST = range(-56, 25)  # where a grid stops growing, in eighths of a decade: 1e-7 to 1000
SMALLEST = 1.1  # a loss that is less than a tenth larger is no difference worth a choice
# 95 % of Student's t with n degrees of freedom lie between minus and plus this.
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


def rate_of(k):
    """Return the rate 10^(k/8), three digits of it.

    Examples
    --------
    >>> [rate_of(k) for k in (-16, -14, -12, -10, -8)]
    [0.01, 0.0178, 0.0316, 0.0562, 0.1]
    """
    return float(f"{10 ** (k / 8):.3g}")


@dataclass(frozen=True)
class Contest:
    """A task, the methods that meet on it, and the size of the comparison.

    Attributes
    ----------
    trainer : function
        As the module describes it.
    steps : int
        The first horizon; the second is `longer` times as long.
    methods, rivals : tuple of str
        Who takes part, and who of them meets itself and runs to the second horizon.
    nothing : float
        The loss of one who has learnt nothing.  A run fails if it does not get below nine
        tenths of it.
    solved : float
        Losses below are as good as this.
    tuning, judging : int
        How many seeds tune and judge.
    first_rate, last_rate, spacing : int
        The grid before it grows, in eighths of a decade.  With a spacing of 4 it is refined
        once: the two rates half-way to the neighbours of the best are tried as well.
    schedules : tuple of str
        Names of schedules.
    """

    trainer: Callable
    steps: int
    methods: tuple = tuple(METHODS)
    rivals: tuple = ("SGD", "RMSprop 0.9", "RMSprop 0.99", "Adam")
    nothing: float = inf
    solved: float = 0.0
    tuning: int = 11
    judging: int = 21
    longer: int = 4
    first_rate: int = -24
    last_rate: int = 0
    spacing: int = 2
    schedules: tuple = tuple(SCHEDULES)

    @property
    def rules(self):
        """Everything but the trainer, as a dict."""
        return {name: value for name, value in asdict(self).items() if name != "trainer"}


class Row(NamedTuple):
    """What came of one method with one schedule in one part of a contest.

    ``tuning`` holds for each rate the median score of the tuning seeds and how many of them
    failed, ``scores`` the scores of the judging seeds at the best rate.
    """

    part: str
    schedule: str
    method: str
    steps: int
    rate: float
    scores: list
    tuning: dict
    seconds: float


def play(contest, path, parts=tuple(PARTS), report=None):
    """Play the parts of a contest that are not in the file yet, row after row.

    Parameters
    ----------
    contest : Contest
    path : path
        A file of JSON lines, first the rules, then a row each.  It is made if it is not
        there, and each row is added as soon as it is known, so that a run may be stopped
        at any time and goes on where it was.
    parts : sequence of str
        Keys of ``PARTS``.
    report : function, optional
        Called with each new row, its number among the rows of these parts, and their number.

    Raises
    ------
    ValueError
        If the file has other rules, or a part needs the rates of one that was not played.
    """
    path = Path(path)
    if not path.exists():
        path.write_text(json.dumps(contest.rules) + "\n", encoding="utf8")
    kept = read(path)
    if kept.rules != json.loads(json.dumps(contest.rules)):
        raise ValueError(f"{path} was played by other rules")
    rows = dict(kept.rows)
    wanted = [
        (part, schedule, method)
        for part in parts
        for schedule in contest.schedules
        for method in (contest.methods if part in ("first", "fresh") else contest.rivals)
    ]
    for number, key in enumerate(wanted, start=1):
        if key not in rows:
            rows[key] = row(contest, *key, rows)
            with path.open("a", encoding="utf8") as file:
                file.write(json.dumps(rows[key]._asdict()) + "\n")
            if report is not None:
                report(rows[key], number, len(wanted))


def row(contest, part, schedule, method, rows):
    """Return one row of a contest, tuned and judged; `rows` has those it depends on."""
    tuning_from, judging_from, shift = PARTS[part]
    steps = contest.steps * (contest.longer if part.startswith("second") else 1)
    trainer = partial(contest.trainer, method, steps=steps, schedule=SCHEDULES[schedule])
    begin = process_time()
    grid = range(contest.first_rate + shift, contest.last_rate + shift + 1, contest.spacing)
    tuning, before = {}, {"second null": "null", "fresh": "first", "second fresh": "second"}
    if part not in ("first", "null"):
        earlier = before.get(part, "first")
        if (earlier, schedule, method) not in rows:
            raise ValueError(f"the part {part!r} needs the rates of the part {earlier!r}")
        rate = rows[earlier, schedule, method].rate
        middle = next(k for k in WIDEST if rate_of(k) == rate)
        grid = range(middle - 8, middle + 9, contest.spacing)  # within a decade
    if tuning_from is not None:
        tuning = tune(contest, trainer, range(tuning_from, tuning_from + contest.tuning), grid)
        rate = best(tuning)
    (scores,) = trainer([rate], range(judging_from, judging_from + contest.judging))
    seconds = round(process_time() - begin, 1)
    scores = [_short(score) for score in scores]
    return Row(part, schedule, method, steps, rate, scores, tuning, seconds)


def tune(contest, trainer, seeds, grid):
    """Return the median score of the tuning seeds and their failures for each rate tried.

    Parameters
    ----------
    contest : Contest
    trainer : function
        Of rates and seeds.
    seeds : sequence of int
        The tuning seeds.
    grid : range
        Exponents, in eighths of a decade.  While the best rate is at an end, two more are
        tried beyond it.

    Returns
    -------
    dict
        By rate.
    """
    tuning, tried, new = {}, [], list(grid)

    def extend():
        rates = [rate_of(k) for k in new]
        for rate, scores in zip(rates, trainer(rates, seeds), strict=True):
            failed = int(np.sum(~(np.asarray(scores) < 0.9 * contest.nothing)))
            tuning[rate] = (_short(np.median(scores)), failed)

    while new:
        extend()
        tried = sorted([*tried, *new])
        top, step = best(tuning), grid.step
        new = [tried[0] - 2 * step, tried[0] - step] if top == rate_of(tried[0]) else []
        if top == rate_of(tried[-1]):
            new = [tried[-1] + step, tried[-1] + 2 * step]
        new = [k for k in new if k in WIDEST]
    if grid.step == 4:
        middle = next(k for k in tried if rate_of(k) == best(tuning))
        new = [middle - 2, middle + 2]
        extend()
    return dict(sorted(tuning.items()))


def best(tuning):
    """Return the rate with the least median score, the smallest such rate.

    Examples
    --------
    >>> best({0.1: (2.0, 0), 0.01: (1.0, 0), 0.001: (1.0, 1)})
    0.001
    """
    return min(tuning, key=lambda rate: (tuning[rate][0], rate))


def train(task, method, rates, seeds, *, steps, schedule):
    """Train a network on a task of :mod:`rmsprop.tasks`, all rates and seeds at once.

    Parameters
    ----------
    task : class
        A task.
    method : str
        A key of ``METHODS``.
    rates : sequence of float
        Learning rates.
    seeds : sequence of int
        Seeds of start and data.
    steps : int
        The horizon.
    schedule : function
        Of the step and the horizon; the factor of the rate.

    Returns
    -------
    array, shape (rates, seeds)
        The mean score at ten moments of the last fifth, or infinity where it is not finite.
    """
    problem = _remembered(task, tuple(seeds))
    rates = np.asarray(rates, dtype=float)[:, None]
    # Run after run in memory, as the tasks want it; sweep sees the coordinates first.
    runs = np.repeat(problem.start.T[None], len(rates), axis=0)
    moments = np.linspace(0.8 * steps, steps, 11)[1:].round().astype(int).tolist()
    scores = []

    def record(theta, t):
        if t in moments:
            scores.append(problem.score(theta, t))

    with np.errstate(all="ignore"):  # a run may overflow: that is a result too
        sweep(
            METHODS[method](rates),
            problem,
            np.moveaxis(runs, -1, 0),
            steps,
            lambda t: rates * schedule(t, steps),
            record=record,
        )
        mean = np.mean(scores, axis=0)
    return np.where(np.isfinite(mean), mean, inf)


@lru_cache(maxsize=2)
def _remembered(task, seeds):
    """Return the task with batches that are drawn once: all methods meet the same ones."""
    problem = task(seeds)
    problem.at = lru_cache(maxsize=None)(problem.at)
    return problem


class Comparison(NamedTuple):
    """How many times as large one loss is as another, with an interval of 95 %."""

    ratio: float
    low: float
    high: float

    @property
    def verdict(self):
        """'less' or 'more' if the interval lies on one side of 1 and the effect counts.

        'alike' if no ratio in the interval counts, else 'undecided'.
        """
        if self.high < 1 and self.ratio <= 1 / SMALLEST:
            return "less"
        if self.low > 1 and self.ratio >= SMALLEST:
            return "more"
        return "alike" if 1 / SMALLEST < self.low <= self.high < SMALLEST else "undecided"

    @property
    def decided(self):
        """Whether one of the two is better by an effect that counts."""
        return self.verdict in ("less", "more")


@dataclass(frozen=True)
class Evidence:
    """The rows of a contest, by (part, schedule, method), and its rules.

    The yardstick of a horizon is the root mean square of the null's differences, one for
    each rival and schedule, in logarithms; the interval of a difference is that times the
    quantile of Student's t with as many degrees of freedom.  Two methods that are equally
    good are then told apart in at most 5 % of comparisons, if their differences scatter as
    the null's do.
    """

    rules: dict
    rows: dict

    def level(self, part, schedule, method):
        """Return the median score of the judging seeds, or what counts as solved."""
        median = float(np.median(self.rows[part, schedule, method].scores))
        return max(median, self.rules["solved"])

    def failures(self, part, schedule, method):
        """Return how many of the judging seeds failed."""
        scores = np.array(self.rows[part, schedule, method].scores)
        return int(np.sum(~(scores < 0.9 * self.rules["nothing"])))

    def null(self, longer=False):
        """Return how far each rival moved against itself, a logarithm, by (schedule, method)."""
        first, again = ("second", "second null") if longer else ("first", "null")
        return {
            key[1:]: log(self.level(again, *key[1:]) / self.level(first, *key[1:]))
            for key in self.rows
            if key[0] == again
        }

    def half_width(self, longer=False, without=None):
        """Return half the width of an interval, a logarithm.

        A second horizon without a null of its own uses that of the first.  One of the
        null's differences may be left out, by its key.
        """
        moved = self.null(longer) or self.null()
        moved = [difference for key, difference in moved.items() if key != without]
        if not moved:
            return nan
        return STUDENT[len(moved)] * sqrt(np.mean(np.square(moved)))

    def compare(self, schedule, method, other, part="first"):
        """Compare the loss of a method with that of another, in one part."""
        with np.errstate(all="ignore"):
            one, two = (self.level(part, schedule, name) for name in (method, other))
            ratio = float(np.divide(one, two))
        factor = exp(self.half_width(part.startswith("second")))
        return Comparison(ratio, ratio / factor, ratio * factor)

    def null_decisions(self, longer=False):
        """Return how many of the null's differences the rule takes for real, and of how many.

        Each is judged by the others.
        """
        decided, moved = 0, self.null(longer)
        for key, difference in moved.items():
            factor = exp(self.half_width(longer, without=key))
            ratio = exp(difference)
            decided += Comparison(ratio, ratio / factor, ratio * factor).decided
        return decided, len(moved)


def read(path):
    """Return the evidence that a file of :func:`play` holds."""
    first, *lines = Path(path).read_text(encoding="utf8").splitlines()
    rows = {}
    for line in lines:
        found = Row(**json.loads(line))
        tuning = {float(rate): tuple(value) for rate, value in found.tuning.items()}
        rows[found.part, found.schedule, found.method] = found._replace(tuning=tuning)
    return Evidence(json.loads(first), rows)


def _short(score):
    """Round to what a file keeps: four significant digits."""
    return float(f"{score:.4g}")
