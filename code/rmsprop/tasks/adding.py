"""The adding problem: remember two numbers in a long sequence, and add them."""

import numpy as np
import torch

from rmsprop.tasks.task import Task

LENGTH, HIDDEN = 10, 8


class Adding(Task):
    r"""Add two marked numbers of a sequence of 10: an LSTM with 8 cells, batches of 8.

    Each entry is a number, uniform in [0, 1], and a mark.  One entry in each half of the
    sequence is marked; the sum of their numbers is asked for at the end.  The loss is the
    squared error.  Who always says 1 has 1/6 on average, the variance of the sum.

    References
    ----------
    Hochreiter and Schmidhuber (1997), "Long Short-Term Memory", Neural Computation 9(8),
    which has the problem in a form with other ranges and lengths.

    Examples
    --------
    >>> task = Adding(seeds=[0, 1])
    >>> numbers, target = task.batch(np.random.default_rng(0), t=1)
    >>> numbers.shape, numbers[..., 1].sum(axis=1).tolist() == [2] * 8
    ((8, 10, 2), True)
    """

    steps = 200
    nothing = 1 / 6  # the variance of the sum
    shapes = {
        "W": (2, 4 * HIDDEN),
        "U": (HIDDEN, 4 * HIDDEN),
        "b": (4 * HIDDEN,),
        "out": (HIDDEN, 1),
        "c": (1,),
    }

    def initial(self, rng):
        """Return weights of variance 1/inputs, and a bias of 1 for the forget gates."""
        weights = super().initial(rng)
        weights["b"][HIDDEN : 2 * HIDDEN] = 1
        return weights

    def batch(self, rng, t):
        """Draw 8 sequences and their sums."""
        return _sequences(rng, 8)

    def held_out(self, rng):
        """Draw 100 sequences and their sums."""
        return _sequences(rng, 100)

    def batch_loss(self, weights, entries, target):
        """Return the mean squared error of the answer after the last entry."""
        given = entries.flatten(-3, -2) @ weights["W"] + weights["b"].unsqueeze(-2)
        given = given.unflatten(-2, entries.shape[-3:-1])
        cell = hidden = given.new_zeros(*given.shape[:-2], HIDDEN)
        for at_time in given.unbind(-2):
            gates = at_time + hidden @ weights["U"]
            keep_or_write, new = gates.split([3 * HIDDEN, HIDDEN], dim=-1)
            write, keep, read = torch.sigmoid(keep_or_write).chunk(3, dim=-1)
            cell = keep * cell + write * torch.tanh(new)
            hidden = read * torch.tanh(cell)
        answer = (hidden @ weights["out"]).squeeze(-1) + weights["c"]
        return ((answer - target) ** 2).mean(dim=-1)


def _sequences(rng, n):
    number = rng.random((n, LENGTH))
    mark = np.zeros((n, LENGTH))
    rows, half = np.arange(n), LENGTH // 2
    first, second = rng.integers(half, size=n), half + rng.integers(LENGTH - half, size=n)
    mark[rows, first] = mark[rows, second] = 1
    return np.stack([number, mark], axis=-1), number[rows, first] + number[rows, second]
