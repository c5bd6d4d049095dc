"""The harness treats all methods alike, and its yardstick is as long as it says."""

import zlib
from dataclasses import replace
from functools import partial
from math import exp, inf, log

import numpy as np
import pytest

from rmsprop import SGD, compare, sweep, tasks
from rmsprop.compare import Contest, Evidence, falling, play, rate_of, read


def simulated(task, heavy=False):
    """Return a trainer whose methods are equally good: a valley of rates, and chance."""

    def trainer(method, rates, seeds, *, steps, schedule):
        key = repr((task, method, schedule(steps, steps), steps, list(seeds), list(rates)))
        rng = np.random.default_rng(zlib.crc32(key.encode()))
        shape = len(rates), len(seeds)
        chance = 0.5 * rng.standard_t(3, shape) if heavy else 0.2 * rng.standard_normal(shape)
        valley = 1.5 * (np.log10(rates) + 1.6)[:, None] ** 2
        failed = np.array(rates)[:, None] > 0.4
        if heavy:
            failed = failed | (rng.random(shape) < 0.05)
        return np.where(failed, inf, np.exp(valley + chance))

    return trainer


def played(contest, parts=("first", "null")):
    """Return the evidence of a contest without a file."""
    rows = {}
    for part in parts:
        for schedule in contest.schedules:
            for method in contest.methods if part in ("first", "fresh") else contest.rivals:
                key = part, schedule, method
                rows[key] = compare.row(contest, *key, rows)
    return Evidence(contest.rules, rows)


def untimed(rows):
    return {key: row._replace(seconds=0) for key, row in rows.items()}


def test_two_names_for_a_method_give_the_same_result(monkeypatch):
    monkeypatch.setitem(compare.METHODS, "the same", compare.METHODS["RMSprop 0.9"])
    trainer = partial(compare.train, tasks.Scales)
    names = ("RMSprop 0.9", "Adam", "the same")
    contest = Contest(trainer, 20, methods=names, schedules=("falling",), tuning=3, judging=3)
    rows = played(contest, ["first"]).rows
    one, _, other = rows.values()
    assert one._replace(method="", seconds=0) == other._replace(method="", seconds=0)
    assert one.scores != rows["first", "falling", "Adam"].scores


@pytest.mark.parametrize("heavy", [False, True], ids=["normal", "heavy tails, failures"])
def test_the_null_is_calibrated(heavy):
    """Of equal methods on seeds of their own at most 5 % are told apart, and of the null."""
    found, null = [], []
    for task in range(60):
        evidence = played(Contest(simulated(task, heavy), 10))
        null.append(evidence.null_decisions())
        for schedule in evidence.rules["schedules"]:
            for method in evidence.rules["methods"][1:]:
                pair = evidence.compare(schedule, method, "SGD")
                found.append(not pair.low <= 1 <= pair.high)
                assert pair.decided == (found[-1] and abs(log(pair.ratio)) >= log(1.1))
    # 840 comparisons that share yardsticks and a rival count for about 240 alone.
    assert 0.005 < np.mean(found) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 240)
    decided, of = np.sum(null, axis=0)
    assert of == 480 and decided <= 0.05 * of + 2 * np.sqrt(0.05 * 0.95 * of)


def test_a_difference_that_is_there_is_found():
    equal = simulated(0)

    def trainer(method, *rest, **options):
        return equal(method, *rest, **options) * (2 if method == "SGD" else 1)

    evidence = played(Contest(trainer, 10))
    for schedule in ("constant", "falling"):
        worse = evidence.compare(schedule, "SGD", "Adam")
        assert worse.verdict == "more" and worse.low < 2 < worse.high
        assert evidence.compare(schedule, "Adam", "SGD").verdict == "less"


def test_the_interval_is_students():
    rules = Contest(None, 1, methods=("a", "b"), rivals=("a", "b"), schedules=("s",)).rules

    def row(part, method, score):
        return compare.Row(part, "s", method, 1, 0.1, [score] * 3, {}, 0)

    moved = {"a": 0.3, "b": -0.1}
    rows = {}
    for method, score in (("a", 1.0), ("b", 3.0)):
        rows["first", "s", method] = row("first", method, score)
        rows["null", "s", method] = row("null", method, score * exp(moved[method]))
    evidence = Evidence(rules, rows)
    half = 4.303 * np.sqrt((0.09 + 0.01) / 2)
    assert evidence.half_width() == pytest.approx(half)
    ratio, low, high = evidence.compare("s", "b", "a")
    assert np.allclose([ratio, low, high], [3, 3 / exp(half), 3 * exp(half)])
    # Left alone, each meets the yardstick of the other: 0.3 and 12.7 times 0.1.
    assert evidence.null_decisions() == (0, 2)
    solved = Evidence(rules | {"solved": 5.0}, rows)
    assert solved.compare("s", "b", "a").ratio == 1  # both have solved it


def test_a_small_effect_does_not_count():
    assert compare.Comparison(1.09, 1.08, 1.1).verdict == "undecided"
    assert compare.Comparison(1.01, 0.95, 1.09).verdict == "alike"
    assert not compare.Comparison(1.01, 0.95, 1.09).decided
    assert compare.Comparison(1.11, 1.1, 1.12).verdict == "more"
    assert compare.Comparison(0.9, 0.89, 0.91).verdict == "less"
    assert compare.Comparison(2.0, 0.9, 4.4).verdict == "undecided"
    assert compare.Comparison(inf, inf, inf).verdict == "more"


