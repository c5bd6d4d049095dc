"""Two linear regressions: one whose law never rests, and one whose features differ in size."""

import numpy as np

from rmsprop.tasks.task import COMMON_SEED, START, Task, generator

FEATURES, NOISE = 20, 0.5
PHASES, EXPONENTS = generator(COMMON_SEED, START).random((2, FEATURES))


class Drift(Task):
    r"""Follow a linear law that drifts: 20 features of size 1, batches of 8.

    Labels are :math:`y = \sum_i x_i w_i(t) + 0.5\,\xi`, and each true weight swings,
    :math:`w_i(t) = \sin 2\pi (t/P_i + \varphi_i)`, with a phase of its own and a period
    between 300 and 1200 steps; the law is the same for all seeds.  The loss is half the
    squared error; the score is what it is on average above its least value,
    :math:`\frac12\sum_i s_i^2 (\theta_i - w_i(t))^2` for features of standard deviation
    :math:`s_i`, here 1.

    Examples
    --------
    >>> task = Drift(seeds=[0])
    >>> weights = task.truth(100)[:, None]
    >>> task.score(weights, 100).tolist(), bool(task.score(weights, 200).item() > 1)
    ([0.0], True)
    """

    steps = 300
    nothing = FEATURES / 4  # of weights 0, on average over a period
    shapes = {"w": (FEATURES, 1)}
    sizes = np.ones(FEATURES)
    speeds = 1 / (300 * 4**EXPONENTS)

    def truth(self, t):
        """Return the true weights at step t, an array of shape (20,)."""
        return np.sin(2 * np.pi * (t * self.speeds + PHASES))

    def initial(self, rng):
        """Return zeros."""
        return {"w": np.zeros((FEATURES, 1))}

    def batch(self, rng, t):
        """Draw 8 examples, labelled by the law of step t."""
        features = self.sizes * rng.standard_normal((8, FEATURES))
        return features, features @ self.truth(t) + NOISE * rng.standard_normal(8)

    def batch_loss(self, weights, features, label):
        """Return half the mean squared error."""
        return 0.5 * ((features @ weights["w"]).squeeze(-1) - label).square().mean(dim=-1)

    def score(self, theta, t):
        """Return the expected loss at step t, less the part that noise makes."""
        miss = np.moveaxis(theta, 0, -1) - self.truth(t)
        return 0.5 * np.sum((self.sizes * miss) ** 2, axis=-1)


class Scales(Drift):
    r"""Learn a linear law at rest from 20 features of sizes 0.3 to 3, batches of 8.

    As :class:`Drift`, but the law does not move, :math:`w_i(t) = w_i(0)`, and the standard
    deviations of the features are spread evenly on a logarithmic scale: the curvatures
    differ by a factor of 100.

    Examples
    --------
    >>> task = Scales(seeds=[0])
    >>> task.truth(1).tolist() == task.truth(500).tolist(), round(task.nothing)
    (True, 13)
    """

    sizes = np.geomspace(0.3, 3, FEATURES)
    speeds = np.zeros(FEATURES)
    nothing = float(0.5 * np.sum((sizes * np.sin(2 * np.pi * PHASES)) ** 2))
