"""The three large tasks of the benchmark, at sizes that take seconds."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from rmsprop.compare import SCHEDULES

pytest.importorskip("jax")
TRAINERS = {"characters": "scores", "cartpole": "scores", "fine_tuning": "scores_tuned"}


@pytest.fixture
def module(request, monkeypatch):
    """Return a module of the benchmarks folder."""
    if request.param == "fine_tuning":
        pytest.importorskip("mlxtend")
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[2] / "benchmarks"), *sys.path])
    return importlib.import_module(request.param)


def of(*names):
    return pytest.mark.parametrize("module", names, indirect=True)


@of(*TRAINERS)
def test_a_run_depends_on_its_seed_and_rate_alone(module):
    train = getattr(module, TRAINERS[module.__name__])
    steps = 100 if module.__name__ == "cartpole" else 20
    rest = {"steps": steps, "schedule": SCHEDULES["falling"]}
    together = train("RMSprop 0.9", [1e-3, 1e-2], [3, 4], **rest)
    alone = train("RMSprop 0.9", [1e-2], [4], **rest)
    assert together.shape == (2, 2)
    np.testing.assert_allclose(alone[0, 0], together[1, 1], rtol=1e-3)
    assert len(set(together.ravel())) > 1  # seeds do differ


@of(*TRAINERS)
def test_a_run_that_breaks_down_is_infinitely_bad(module):
    train = getattr(module, TRAINERS[module.__name__])
    scores = train("SGD", [1e38], [3], steps=10, schedule=SCHEDULES["constant"])
    assert scores.tolist() == [[np.inf]]


@of("characters", "fine_tuning")
def test_the_network_learns(module):
    name = TRAINERS[module.__name__]
    rest = {"steps": 60, "schedule": SCHEDULES["falling"]}
    (rested,), (moved,) = getattr(module, name)("Adam", [0.0, 0.01], [3], **rest)
    assert moved < rested / 2


@of("characters")
def test_the_gradient_is_that_of_the_loss_clipped(module):
    import jax

    theta = module.start(3).astype("f4")
    window = np.random.default_rng(3).integers(48, size=(33, 8))
    plain = np.asarray(jax.grad(module.loss)(theta, window))
    np.testing.assert_allclose(module.gradient(theta, window), plain, atol=1e-6)
    steep = theta * 5
    assert np.linalg.norm(module.gradient(steep, window)) > 1
    np.testing.assert_allclose(np.linalg.norm(module.clipped(steep, window)), 1, rtol=1e-3)


@of("characters")
def test_text_and_size(module):
    numbers, letters = module.text()
    assert letters == 48
    assert len(numbers) == module.TEXT.stat().st_size
    assert len(module.start(0)) == 36_728


@of("cartpole")
def test_the_pole_falls_as_it_should(module):
    upright = np.zeros((1, 4), dtype="f4")
    after, fell = module.move(upright, np.array([True]))
    # Force 10 on mass 1.1; the equations of Barto, Sutton and Anderson by hand.
    turn = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1))
    push = 10 / 1.1 - 0.05 * turn / 1.1
    np.testing.assert_allclose(after, [[0, 0.02 * push, 0, 0.02 * turn]], rtol=1e-6)
    assert not fell[0]
    mirrored, _ = module.move(upright, np.array([False]))
    np.testing.assert_allclose(mirrored, -after)
    for bad in ([2.5, 0, 0, 0], [0, 0, 0.22, 0], [-2.5, 0, 0, 0], [0, 0, -0.22, 0]):
        assert module.move(np.array([bad], dtype="f4"), np.array([True]))[1][0]


@of("cartpole")
def test_the_error_is_clipped_and_summed(module):
    import jax

    theta = module.start(3).astype("f4")
    state = np.random.default_rng(3).normal(size=(2, 4)).astype("f4")
    first = np.zeros(2, dtype="i4")
    last = module.SHAPES["b3"]
    aim_far = -1e3 * np.ones_like(theta)  # a target network whose values are far off

    def slope(rows):
        fell = np.zeros(len(rows), dtype="f4")
        g = jax.grad(module.loss)(theta, aim_far, state[rows], first[rows], state[rows], fell)
        return float(g[-last[0]])  # of the bias of the first action

    assert slope([0]) in (1.0, -1.0)
    assert slope([0, 1]) == 2 * slope([0])


@of("cartpole")
def test_random_actions_score_about_22(module):
    runs = module.CartPole(range(4), 1, 1000)
    for t in range(1, 1001):
        runs.gradient(runs.start * 0, t)  # all values 0: the left action when not exploring
    assert np.all(runs.score(runs.start, 1000) > 20)


@of("fine_tuning")
def test_tuned_and_fresh_runs_meet_the_same_images(module):
    tuned, fresh = module.Tuned([3], 1, 10), module.Fresh([3], 1, 10)
    theta = fresh.start
    for t in (1, 2):
        np.testing.assert_array_equal(tuned.gradient(theta, t), fresh.gradient(theta, t))
    assert module.images().shape == (10, 500, 28, 28)
    assert theta.shape == (1, 3381)
    seen, digit = module.data(5, 0, 80)
    kept, _ = module.data(5, 400, 50)
    assert len(digit) == 400
    assert not {image.tobytes() for image in seen} & {image.tobytes() for image in kept}
