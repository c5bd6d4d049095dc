"""The harness treats all methods alike."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks import evidence
from rmsprop import SGD, AdaGrad, RMSprop, compare
from rmsprop.compare import EVALUATION_SEEDS, METHODS, TUNING_SEEDS, constant, decay

CONSTANT = {"constant": constant}


@pytest.fixture(autouse=True)
def one_thread():
    """Keep to one thread, as the processes of the harness do: small arrays gain by it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Toy:
    """A parabola; seeds differ in where they start, and the score is the distance."""

    steps = 50
    curvature = 1.0
    seen = []

    def __init__(self, seeds):
        self.seen.append(tuple(seeds))
        self.start = 1 + 0.1 * np.array([seeds], dtype=float)

    def loss(self, theta):
        """Return half the square, times the curvature."""
        return 0.5 * self.curvature * theta[0] ** 2

    def gradient(self, theta, rng=None):
        """Return the slope."""
        return self.curvature * theta

    def score(self, theta, t):
        """Return the distance from the minimum."""
        return np.abs(theta[0])


def test_two_names_for_a_method_give_the_same_result():
    for method in (AdaGrad, METHODS["with momentum 0.9"]):
        twice = {"one": method, "between": SGD, "other": method}
        one, _, other = compare.compare(twice, {"toy": Toy}, CONSTANT)
        assert (one.rate, one.tuning, one.scores) == (other.rate, other.tuning, other.scores)


def test_neither_neighbours_nor_processes_change_a_result():
    methods = {name: METHODS[name] for name in ("RMSprop 0.9", "Adam", "momentum")}
    serial = compare.compare(methods, {"toy": Toy})
    parallel = compare.compare(methods, {"toy": Toy}, workers=2)
    assert [_timeless(r) for r in serial] == [_timeless(r) for r in parallel]
    (alone,) = compare.compare({"Adam": METHODS["Adam"]}, {"toy": Toy}, CONSTANT)
    assert _timeless(alone) == _timeless(serial[1]) != _timeless(serial[4])


def _timeless(result):
    return replace(result, milliseconds=0.0)


def test_seeds_that_judge_are_not_those_that_tuned():
    Toy.seen.clear()
    compare.compare({"SGD": SGD}, {"toy": Toy}, CONSTANT)
    assert Toy.seen == [tuple(TUNING_SEEDS), tuple(EVALUATION_SEEDS)]
    assert not set(TUNING_SEEDS) & set(EVALUATION_SEEDS)
    assert len(TUNING_SEEDS) >= 3 and len(EVALUATION_SEEDS) >= 10


class Far(Toy):
    """What counts is to be near a place that only one rate reaches in time."""

    def score(self, theta, t):
        """Return how far the way of SGD to step t is from that at a rate of 0.03."""
        return np.abs(theta[0] / self.start[0] - 0.97**t)


def test_every_method_gets_the_same_rates_and_the_best_is_found():
    methods = {"a": SGD, "third": lambda rates: SGD(rates / 3)}
    first, second = compare.compare(methods, {"far": Far}, CONSTANT)
    grid = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0]
    assert list(first.tuning) == list(second.tuning) == grid
    assert (first.rate, second.rate) == (0.03, 0.1)
    assert max(first.scores.values()) < 1e-9
    assert first.untrained > 0.6 and first.milliseconds > 0


@pytest.mark.parametrize(
    ("curvature", "rate", "ends"),
    [(0.1, 10.0, (1e-4, 100.0)), (3e4, 3e-5, (1e-5, 1.0)), (1e-5, 1000.0, (1e-4, 1000.0))],
    ids=["upwards", "downwards", "ends at the widest grid"],
)
def test_the_grid_grows_while_the_best_is_at_its_edge(curvature, rate, ends):
    class Scaled(Toy):
        pass

    Scaled.curvature = curvature
    tuning = compare.tune(SGD, Scaled, constant)
    assert compare.best(tuning) == rate
    assert (min(tuning), max(tuning)) == ends
    every = [compare.half_decade(k) for k in compare.WIDEST_GRID]
    assert sorted(tuning) == [r for r in every if ends[0] <= r <= ends[1]]


def test_the_schedule_decides_the_steps():
    task = Toy(range(2))
    (constant_score,) = compare.evaluate(SGD, task, constant, [0.1])
    (decayed,) = compare.evaluate(SGD, task, decay, [0.1])
    at_end = np.cumprod(1 - 0.1 * (1 - np.arange(50) / 50))
    moments = compare._moments(task)
    assert moments == list(range(41, 51))
    expected = np.mean([at_end[t - 1] for t in moments])
    assert np.allclose(decayed, expected * task.start[0])
    assert np.allclose(constant_score, np.mean([0.9**t for t in moments]) * task.start[0])


def test_a_run_that_overflows_scores_infinity():
    class Long(Toy):
        steps = 600

    scores = compare.evaluate(SGD, Long(range(3)), constant, [0.1, 100.0])
    assert np.all(scores[0] < 1) and np.all(scores[1] == np.inf)


def test_results_survive_the_table(tmp_path):
    results = compare.compare({"SGD": SGD, "RMSprop": RMSprop}, {"toy": Toy})
    results[0] = replace(results[0], tuning={1e-4: np.inf, 0.03: 0.1234})
    compare.write(results, tmp_path / "table.csv")
    kept = compare.read(tmp_path / "table.csv")
    assert list(kept.values()) == results
    assert list(kept) == [(r.task, r.schedule, r.method) for r in results]


def test_good_rates_and_quartiles():
    scores = dict(zip(EVALUATION_SEEDS, range(11), strict=True))
    tuning = {0.1: 1.0, 0.01: 0.5, 0.001: 3.0}
    result = compare.Result("t", "s", "m", tuning, scores, 5.0, 1.0)
    assert result.good_rates(1.0) == [0.01, 0.1] and result.good_rates(0.1) == []
    assert result.quartiles.tolist() == [2, 5, 8]


def test_who_beats_whom():
    base = dict.fromkeys(EVALUATION_SEEDS, 1.0)
    result = compare.Result("t", "s", "m", {0.1: 1.0}, base, 5.0, 1.0)
    last, before = EVALUATION_SEEDS[-1], EVALUATION_SEEDS[-2]
    ten = replace(result, scores=dict.fromkeys(EVALUATION_SEEDS, 0.9) | {last: 2.0})
    nine = replace(result, scores=ten.scores | {before: 1.0})
    assert compare.beats(ten, result) and not compare.beats(nine, result)
    assert not compare.beats(result, ten)


def test_progress_is_reported_in_order():
    heard = []
    some = {"a": SGD, "b": AdaGrad}
    results = compare.compare(some, {"toy": Toy}, CONSTANT, report=lambda *x: heard.append(x))
    assert heard == [(results[0], 1, 2), (results[1], 2, 2)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "1"], "--workers must be at least 2"),
        (["--tasks", "digits"], "a part of the tasks needs a --table of its own"),
    ],
)
def test_the_benchmark_refuses_what_would_spoil_its_table(arguments, message, monkeypatch, capsys):
    monkeypatch.setattr(compare, "compare", lambda *args, **options: pytest.fail("it ran"))
    monkeypatch.setattr("sys.argv", ["evidence.py", *arguments])
    with pytest.raises(SystemExit):
        evidence.main()
    assert message in capsys.readouterr().err


def test_bad_number_of_workers():
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        compare.compare({}, {}, workers=0)
