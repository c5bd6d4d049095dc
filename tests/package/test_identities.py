"""Statements that hold exactly, for any gradients (hypothesis picks them)."""

from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rmsprop import SGD, AdaGrad, Adam, RMSprop

sizes = st.floats(1e-6, 1e6)
signs = st.sampled_from([-1.0, 1.0])
gradient = st.builds(lambda size, sign: size * sign, sizes, signs)
gradients = arrays(float, (12, 2), elements=gradient)
decays = st.floats(0.0, 0.999)


def steps(optimizer, gradients):
    """Return the steps: beside large parameters small differences would drown."""
    taken = []
    for g in gradients:
        taken.append(optimizer.update(np.zeros_like(g), g))
    return np.array(taken)


@given(gradients, decays, st.sampled_from([2.0**-20, 0.25, 2.0**15]))
def test_the_scale_of_the_gradient_does_not_matter_without_epsilon(g, rho, c):
    # A power of two scales without rounding, so the steps are equal to the bit.
    plain = steps(RMSprop(0.1, rho, 0.0), g)
    assert np.array_equal(plain, steps(RMSprop(0.1, rho, 0.0), c * g))


@given(gradients, decays, st.booleans())
def test_scaling_the_gradient_is_scaling_epsilon(g, rho, inside):
    c, eps = 1024.0, 0.5
    scaled = steps(RMSprop(0.1, rho, eps, epsilon_inside=inside), c * g)
    other = RMSprop(0.1, rho, eps / (c**2 if inside else c), epsilon_inside=inside)
    np.testing.assert_allclose(scaled, steps(other, g), rtol=1e-12)


@given(gradients)
def test_growing_memory_gives_adagrad(g):
    adagrad, rmsprop = AdaGrad(0.1, 0.01), RMSprop()
    for t, now in enumerate(g, start=1):
        rmsprop.learning_rate = 0.1 / np.sqrt(t)
        rmsprop.rho = 1 - 1 / t
        rmsprop.epsilon = 0.01 / np.sqrt(t)
        np.testing.assert_allclose(
            rmsprop.update(np.zeros(2), now), adagrad.update(np.zeros(2), now), rtol=1e-11
        )
        mean_square = np.mean(g[:t] ** 2, axis=0)
        np.testing.assert_allclose(rmsprop.state.square, mean_square, rtol=1e-11)


@given(gradients, decays)
def test_corrected_rmsprop_is_adam_without_first_moment(g, rho):
    corrected = steps(RMSprop(0.1, rho, 1e-8, bias_correction=True), g)
    np.testing.assert_allclose(corrected, steps(Adam(0.1, 0.0, rho, 1e-8), g), rtol=1e-12)


@given(gradients, decays)
def test_no_step_is_longer_than_the_wall(g, rho):
    wall = 0.1 / np.sqrt(1 - rho)
    assert np.all(np.abs(steps(RMSprop(0.1, rho, 0.0), g)) <= wall * (1 + 1e-12))


@given(gradients, decays)
def test_the_variance_is_never_negative_so_centered_steps_are_numbers(g, rho):
    centered = steps(RMSprop(0.1, rho, 1e-8, centered=True), g)
    assert np.all(np.isfinite(centered))
    plain = steps(RMSprop(0.1, rho, 1e-8), g)
    assert np.all(np.abs(centered) >= np.abs(plain))


@given(gradients, decays, st.floats(0.0, 0.95))
def test_the_place_of_the_rate_does_not_matter_while_it_is_constant(g, rho, gamma):
    inside = steps(RMSprop(0.1, rho, 1e-8, momentum=gamma, rate_in_momentum=True), g)
    outside = steps(RMSprop(0.1, rho, 1e-8, momentum=gamma), g)
    np.testing.assert_allclose(inside, outside, rtol=1e-9, atol=1e-12)


def test_a_large_epsilon_gives_sgd():
    g = np.random.default_rng(0).standard_normal((30, 3))
    for options, rate in ({"epsilon_inside": False}, 1e9), ({"epsilon_inside": True}, 1e9**0.5):
        almost = steps(RMSprop(0.1 * rate, 0.9, 1e9, momentum=0.5, **options), g)
        np.testing.assert_allclose(almost, steps(SGD(0.1, 0.5), g), rtol=1e-7)


def test_rho_zero_gives_the_sign_of_the_gradient():
    g = np.array([[3.0, -1e-3], [-200.0, 7.0]])
    np.testing.assert_allclose(steps(RMSprop(0.1, 0.0, 0.0), g), -0.1 * np.sign(g))


@given(gradients, st.booleans())
def test_a_dict_and_arrays_of_settings_are_many_single_runs(g, centered):
    etas, rhos = np.array([[0.1], [0.3]]), np.array([[0.5], [0.9]])
    together = RMSprop(etas, rhos, centered=centered)
    named = RMSprop(0.3, 0.9, centered=centered)
    alone = [RMSprop(e, r, centered=centered) for e, r in ((0.1, 0.5), (0.3, 0.9))]
    for now in g:
        wide = together.update(np.zeros((2, 2)), np.array([now, now]))
        single = np.array([one.update(np.zeros(2), now) for one in alone])
        assert np.array_equal(wide, single)
        parts = named.update({"x": np.zeros(1), "y": np.zeros(1)}, {"y": now[1:], "x": now[:1]})
        assert np.array_equal(np.concatenate([parts["x"], parts["y"]]), single[1])


@pytest.mark.parametrize(
    "optimizer",
    [SGD(0.1, 0.9), AdaGrad(0.1), RMSprop(0.1, 0.99, momentum=0.5, centered=True), Adam(0.1)],
    ids=lambda o: type(o).__name__,
)
def test_float32_stays_float32_and_follows_float64(optimizer):
    g = np.random.default_rng(3).standard_normal((40, 4))
    narrow, wide = deepcopy(optimizer), deepcopy(optimizer)
    theta32, theta64 = np.zeros(4, np.float32), np.zeros(4)
    for now in g:
        theta32 = narrow.update(theta32, now.astype(np.float32))
        theta64 = wide.update(theta64, now)
    assert theta32.dtype == np.float32
    assert narrow.effective_rate.dtype == np.float32
    np.testing.assert_allclose(theta32, theta64, rtol=1e-3, atol=1e-5)
