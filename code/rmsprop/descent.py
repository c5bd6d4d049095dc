"""Run an optimizer on a problem: one run in full, or thousands of settings at once."""

from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

import numpy as np

from rmsprop.problems import at
from rmsprop.validation import common_shape, count, float_array


class Descent(NamedTuple):
    """One run, step by step.

    Attributes
    ----------
    theta : array, shape (steps + 1, ...)
        Parameters; ``theta[0]`` is the start.
    loss : array, shape (steps + 1,)
        Loss at each of them, by the problem of the step that follows; the last by that of
        the last step.
    gradient : array, shape (steps, ...)
        ``gradient[t]`` was taken at ``theta[t]``, noise included.
    rate : array, shape (steps, ...)
        Effective rate of the step from ``theta[t]`` to ``theta[t + 1]``.
    """

    theta: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray
    rate: np.ndarray


class Sweep(NamedTuple):
    """The end of many runs, and what was recorded on the way.

    Attributes
    ----------
    theta : array, shape (d, runs...)
        Parameters after the last step.
    loss : array, shape runs
        Loss there.
    recorded : array, shape (steps, ...), or None
        What `record` returned after each step.
    """

    theta: np.ndarray
    loss: np.ndarray
    recorded: np.ndarray | None


def descend(optimizer, problem, start, steps, schedule=None, *, seed=0):
    """Run an optimizer from `start` and keep every step.

    Parameters
    ----------
    optimizer : Optimizer
        Its settings, and its state if it has taken steps already.  A copy of it runs:
        the one given does not change, and the same call gives the same run.
    problem : problem
        Has ``loss(theta)`` and ``gradient(theta, rng)``, and ``at(t)`` if it changes with
        time; see :mod:`rmsprop.problems`.
    start : array
        Parameters before the first step; left as they are.
    steps : int
        How many steps, at least 1.
    schedule : function, optional
        Of the step t = 1, 2, ...; returns the learning rate for it, or a dict of
        hyperparameters such as ``{"learning_rate": 0.1 / t, "rho": 1 - 1 / t}``.
    seed : int
        Seed of the gradient noise.

    Returns
    -------
    Descent
        Parameters, loss, gradients and effective rates over time.

    Raises
    ------
    TypeError
        If `steps` is no integer or `start` is not an array of real floats.
    ValueError
        If `steps` is below 1, a hyperparameter is an array that would widen `start`, or a
        schedule names or sets something that the optimizer does not have or allow.

    Examples
    --------
    >>> from rmsprop import SGD, problems
    >>> run = descend(SGD(0.25), problems.Quadratic([2]), np.array([8.0]), steps=3)
    >>> run.theta.ravel().tolist(), run.loss.tolist()
    ([8.0, 4.0, 2.0, 1.0], [64.0, 16.0, 4.0, 1.0])
    """
    start = float_array("start", start)
    theta, loss, gradient, rate = [start], [], [], []
    for step in _steps(optimizer, problem, start, steps, schedule, seed):
        if step.theta.shape != start.shape:
            raise ValueError(
                f"start must have the shape {step.theta.shape} that the hyperparameters give it, "
                f"got {start.shape}; sweep runs many settings at once"
            )
        loss.append(step.problem.loss(theta[-1]))
        gradient.append(step.gradient)
        rate.append(step.optimizer.effective_rate)
        theta.append(step.theta)
    loss.append(step.problem.loss(theta[-1]))
    return Descent(*map(np.array, (theta, loss, gradient, rate)))


def sweep(optimizer, problem, start, steps, schedule=None, *, record=None, seed=0):
    """Run many settings at once: every hyperparameter of `optimizer` may be an array.

    NumPy broadcasting does the work.  The hyperparameters and `start` together give the
    shape of the runs, for instance (50, 20) for a ``learning_rate`` of shape (50, 1) and a
    ``rho`` of shape (20,).  Each run has noise of its own.

    Parameters
    ----------
    optimizer, problem, steps, schedule, seed
        As for :func:`descend`.
    start : array, shape (d,) or (d, runs...)
        Parameters before the first step, for all runs or for each.
    record : function, optional
        Of the parameters (shape (d, runs...)) after step t, and t; what it returns is kept
        for every step.

    Returns
    -------
    Sweep
        Parameters and loss after the last step, and what was recorded.

    Raises
    ------
    TypeError, ValueError
        As for :func:`descend`, except that arrays may widen; or if shapes do not broadcast.

    Examples
    --------
    >>> from rmsprop import SGD, problems
    >>> rates = np.array([0.1, 0.5, 0.9])
    >>> sweep(SGD(rates), problems.Quadratic([2]), np.array([8.0]), steps=2).loss.round(6).tolist()
    [26.2144, 0.0, 26.2144]
    """
    start = float_array("start", start)
    if start.ndim == 0:
        raise ValueError("start must have an axis of coordinates, got a scalar")
    shapes = {name: np.shape(value) for name, value in optimizer.hyperparameters.items()}
    runs = common_shape(start=start.shape[1:], **shapes)
    missing = len(runs) - (start.ndim - 1)
    start = start.reshape(len(start), *(1,) * missing, *start.shape[1:])
    start = np.broadcast_to(start, (len(start), *runs))
    recorded = []
    stepping = _steps(optimizer, problem, start, steps, schedule, seed)
    for t, step in enumerate(stepping, start=1):
        if record is not None:
            recorded.append(record(step.theta, t))
    kept = None if record is None else np.array(recorded)
    return Sweep(step.theta, step.problem.loss(step.theta), kept)


class _Step(NamedTuple):
    """What stood at one step: the problem, the gradient taken, and what came of it."""

    problem: object
    gradient: np.ndarray
    optimizer: object
    theta: np.ndarray


def _steps(optimizer, problem, theta, steps, schedule, seed):
    """Yield each step, with the same optimizer each time."""
    steps = count("steps", steps)
    worker = deepcopy(optimizer)
    rng = np.random.default_rng(seed)
    for t in range(1, steps + 1):
        if schedule is not None:
            _set(worker, schedule(t))
        problem_now = at(problem, t)
        g = problem_now.gradient(theta, rng)
        if t == 1 and np.shape(g) != theta.shape:
            raise ValueError(
                f"start must fit the problem, whose gradient has the shape {np.shape(g)}; "
                f"got parameters of shape {theta.shape}"
            )
        theta = worker.update(theta, g)
        yield _Step(problem_now, g, worker, theta)


def _set(optimizer, values):
    if not isinstance(values, Mapping):
        values = {"learning_rate": values}
    for name, value in values.items():
        if name not in optimizer.hyperparameters:
            raise ValueError(
                f"schedule must name one of {', '.join(optimizer.hyperparameters)}, got {name!r}"
            )
        setattr(optimizer, name, value)
