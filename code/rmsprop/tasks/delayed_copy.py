"""Delayed copy: say again what came some steps ago."""

import numpy as np
import torch

from rmsprop.tasks.task import Task

LENGTH, DELAY, HIDDEN = 12, 6, 16


class DelayedCopy(Task):
    r"""Repeat a stream of 12 signs 6 steps late: a plain RNN of 16 tanh units, batches of 8.

    The loss is the cross-entropy of each answer that can be known; who knows nothing has
    ln 2 = 0.69.

    Examples
    --------
    >>> task = DelayedCopy(seeds=[0])
    >>> (signs,) = task.batch(np.random.default_rng(0), t=1)
    >>> signs.shape, np.unique(signs).tolist()
    ((8, 12), [-1.0, 1.0])
    """

    steps = 200
    nothing = float(np.log(2))
    shapes = {
        "W": (1, HIDDEN),
        "U": (HIDDEN, HIDDEN),
        "b": (HIDDEN,),
        "out": (HIDDEN, 1),
        "c": (1,),
    }

    def batch(self, rng, t):
        """Draw 8 streams."""
        return (_signs(rng, 8),)

    def held_out(self, rng):
        """Draw 100 streams."""
        return (_signs(rng, 100),)

    def batch_loss(self, weights, signs):
        """Return the cross-entropy of the answers from the first that can be known."""
        hidden = signs.new_zeros(1, HIDDEN)
        bias = weights["b"].unsqueeze(-2)
        states = []
        for sign in signs.unbind(-1):
            given = sign.unsqueeze(-1) * weights["W"] + bias
            hidden = torch.tanh(given + hidden @ weights["U"])
            states.append(hidden)
        known = torch.stack(states[DELAY:], dim=-2).flatten(-3, -2)
        answer = (known @ weights["out"]).squeeze(-1) + weights["c"]
        wanted = signs[..., :-DELAY].flatten(-2)
        return torch.nn.functional.softplus(-answer * wanted).mean(dim=-1)


def _signs(rng, n):
    return 2.0 * rng.integers(2, size=(n, LENGTH)) - 1
