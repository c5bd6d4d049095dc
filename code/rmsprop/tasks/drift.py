"""A linear regression whose truth never rests."""

import numpy as np

from rmsprop.tasks.task import COMMON_SEED, START, Task, generator

FEATURES, NOISE = 20, 0.5
SIZES = np.geomspace(0.3, 3, FEATURES)
PHASES, EXPONENTS = generator(COMMON_SEED, START).random((2, FEATURES))
PERIODS = 500 * 4**EXPONENTS


class Drift(Task):
    r"""Follow a linear law that drifts: 20 features of sizes 0.3 to 3, batches of 8.

    Labels are :math:`y = \sum_i x_i w_i(t) + 0.5\,\xi`, and each true weight swings,
    :math:`w_i(t) = \sin 2\pi (t/P_i + \varphi_i)`, with a phase of its own and a period
    between 500 and 2000 steps; the law is the same for all seeds.  The loss is half the
    squared error; the score is what it is on average above its least value,
    :math:`\frac12\sum_i s_i^2 (\theta_i - w_i(t))^2` for features of standard deviation
    :math:`s_i`.

    Examples
    --------
    >>> task = Drift(seeds=[0])
    >>> weights = truth(100)[:, None]
    >>> task.score(weights, 100).tolist(), bool(task.score(weights, 300).item() > 1)
    ([0.0], True)
    """

    steps = 1000
    shapes = {"w": (FEATURES, 1)}

    def initial(self, rng):
        """Return zeros."""
        return {"w": np.zeros((FEATURES, 1))}

    def batch(self, rng, t):
        """Draw 8 examples, labelled by the law of step t."""
        features = SIZES * rng.standard_normal((8, FEATURES))
        return features, features @ truth(t) + NOISE * rng.standard_normal(8)

    def batch_loss(self, weights, features, label):
        """Return half the mean squared error."""
        return 0.5 * ((features @ weights["w"]).squeeze(-1) - label).square().mean(dim=-1)

    def score(self, theta, t):
        """Return the expected loss at step t, less the part that noise makes."""
        return 0.5 * np.sum((SIZES * (np.moveaxis(theta, 0, -1) - truth(t))) ** 2, axis=-1)


def truth(t):
    """Return the true weights at step t, an array of shape (20,)."""
    return np.sin(2 * np.pi * (t / PERIODS + PHASES))
