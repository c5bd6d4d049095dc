"""Where floating point bites: zero, constant, huge and missing gradients."""

from dataclasses import dataclass

import numpy as np
import pytest

from rmsprop import SGD, AdaGrad, Adam, RMSprop

ALL = [SGD, AdaGrad, RMSprop, Adam]


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_zero_gradient_moves_nothing(cls, dtype):
    theta = np.array([1.0, -2.0], dtype)
    after = cls().update(theta, np.zeros(2, dtype))
    assert np.array_equal(after, theta)


def test_zero_over_zero_is_nan_without_epsilon_as_in_torch():
    optimizer = RMSprop(epsilon=0.0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(optimizer.update(np.array([1.0]), np.array([0.0]))).all()
    assert np.isinf(optimizer.effective_rate).all()


@pytest.mark.parametrize("cls", ALL)
def test_a_nan_gradient_reaches_only_its_own_weight(cls):
    after = cls().update(np.zeros(2), np.array([np.nan, 1.0]))
    assert np.isnan(after[0]) and np.isfinite(after[1])


def test_constant_gradient_and_centering_meet_the_ceiling_of_epsilon():
    optimizer, theta, g = RMSprop(0.1, 0.5, 1e-3, centered=True), np.array([0.0]), 3.0
    for _ in range(200):
        before, theta = theta, optimizer.update(theta, np.array([g]))
    assert (before - theta).item() == pytest.approx(0.1 * g / 1e-3, rel=1e-6)


def test_rounding_below_zero_is_clamped():
    rng, centered = np.random.default_rng(0), RMSprop(1e-3, 0.9, centered=True)
    theta = np.zeros(2000, np.float32)
    square, mean, negative = np.zeros_like(theta), np.zeros_like(theta), False
    for _ in range(400):
        g = (1 + 1e-4 * rng.standard_normal(2000)).astype(np.float32)
        theta = centered.update(theta, g)
        square = 0.9 * square + (1 - 0.9) * (g * g)
        mean = 0.9 * mean + (1 - 0.9) * g
        below = square - mean * mean < 0
        negative |= bool(np.any(below))
        assert np.allclose(centered.effective_rate[below], 1e-3 / 1e-8)  # counts as 0
    assert negative  # the test sees the case that it is about
    assert np.all(np.isfinite(theta))


def test_a_burst_after_silence_is_bounded():
    optimizer = RMSprop(0.1, 0.9, 0.0)
    theta = optimizer.update(np.array([0.0]), np.array([1.0]))
    for _ in range(2000):
        theta = optimizer.update(theta, np.array([1e-150]))
    after = optimizer.update(theta, np.array([1.0]))
    assert abs(after - theta).item() == pytest.approx(0.1 / np.sqrt(0.1))


@pytest.mark.parametrize("rho", [0.0, np.nextafter(1, 0)])
def test_the_ends_of_the_range_of_rho(rho):
    optimizer = RMSprop(0.1, rho, 0.0)
    first = optimizer.update(np.array([0.0]), np.array([2.0])).item()
    assert first == pytest.approx(-0.1 / np.sqrt(1 - rho))


@pytest.mark.parametrize("optimizer", [SGD(0.1), RMSprop(0.1, 0.0, 0.0)], ids=["SGD", "RMSprop"])
def test_momentum_can_be_switched_on_later(optimizer):
    steps = []
    for momentum in (0.0, 0.5, 0.5):
        optimizer.momentum = momentum
        steps.append(optimizer.update(np.array([0.0]), np.array([1.0])).item())
    np.testing.assert_allclose(steps, [-0.1, -0.1, -0.15])


def test_centering_can_be_switched_on_later():
    optimizer = RMSprop(0.1, 0.9)
    optimizer.update(np.array([0.0]), np.array([2.0]))
    optimizer.centered = True
    optimizer.update(np.array([0.0]), np.array([2.0]))
    assert optimizer.state.mean.item() == pytest.approx(0.2)


@pytest.mark.parametrize("cls", ALL)
def test_what_is_given_is_left_alone_and_not_kept(cls):
    theta, g = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    params, grads = {"w": theta}, {"w": g}
    optimizer = cls()
    after = optimizer.update(params, grads)
    assert theta.tolist() == [1.0, 2.0] and g.tolist() == [3.0, -4.0]
    assert not np.shares_memory(after["w"], theta)
    for kept in optimizer.state["w"]:
        assert not np.shares_memory(np.asarray(kept), g)
        assert not np.shares_memory(np.asarray(kept), theta)


@pytest.mark.parametrize("cls", ALL)
def test_scalars_and_integer_gradients_are_read_as_arrays(cls):
    assert np.ndim(cls().update(1.0, 2)) == 0
    assert cls().update([1.0, 2.0], [1, 2]).shape == (2,)


def test_a_subclass_has_the_hyperparameters_of_its_class_and_its_own():
    @dataclass(eq=False)
    class Narrow(RMSprop):
        rho: float = 0.4
        more: float = 2.0

    assert list(Narrow().hyperparameters) == [*RMSprop().hyperparameters, "more"]
    with pytest.raises(ValueError, match=r"rho must be in \[0, 1\), got 1.5"):
        Narrow().rho = 1.5

    class Same(RMSprop):
        pass

    same, plain = (cls(0.1, 0.5).update(np.ones(2), np.ones(2)) for cls in (Same, RMSprop))
    assert np.array_equal(same, plain)


def test_a_dict_stays_a_dict_whatever_its_keys():
    new = SGD(1.0).update({None: np.ones(2)}, {None: np.ones(2)})
    assert new[None].tolist() == [0, 0]
