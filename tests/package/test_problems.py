"""Gradients against differences of the loss; moving and rescaled problems."""

import numpy as np
import pytest

from rmsprop import problems

PROBLEMS = {
    "bowl": problems.Quadratic([100, 1]),
    "rotated": problems.Quadratic([100, 1, 3], angle=0.5),
    "valley": problems.Rosenbrock(),
    "moved": problems.Moving(problems.Quadratic([2, 5]), target=lambda t: np.array([t, -t])).at(3),
    "rescaled": problems.Rescaled(problems.Quadratic([2, 5]), scale=lambda t: 1 / t).at(4),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_the_gradient_is_the_slope_of_the_loss(problem):
    d = len(problem.minimum)
    theta = np.random.default_rng(1).standard_normal(d)
    h = 1e-5
    slope = [
        (problem.loss(theta + h * e) - problem.loss(theta - h * e)) / (2 * h) for e in np.eye(d)
    ]
    np.testing.assert_allclose(problem.gradient(theta), slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_the_minimum_is_one(problem):
    rng = np.random.default_rng(2)
    assert problem.loss(problem.minimum) == pytest.approx(0)
    np.testing.assert_allclose(problem.gradient(problem.minimum), 0, atol=1e-12)
    for nearby in problem.minimum + 0.1 * rng.standard_normal((20, len(problem.minimum))):
        assert problem.loss(nearby) > problem.loss(problem.minimum)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_many_runs_at_once_are_single_ones(problem):
    theta = np.random.default_rng(3).standard_normal((len(problem.minimum), 4, 2))
    loss, gradient = problem.loss(theta), problem.gradient(theta)
    assert loss.shape == (4, 2) and gradient.shape == theta.shape
    one = theta[:, 2, 1].copy()
    np.testing.assert_allclose(loss[2, 1], problem.loss(one))
    np.testing.assert_allclose(gradient[:, 2, 1], problem.gradient(one))


def test_rotation_turns_the_steep_axis():
    quarter = problems.Quadratic([100, 1], angle=np.pi / 2)
    np.testing.assert_allclose(quarter.hessian, np.diag([1, 100]), atol=1e-12)
    eighth = problems.Quadratic([100, 1], angle=np.pi / 4)
    steep = np.array([1, 1]) / np.sqrt(2)
    np.testing.assert_allclose(eighth.hessian @ steep, 100 * steep)


def test_noise_has_the_stated_size_and_only_where_asked():
    problem = problems.Quadratic([100, 1], noise=np.array([0.0, 2.0]))
    g = problem.gradient(np.zeros((2, 20000, 2)), np.random.default_rng(0))
    assert np.all(g[..., 0] == 0)
    assert g[..., 1].mean() == pytest.approx(0, abs=0.05)
    assert g[..., 1].std() == pytest.approx(2, rel=0.02)


def test_rescaling_multiplies_the_noise_too():
    noisy = problems.Quadratic([1], noise=1.0)
    scaled = problems.Rescaled(noisy, scale=lambda t: 100)
    theta = np.array([0.5])
    plain = noisy.gradient(theta, np.random.default_rng(7))
    large = scaled.at(1).gradient(theta, np.random.default_rng(7))
    np.testing.assert_allclose(large, 100 * plain)


def test_one_number_moves_all_coordinates():
    moved = problems.Moving(problems.Quadratic([2, 5]), target=lambda t: 0.5 * t).at(3)
    assert moved.minimum.tolist() == [1.5, 1.5]
    assert moved.gradient(np.array([1.5, 2.5])).tolist() == [0, 5]


def test_a_moving_problem_may_be_rescaled_and_the_other_way_round():
    bowl = problems.Quadratic([2, 5])

    def path(t):
        return np.array([t, -t])

    def scale(t):
        return 1 / t

    one = problems.Rescaled(problems.Moving(bowl, path), scale).at(4)
    other = problems.Moving(problems.Rescaled(bowl, scale), path).at(4)
    theta = np.array([0.3, -0.7])
    assert one.minimum.tolist() == other.minimum.tolist() == [4, -4]
    np.testing.assert_allclose(one.loss(theta), other.loss(theta))
    np.testing.assert_allclose(one.gradient(theta), other.gradient(theta))
    np.testing.assert_allclose(one.gradient(theta), bowl.gradient(theta - [4, -4]) / 4)
