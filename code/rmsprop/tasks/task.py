"""What tasks share: seeds, a start, mini-batches, and runs side by side."""

from abc import ABC, abstractmethod
from functools import cached_property
from math import prod

import numpy as np
import torch

from rmsprop.validation import count, float_array

# Each use of a seed has a stream of random numbers of its own.
START, HELD_OUT, BATCH = range(3)
# What is held out is the same for all seeds, those that tune too, so that their scores
# can be compared: a rate is chosen on the data that judge it.
COMMON_SEED = 2012


class Task(ABC):
    """A network with data: a problem for :func:`rmsprop.sweep`, one run for each seed.

    Parameters of all networks are one array theta of shape (d, ..., seeds), as for every
    problem of :mod:`rmsprop.problems`: the first axis numbers the weights, the last one the
    seeds, and axes between them, for instance of rates, share the data of their seed.
    What a run is given depends on its seed and the step alone, not on its neighbours.

    A task is a problem that changes: ``at(t)`` is the loss on the mini-batch of step t, and
    PyTorch finds its gradient.  All is in float32.

    Parameters
    ----------
    seeds : sequence of int
        One run for each; a seed decides the start and all mini-batches.

    Attributes
    ----------
    start : array, shape (d, seeds)
        Initial parameters.
    steps : int
        How long a run of ordinary length is.
    minimum : None
        It is not known.

    Raises
    ------
    TypeError, ValueError
        If there are no seeds, or one of them is no integer or negative.
    """

    minimum = None

    def __init__(self, seeds):
        self.seeds = tuple(count("seed", seed, least=0) for seed in seeds)
        if not self.seeds:
            raise ValueError("seeds must hold at least one seed, got none")
        self.start = np.stack([self._initial(seed) for seed in self.seeds], axis=-1)

    @property
    @abstractmethod
    def shapes(self):
        """Name and shape of each array of weights, in the order of theta."""

    def initial(self, rng):
        """Return one network's weights before training: variance 1/inputs, and no bias."""
        return {
            name: rng.standard_normal(s) * np.sqrt(1 / s[0]) if len(s) > 1 else np.zeros(s)
            for name, s in self.shapes.items()
        }

    @abstractmethod
    def batch(self, rng, t):
        """Return the arrays of one mini-batch for one seed."""

    @abstractmethod
    def batch_loss(self, weights, *data):
        """Return the mean loss on the data, one for each run.

        Weights and data are tensors with leading axes (..., seeds) before their own; a
        matrix product leaves these alone, so the code reads as for one network.
        """

    def score(self, theta, t):
        """Return how well each run does at step t on what it was not trained on.

        As a rule that is the loss on data held out, the same for all seeds and steps.

        Parameters
        ----------
        theta : array, shape (d, ..., seeds)
            Parameters.
        t : int
            The step after which they stand.

        Returns
        -------
        array, shape (..., seeds)
            A loss: less is better.
        """
        return Batch(self, self._held_out).loss(theta)

    def at(self, t):
        """Return the problem that step t sees, for each seed its own mini-batch."""
        drawn = [self.batch(generator(seed, BATCH, t), t) for seed in self.seeds]
        return Batch(self, [_tensor(np.stack(arrays)) for arrays in zip(*drawn, strict=True)])

    @cached_property
    def _held_out(self):
        return [_tensor(array) for array in self.held_out(generator(COMMON_SEED, HELD_OUT))]

    def _initial(self, seed):
        weights = self.initial(generator(seed, START))
        return np.concatenate([weights[name].ravel() for name in self.shapes]).astype("f4")


class Batch:
    """The loss of a task on some data: a problem with loss and gradient.

    Parameters
    ----------
    task : Task
        Whose loss it is.
    data : list of tensors
        With a leading axis of seeds, or without one if all runs share them.
    """

    minimum = None

    def __init__(self, task, data):
        self._task = task
        self._data = data

    def loss(self, theta):
        """Return the loss of each run, an array of shape (..., seeds)."""
        with torch.no_grad():
            return self._losses(self._runs(theta)).numpy()

    def gradient(self, theta, rng=None):
        """Return the gradient of each run's own loss, of the shape of theta.

        All the chance is in the choice of the batch, so `rng` is not used.
        """
        runs = self._runs(theta).requires_grad_()
        # No run enters another's loss: the gradient of the sum holds all of them.
        (slope,) = torch.autograd.grad(self._losses(runs).sum(), runs)
        return np.moveaxis(slope.numpy(), -1, 0)

    def _runs(self, theta):
        """Return theta as a tensor of shape (..., seeds, d), run after run in memory."""
        theta = float_array("theta", theta)
        wanted = self._task.start.shape
        if theta.ndim < 2 or (theta.shape[0], theta.shape[-1]) != wanted:
            raise ValueError(
                f"theta must have the shape ({wanted[0]}, ..., {wanted[1]}), got {theta.shape}"
            )
        return _tensor(np.moveaxis(theta, 0, -1))

    def _losses(self, runs):
        weights, first = {}, 0
        for name, shape in self._task.shapes.items():
            last = first + prod(shape)
            weights[name] = runs[..., first:last].unflatten(-1, shape)
            first = last
        return self._task.batch_loss(weights, *self._data)


def generator(*key):
    """Return the stream of random numbers that belongs to a key of integers.

    Examples
    --------
    >>> bool(generator(1, 2).random() == generator(1, 2).random())
    True
    """
    return np.random.default_rng(key)


def _tensor(array):
    kind = np.float32 if array.dtype.kind == "f" else np.int64
    return torch.from_numpy(np.require(array, kind, ["C", "W"]))
