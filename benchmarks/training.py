"""Train many copies of a network side by side, one for each rate and seed.

A *problem* is made for some seeds and a number of copies of each (the rates):

``start``
    The weights of every run, a float32 array of shape (copies x seeds, weights); run
    ``i * len(seeds) + j`` is copy i of seed j.
``gradient(theta, t)``
    The gradient of every run at step t, from 1; it may change what the problem keeps.
``score(theta, t)``
    How badly every run does after step t, on what it was not trained on.

What a run is given depends on its seed and the step alone, not on its neighbours.
"""

import os

# One thread: the comparison shares its machine.  XLA reads this when JAX first computes.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

from functools import partial

import numpy as np

from rmsprop import RMSprop
from rmsprop.compare import METHODS as OF_ALL_TASKS

# DQN's own rule (Mnih et al., 2015, and the authors' code) and what lies between it and RMSprop.
DQN = partial(RMSprop, rho=0.95, centered=True, epsilon_inside=True)
METHODS = OF_ALL_TASKS | {
    "RMSprop 0.95": partial(RMSprop, rho=0.95),
    "centered 0.95": partial(RMSprop, rho=0.95, centered=True),
    "DQN, epsilon 0.01": partial(DQN, epsilon=0.01),
    # What 0.01 means to a gradient that is the mean over 32 errors, not their sum.
    "DQN, epsilon 10.24": partial(DQN, epsilon=0.01 * 32**2),
}


def train(problem, method, rates, seeds, *, steps, schedule):
    """Train every seed at every rate and return the scores; less is better.

    Parameters
    ----------
    problem : function
        Of the seeds, the number of copies and the number of steps; see the module.
    method : str
        A key of :data:`METHODS`.
    rates, seeds : sequence
        The learning rates, and the seeds.
    steps : int
        The length of a run.
    schedule : function
        Of the step and the number of steps; the factor of the rate.

    Returns
    -------
    array, shape (rates, seeds)
        The mean score of ten moments of the last fifth of the run, as for the small tasks,
        or infinity where it is not finite.
    """
    runs = problem(seeds, len(rates), steps)
    rates = np.repeat(np.asarray(rates, dtype=float), len(seeds))[:, None]
    optimizer = METHODS[method](rates)
    moments = np.linspace(0.8 * steps, steps, 11)[1:].round().astype(int)
    theta, scores = runs.start, []
    with np.errstate(all="ignore"):  # a run may overflow: that is a result too
        for t in range(1, steps + 1):
            optimizer.learning_rate = rates * schedule(t, steps)
            theta = optimizer.update(theta, runs.gradient(theta, t))
            if t in moments:
                scores.append(runs.score(theta, t))
        mean = np.mean(scores, axis=0).reshape(-1, len(seeds))
    return np.where(np.isfinite(mean), mean, np.inf)


def stack(one_start, seeds, copies):
    """Return the starts of all runs: those of the seeds, repeated for each copy."""
    return np.tile(np.stack([one_start(seed) for seed in seeds]).astype("f4"), (copies, 1))


def weights(theta, shapes):
    """Cut one run's weights out of its row, as a dict of arrays."""
    cut, first = {}, 0
    for name, shape in shapes.items():
        last = first + int(np.prod(shape))
        cut[name] = theta[first:last].reshape(shape)
        first = last
    return cut