def test_what_the_null_changes_is_all_it_may():
    seen = []

    def trainer(method, rates, seeds, *, steps, schedule):
        seen.append((list(rates), list(seeds), steps))
        return np.ones((len(rates), len(seeds))) * abs(np.log10(rates) + 1.6)[:, None]

    contest = Contest(trainer, 10, methods=("SGD",), rivals=("SGD",), schedules=("constant",))
    played(contest, compare.PARTS)
    first, judged, null, null_judged = seen[:4]
    assert np.allclose(np.log10(np.divide(null[0], first[0])), 1 / 8, atol=0.002)
    assert np.allclose(np.diff(np.log10(first[0])), 1 / 4, atol=0.002)
    assert first[1] == list(range(11)) and judged[1] == list(range(100, 121))
    assert null[1] == list(range(200, 211)) and null_judged[1] == list(range(300, 321))
    second, second_judged = seen[4:6]
    assert len(second[0]) == 9 and second[2] == second_judged[2] == 40
    assert second[0][4] == judged[0][0] and second[1] == first[1]
    assert [s[1] for s in seen[-2:]] == [list(range(400, 421))] * 2
    assert seen[-2][0] == judged[0] and seen[-1][0] == second_judged[0]
    assert [s[2] for s in seen[-2:]] == [10, 40]


@pytest.mark.parametrize("optimum", [-5.1, -0.3, 2.1])
def test_the_grid_grows_while_the_best_is_at_its_edge(optimum):
    def trainer(rates, seeds):
        return np.ones((len(rates), len(seeds))) * abs(np.log10(rates) - optimum)[:, None]

    tuning = compare.tune(Contest(None, 1), trainer, range(3), range(-24, 1, 2))
    assert abs(np.log10(compare.best(tuning)) - optimum) < 0.13
    tried = np.log10(list(tuning))
    assert tried.min() < optimum - 0.12 and tried.max() > optimum + 0.12
    assert np.allclose(np.diff(tried), 0.25, atol=0.003)


def test_a_coarse_grid_is_refined_once():
    def trainer(rates, seeds):
        return np.ones((len(rates), len(seeds))) * abs(np.log10(rates) + 1.3)[:, None]

    tuning = compare.tune(Contest(None, 1), trainer, range(3), range(-24, 1, 4))
    assert compare.best(tuning) == 0.0562  # half-way between 0.0316 and 0.1
    assert set(tuning) == {rate_of(k) for k in (*range(-24, 1, 4), -14, -10)}


def test_failures_are_counted_not_hidden():
    def trainer(rates, seeds):
        scores = np.full((len(rates), len(seeds)), 0.5)
        scores[:, 0], scores[:, 1] = inf, 0.95
        return scores

    tuning = compare.tune(Contest(None, 1, nothing=1.0), trainer, range(11), range(-8, 1, 2))
    assert set(tuning.values()) == {(0.5, 2)}
    row = compare.Row("first", "constant", "SGD", 1, 0.1, [0.5, 0.95, inf], {}, 0)
    evidence = Evidence({"nothing": 1.0, "solved": 0}, {row[:3]: row})
    assert evidence.failures(*row[:3]) == 2


def test_a_piece_that_was_stopped_goes_on(tmp_path):
    contest = Contest(simulated(1), 10, methods=("SGD", "Adam"), rivals=("SGD",))
    calls = []

    def counted(*args, **options):
        calls.append(args)
        return contest.trainer(*args, **options)

    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    play(contest, whole)

    def stop(row, number, of):
        raise KeyboardInterrupt

    for _ in range(3):  # each time it is stopped after a row
        with pytest.raises(KeyboardInterrupt):
            play(contest, parts, ["first"], stop)
    assert len(parts.read_text("utf8").splitlines()) == 1 + 3
    play(replace(contest, trainer=counted), parts)
    assert untimed(read(parts).rows) == untimed(read(whole).rows)
    before = len(calls)
    play(replace(contest, trainer=counted), parts)
    assert len(calls) == before  # nothing is run twice
    with pytest.raises(ValueError, match="other rules"):
        play(replace(contest, tuning=12), parts)
    with pytest.raises(ValueError, match="needs the rates of the part 'first'"):
        compare.row(contest, "second", "constant", "SGD", {})


def test_training_is_that_of_sweep():
    seeds, rates = range(3), [0.03, 0.1]
    scores = compare.train(tasks.Scales, "SGD", rates, seeds, steps=50, schedule=falling)
    for j in seeds:
        task = tasks.Scales([j])
        for i, rate in enumerate(rates):
            kept = sweep(
                SGD(rate),
                task,
                task.start,
                50,
                lambda t, rate=rate: rate * falling(t, 50),
                record=task.score,
            ).recorded
            assert scores[i, j] == pytest.approx(np.mean(kept[40:]), rel=1e-4)


def test_a_run_that_overflows_scores_infinity():
    scores = compare.train(
        tasks.Scales, "SGD", [0.01, 100.0], range(2), steps=300, schedule=compare.constant
    )
    assert np.all(scores[0] < 10) and np.all(scores[1] == inf)


def test_student():
    from scipy import stats

    for n, value in compare.STUDENT.items():
        assert value == pytest.approx(stats.t.ppf(0.975, n), abs=6e-4)
    assert log(compare.SMALLEST) < 0.1
