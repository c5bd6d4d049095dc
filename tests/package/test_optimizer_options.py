"""Every option of RMSprop against the formulas, written out for one number."""

from itertools import product
from math import sqrt

import numpy as np
import pytest

from rmsprop import SGD, Adam, RMSprop

GRADIENTS = [3.0, -0.5, 0.0, 2.0, 40.0, -1e-3, 7.0]


def by_hand(
    gradients,
    rates,
    rho,
    epsilon,
    *,
    momentum,
    centered,
    epsilon_inside,
    initial_square,
    bias_correction,
    rate_in_momentum,
):
    """RMSprop on one float, with plain arithmetic and no shared code."""
    theta, v, mu, u = 0.0, initial_square, 0.0, 0.0
    path = []
    for t, (g, eta) in enumerate(zip(gradients, rates, strict=True), start=1):
        v = rho * v + (1 - rho) * g * g
        mu = rho * mu + (1 - rho) * g
        mass = 1 - rho**t if bias_correction else 1
        divisor = v / mass - ((mu / mass) ** 2 if centered else 0)
        divisor = sqrt(divisor + epsilon) if epsilon_inside else sqrt(divisor) + epsilon
        if rate_in_momentum:
            u = momentum * u + eta * g / divisor
            theta -= u
        else:
            u = momentum * u + g / divisor
            theta -= eta * u
        path.append(theta)
    return path


NAMES = ("centered", "epsilon_inside", "bias_correction", "rate_in_momentum")
FLAGS = [dict(zip(NAMES, values, strict=True)) for values in product([False, True], repeat=4)]


@pytest.mark.parametrize("flags", FLAGS, ids=str)
@pytest.mark.parametrize("momentum", [0.0, 0.8])
@pytest.mark.parametrize("initial_square", [0.0, 1.0])
def test_every_combination_with_a_changing_rate(flags, momentum, initial_square):
    # With bias correction, centering and v_0 = 0 the first variance is exactly 0: an
    # epsilon well above rounding keeps both sides comparable.
    options = dict(flags, momentum=momentum, initial_square=initial_square)
    rates = [0.1, 0.1, 0.1, 0.02, 0.02, 0.05, 0.05]
    optimizer = RMSprop(rho=0.7, epsilon=0.01, **options)
    theta, path = np.array([0.0]), []
    for g, eta in zip(GRADIENTS, rates, strict=True):
        optimizer.learning_rate = eta
        theta = optimizer.update(theta, np.array([g]))
        path.append(theta.item())
    expected = by_hand(GRADIENTS, rates, 0.7, 0.01, **options)
    np.testing.assert_allclose(path, expected, rtol=1e-10)


ARRAYS = [(SGD, "momentum"), (RMSprop, "momentum"), (RMSprop, "rho"), (Adam, "beta1")]


@pytest.mark.parametrize("cls, name", ARRAYS)
def test_arrays_of_settings_are_single_runs_in_the_dtype_of_the_parameters(cls, name):
    rates, values = np.array([0.1, 0.2]), np.array([0.0, 0.9])  # one of the two switches it off
    many = cls(rates, **{name: values})
    alone = [cls(rate, **{name: value}) for rate, value in zip(rates, values, strict=True)]
    for g in GRADIENTS:
        wide = many.update(np.zeros(2, np.float32), np.full(2, g))  # a gradient of float64
        each = [one.update(np.zeros(1, np.float32), np.full(1, g)).item() for one in alone]
        np.testing.assert_allclose(wide, each, rtol=1e-5)
        assert wide.dtype == many.effective_rate.dtype == np.float32


@pytest.mark.parametrize("epsilon_inside", [False, True])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_effective_rate_is_rate_over_denominator(epsilon_inside, centered, momentum):
    optimizer = RMSprop(
        0.1, 0.5, 0.3, epsilon_inside=epsilon_inside, centered=centered, momentum=momentum
    )
    assert optimizer.effective_rate is None
    optimizer.update({"w": np.array([0.0])}, {"w": np.array([4.0])})
    variance = 8.0 - (4.0 if centered else 0.0)
    denominator = sqrt(variance + 0.3) if epsilon_inside else sqrt(variance) + 0.3
    assert optimizer.effective_rate["w"] == pytest.approx(0.1 / denominator)
    optimizer.learning_rate = 5.0  # the rate of the last update does not change
    assert optimizer.effective_rate["w"] == pytest.approx(0.1 / denominator)
