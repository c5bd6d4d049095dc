"""The loop over targets is what it says: three methods of the package at once."""

import numpy as np
import pytest

from rmsprop import SGD, AdaGrad, RMSprop, descend, problems
from rmsprop.tracking import follow

STEPS = 300
TARGET = np.where(np.arange(STEPS) < 150, 2.0, -1.0)
SIZE = np.where(np.arange(STEPS) < 100, 10.0, 1.0)


@pytest.mark.parametrize(
    ("optimizer", "rate", "keep", "fall"),
    [
        (SGD(0.05), 0.05, 0, 0.0),
        (AdaGrad(0.5), 0.5, 1, 0.0),
        (RMSprop(0.05, rho=0.9, epsilon=1e-8 * np.sqrt(0.1)), 0.05 / np.sqrt(0.1), 0.9, 0.0),
        (SGD(0.05), 0.05, 0, 0.5),
    ],
)
def test_each_method_is_that_of_the_package(optimizer, rate, keep, fall):
    world = problems.Rescaled(
        problems.Moving(problems.Quadratic([1], noise=1.0), lambda t: TARGET[t - 1]),
        lambda t: SIZE[t - 1],
    )
    falls = (lambda t: 0.05 / np.sqrt(t)) if fall else None
    run = descend(optimizer, world, np.zeros(1), STEPS, falls, seed=3)
    errors = np.array(
        list(follow(TARGET, [[rate]], [keep], seeds=1, size=SIZE, fall=[fall], seed=3))
    )
    np.testing.assert_allclose(errors[:, 0, 0, 0] + TARGET, run.theta[:-1, 0], atol=1e-9)


def test_methods_rates_and_seeds_are_independent():
    rates, keep = np.array([[0.1, 0.2], [0.5, 1.0]]), [0, 1]
    together = np.array(list(follow(TARGET, rates, keep, seeds=3)))
    assert together.shape == (STEPS, 2, 2, 3)
    alone = np.array(list(follow(TARGET, rates[1:, 1:], keep[1:], seeds=3)))
    np.testing.assert_array_equal(together[:, 1:, 1:], alone)


def test_size_and_target_may_differ_between_seeds():
    target = np.stack([TARGET, 0 * TARGET], axis=1)
    size = np.stack([SIZE, 0 * SIZE], axis=1)  # the second never sees a gradient
    errors = np.array(list(follow(target, [[0.5]], [1], seeds=2, size=size)))
    assert np.ptp(errors[:, 0, 0, 0]) > 1
    np.testing.assert_array_equal(errors[:, 0, 0, 1], 0)


def test_a_rate_may_differ_between_seeds():
    rates = np.array([[[0.1, 0.5]]])
    both = np.array(list(follow(TARGET, rates, [1], seeds=2)))
    for place, rate in enumerate((0.1, 0.5)):
        one = np.array(list(follow(TARGET, [[rate]], [1], seeds=2)))
        np.testing.assert_array_equal(both[..., place], one[..., place])
