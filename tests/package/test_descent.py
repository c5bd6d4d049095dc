"""descend records one run; sweep is many of them."""

import numpy as np
import pytest

from rmsprop import SGD, Adam, RMSprop, descend, problems, sweep

BOWL = problems.Quadratic([100, 1])
NOISY = problems.Quadratic([100, 1], noise=1.0)
START = np.array([1.0, 10.0])


def test_a_run_is_consistent_with_itself():
    run = descend(RMSprop(0.1), NOISY, START, 50, seed=4)
    assert run.theta.shape == (51, 2) and run.loss.shape == (51,)
    assert run.gradient.shape == run.rate.shape == (50, 2)
    assert run.theta[0].tolist() == START.tolist()
    np.testing.assert_allclose(run.theta[1:], run.theta[:-1] - run.rate * run.gradient)
    np.testing.assert_allclose(run.loss, NOISY.loss(run.theta.T))


def test_a_run_repeats_and_its_seed_matters():
    runs = [descend(RMSprop(0.1), NOISY, START, 20, seed=s).theta for s in (0, 0, 1)]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_the_optimizer_that_is_given_does_not_change():
    optimizer = RMSprop(0.1)
    descend(optimizer, BOWL, START, 5, schedule=lambda t: 0.5)
    assert optimizer.state is None and optimizer.learning_rate == 0.1


def test_an_optimizer_that_has_taken_steps_goes_on_from_there():
    optimizer = RMSprop(0.1)
    half = START
    for _ in range(5):
        half = optimizer.update(half, BOWL.gradient(half))
    second = descend(optimizer, BOWL, half, 5)
    whole = descend(RMSprop(0.1), BOWL, START, 10)
    assert np.array_equal(second.theta, whole.theta[5:])


def test_a_schedule_sets_the_rate_before_the_step_that_it_numbers():
    run = descend(SGD(9.0), BOWL, START, 3, schedule=lambda t: 0.1 / t)
    np.testing.assert_allclose(run.rate[:, 0], [0.1, 0.05, 0.1 / 3])


def test_a_schedule_may_set_several():
    def schedule(t):
        return {"learning_rate": 1 / t, "rho": 0.0, "epsilon": 0.0}

    run = descend(RMSprop(), problems.Quadratic([3]), np.array([7.5]), 3, schedule)
    np.testing.assert_allclose(np.diff(run.theta.ravel()), [-1, -1 / 2, -1 / 3])


def test_a_moving_problem_is_met_as_it_stands_at_each_step():
    drifting = problems.Moving(problems.Quadratic([1]), target=lambda t: np.array([t]))
    run = descend(SGD(1.0), drifting, np.array([0.0]), 4)
    assert run.theta.ravel().tolist() == [0, 1, 2, 3, 4]
    assert run.gradient.ravel().tolist() == [-1, -1, -1, -1]
    assert run.loss.tolist() == [0.5, 0.5, 0.5, 0.5, 0.0]


@pytest.mark.parametrize("problem", [BOWL, problems.Rosenbrock()], ids=["bowl", "valley"])
def test_each_run_of_a_sweep_is_a_run_of_descend(problem):
    etas, rhos = np.array([[0.001], [0.01]]), np.array([0.5, 0.9, 0.99])
    many = sweep(RMSprop(etas, rhos), problem, START, 30)
    assert many.theta.shape == (2, 2, 3) and many.loss.shape == (2, 3)
    assert many.recorded is None
    for i, j in np.ndindex(2, 3):
        one = descend(RMSprop(etas[i, 0], rhos[j]), problem, START, 30)
        np.testing.assert_allclose(many.theta[:, i, j], one.theta[-1], rtol=1e-10)
        np.testing.assert_allclose(many.loss[i, j], one.loss[-1], rtol=1e-10)


def test_a_sweep_records_what_is_asked_for():
    many = sweep(Adam(np.array([0.1, 0.2])), BOWL, START, 7, record=lambda theta, t: theta[1] * t)
    assert many.recorded.shape == (7, 2)
    np.testing.assert_allclose(many.recorded[-1], many.theta[1] * 7)


def test_runs_of_a_sweep_have_noise_of_their_own():
    many = sweep(SGD(0.001), NOISY, np.zeros((2, 500)), 1)
    assert many.theta.std() == pytest.approx(0.001, rel=0.1)
    assert len(np.unique(many.theta)) == 1000


def test_starts_and_settings_together_make_a_table():
    rates, starts = np.array([[0.0], [0.5]]), np.array([[1.0, 2.0, 4.0]])
    many = sweep(SGD(rates), problems.Quadratic([1]), starts, 1)
    assert many.theta.tolist() == [[[1.0, 2.0, 4.0], [0.5, 1.0, 2.0]]]


def test_a_sweep_may_start_each_run_elsewhere():
    starts = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    many = sweep(SGD(0.01), BOWL, starts, 1)
    np.testing.assert_allclose(many.theta[0], 0, atol=1e-12)
    assert starts[0].tolist() == [1.0, 2.0, 3.0]
