"""Exponential averages against sums written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rmsprop import averages

decays = st.floats(0.0, 0.999)
# Numbers below 2e-308 have fewer digits, so and their products are off by more.
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
series = arrays(float, st.integers(1, 30), elements=numbers)


@given(series, decays, st.floats(-10, 10))
def test_the_recursion_is_the_weighted_sum(x, rho, initial):
    n = len(x)
    closed = rho**n * initial + averages.weights(rho, n) @ x[::-1]
    last = averages.average(x, rho, initial)[-1]
    assert last == pytest.approx(closed, rel=1e-9, abs=1e-6)


@given(series, decays)
def test_corrected_averages_stay_between_the_extremes(x, rho):
    v = averages.average(x, rho, bias_correction=True)
    slack = 1e-9 * np.abs(x).max()
    assert np.all(v <= np.maximum.accumulate(x) + slack)
    assert np.all(v >= np.minimum.accumulate(x) - slack)


@given(decays, st.integers(1, 200))
def test_weights_add_up_to_the_mass(rho, n):
    assert averages.weights(rho, n).sum() == pytest.approx(averages.mass(rho, n), abs=1e-12)


@given(st.floats(0.01, 0.999))
def test_the_windows_are_what_their_names_say(rho):
    w = averages.weights(rho, int(60 / (1 - rho)))
    ages = np.arange(len(w))
    assert rho ** averages.half_life(rho) == pytest.approx(0.5)
    assert w @ ages == pytest.approx(averages.mean_age(rho), rel=1e-9)
    assert 1 / np.sum(w**2) == pytest.approx(averages.effective_samples(rho), rel=1e-9)


def test_known_values():
    assert averages.half_life(0.9) == pytest.approx(6.578813)
    assert averages.mean_age(0.9) == pytest.approx(9)
    assert averages.effective_samples(0.9) == pytest.approx(19)
    assert averages.mass(0.9, 10) == pytest.approx(0.6513216)
    assert averages.weights(0.5, 3).tolist() == [0.5, 0.25, 0.125]


@pytest.mark.parametrize("x", [np.array([1e-3, 2e-3], "f2"), np.array([0.1, 3], "f4"), [1, 2]])
def test_entries_in_fewer_bits_are_averaged_in_64(x):
    v = averages.average(x, 0.9999)
    assert v.dtype == np.float64
    assert np.array_equal(v, averages.average(np.array(x, float), 0.9999))


def test_a_decay_may_be_any_number_of_numpy():
    assert averages.weights(np.float32(0.5), 2).tolist() == [0.5, 0.25]


def test_rho_zero_remembers_only_the_newest():
    assert averages.half_life(0.0) == 0.0
    assert averages.mean_age(0.0) == 0.0
    assert averages.effective_samples(0.0) == 1.0
    assert averages.average([3.0, 5.0], 0.0).tolist() == [3.0, 5.0]


def test_rho_may_be_an_array_for_the_windows():
    rho = np.array([0.5, 0.9])
    assert averages.half_life(rho).tolist() == [averages.half_life(r) for r in rho]
    assert averages.mean_age(rho).tolist() == [averages.mean_age(r) for r in rho]


def test_many_series_and_many_decays_at_once():
    x = np.random.default_rng(0).standard_normal((50, 3))
    rho = np.array([[0.5], [0.9]])
    v = averages.average(x, rho, bias_correction=True)
    assert v.shape == (50, 2, 3)
    alone = averages.average(x[:, 1], 0.9, bias_correction=True)
    np.testing.assert_allclose(v[:, 1, 1], alone)


def test_time_is_the_first_axis_and_the_series_is_left_alone():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert averages.average(x, 0.5, initial=[1.0, 0.0]).tolist() == [[1.0, 1.0], [2.0, 2.5]]
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_an_empty_series_has_an_empty_average():
    assert averages.average(np.zeros((0, 2)), 0.9).shape == (0, 2)
