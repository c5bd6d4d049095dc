"""A logistic regression on features of which most are rare."""

import numpy as np
import torch

from rmsprop.tasks.task import COMMON_SEED, START, Task, generator

FEATURES = 100
CHANCES = 0.5 / np.arange(1, FEATURES + 1)
TRUTH = 2 * generator(COMMON_SEED, START).standard_normal(FEATURES)


class Sparse(Task):
    r"""Say yes or no from 100 features, the i-th of them present with a chance of 1/(2i).

    As with words in texts, a few are common and most are rare; batches of 10, so that the
    last one turns up in one batch of 20.  A true weight is normal with standard deviation
    2, and the label is yes with chance :math:`1/(1 + e^{-x \cdot w})`.  The loss is the
    cross-entropy.

    Examples
    --------
    >>> task = Sparse(seeds=[0])
    >>> present, label = task.batch(np.random.default_rng(0), t=1)
    >>> present.shape, float(present.mean()) < 0.04, np.unique(label).tolist()
    ((10, 100), True, [-1.0, 1.0])
    """

    steps = 300
    nothing = float(np.log(2))
    shapes = {"w": (FEATURES, 1), "b": (1,)}

    def initial(self, rng):
        """Return zeros."""
        return {"w": np.zeros((FEATURES, 1)), "b": np.zeros(1)}

    def batch(self, rng, t):
        """Draw 10 examples."""
        return _examples(rng, 10)

    def held_out(self, rng):
        """Draw 500 examples."""
        return _examples(rng, 500)

    def batch_loss(self, weights, present, label):
        """Return the cross-entropy."""
        answer = (present @ weights["w"]).squeeze(-1) + weights["b"]
        return torch.nn.functional.softplus(-answer * label).mean(dim=-1)


def _examples(rng, n):
    present = (rng.random((n, FEATURES)) < CHANCES).astype(float)
    yes = rng.random(n) < 1 / (1 + np.exp(-present @ TRUTH))
    return present, 2.0 * yes - 1
