"""Handwritten digits, told apart by a small network."""

from functools import cache

import numpy as np
import torch

from rmsprop.tasks.task import Task


@cache
def images():
    """Return 1797 images as rows of 64 numbers from 0 to 1, and their digits.

    They come with scikit-learn: 8x8 grey pixels, from the test set of Alpaydin and Kaynak
    (1998), "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository.

    Examples
    --------
    >>> pixels, digit = images()
    >>> pixels.shape, digit[:5].tolist()
    ((1797, 64), [0, 1, 2, 3, 4])
    """
    from sklearn.datasets import load_digits  # slow to import, and only needed here

    pixels, digit = load_digits(return_X_y=True)
    return pixels / 16, digit


class Digits(Task):
    r"""Tell ten digits apart: a network 64-16-10 with ReLU, mini-batches of 16.

    The loss is the cross-entropy.  Every fourth image is held out; the others are drawn
    with replacement, and 84 steps use as many as there are.

    Examples
    --------
    An untrained network knows nothing: its loss is near ln 10 = 2.3.

    >>> task = Digits(seeds=[0])
    >>> task.start.shape, bool(abs(task.score(task.start, 0).item() - 2.3) < 0.2)
    ((1210, 1), True)
    """

    steps = 250
    nothing = float(np.log(10))
    shapes = {"W1": (64, 16), "b1": (16,), "W2": (16, 10), "b2": (10,)}

    def initial(self, rng):
        """Return weights of variance 2/inputs before the ReLU, 1/inputs after it; no bias."""
        weights = super().initial(rng)
        weights["W1"] *= np.sqrt(2)
        return weights

    def batch(self, rng, t):
        """Draw 16 of the images that are not held out."""
        pixels, digit = images()
        training = np.flatnonzero(np.arange(len(digit)) % 4)
        chosen = rng.choice(training, 16)
        return pixels[chosen], digit[chosen]

    def held_out(self, rng):
        """Return every fourth image; there is no chance in it."""
        pixels, digit = images()
        return pixels[::4], digit[::4]

    def batch_loss(self, weights, pixels, digit):
        """Return the cross-entropy, in nats."""
        hidden = torch.relu(pixels @ weights["W1"] + weights["b1"].unsqueeze(-2))
        logits = hidden @ weights["W2"] + weights["b2"].unsqueeze(-2)
        log_odds = torch.log_softmax(logits, dim=-1)
        index = digit.unsqueeze(-1).expand(*log_odds.shape[:-1], 1)
        return -log_odds.gather(-1, index).mean(dim=(-2, -1))
