"""Balance a pole by Q-learning with a network, replay and a target network (DQN).

The cart and pole are those of Barto, Sutton and Anderson (1983) with the constants and the
limits of CartPole-v1; an episode ends when the pole falls, the cart leaves the track, or
after 500 steps.  Learning is that of Mnih et al. (2015) in small: every step four carts
move, one mini-batch of 32 is replayed, errors are clipped to [-1, 1], and as in the
authors' code the gradient is the *sum* over the mini-batch.  The network 4-64-64-2 has
4,610 weights.  The target network is renewed every 200 steps; the share of random actions
falls from 1 to 0.05 over the first 1,000 steps.

The score is 500 over the mean length of the episodes in the last fifth of training: 1 is
perfect, random actions have about 23.
"""

import json
from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from training import METHODS, stack, train, weights

from rmsprop.compare import read

LONGEST = 500
CARTS, BATCH, MEMORY, RENEW = 4, 32, 20_000, 200
DISCOUNT, EXPLORE, LEAST = 0.99, 1000, 0.05
SHAPES = {"W1": (4, 64), "b1": (64,), "W2": (64, 64), "b2": (64,), "W3": (64, 2), "b3": (2,)}
QUANTILES = 0.05, 0.25, 0.5, 0.75, 0.95


def move(state, right):
    """Return the states after 0.02 s, and whether the pole fell or the cart left the track.

    Parameters
    ----------
    state : array, shape (..., 4)
        Position, speed, angle of the pole from the vertical, its speed.
    right : array of bool, shape (...)
        Whether the force of 10 N points to the right.
    """
    x, speed, angle, turning = np.moveaxis(state, -1, 0)
    sine, cosine = np.sin(angle), np.cos(angle)
    pull = (np.where(right, 10.0, -10.0) + 0.05 * turning**2 * sine) / 1.1
    turn = (9.8 * sine - cosine * pull) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
    push = pull - 0.05 * turn * cosine / 1.1
    change = np.stack([speed, push, turning, turn], axis=-1)
    after = (state + 0.02 * change).astype("f4")
    return after, (abs(after[..., 0]) > 2.4) | (abs(after[..., 2]) > np.deg2rad(12))


def start(seed):
    """Return one network's weights: variance 2/inputs, no bias."""
    rng = np.random.default_rng([seed, 0])
    drawn = (
        rng.standard_normal(shape) * np.sqrt(2 / shape[0]) if len(shape) == 2 else np.zeros(shape)
        for shape in SHAPES.values()
    )
    return np.concatenate([array.ravel() for array in drawn])


def values(theta, state):
    """Return the value of either action, as one network sees it."""
    w = weights(theta, SHAPES)
    hidden = jax.nn.relu(state @ w["W1"] + w["b1"])
    hidden = jax.nn.relu(hidden @ w["W2"] + w["b2"])
    return hidden @ w["W3"] + w["b3"]


def loss(theta, target, state, right, after, fell):
    """Return the sum of Huber's loss over a mini-batch: its slope is the clipped error."""
    aim = 1.0 + DISCOUNT * values(target, after).max(axis=-1) * (1.0 - fell)
    now = jnp.take_along_axis(values(theta, state), right[:, None], axis=-1)[:, 0]
    error = jnp.abs(aim - now)
    return jnp.where(error < 1, error**2 / 2, error - 0.5).sum()


all_values = jax.jit(jax.vmap(values))
all_gradients = jax.jit(jax.vmap(jax.grad(loss)))


class CartPole:
    """Runs of the task, for :func:`training.train`: each learns from its own four carts."""

    def __init__(self, seeds, copies, steps):
        self.start = stack(start, seeds, copies)
        runs = len(self.start)
        self._runs, self._copies, self._steps = np.arange(runs)[:, None], copies, steps
        self._chance = [np.random.default_rng([seed, 1]) for seed in seeds]
        self._state = self._draw(CARTS * 4).reshape(runs, CARTS, 4) * 0.1 - 0.05
        self._age = np.zeros((runs, CARTS), dtype=int)
        self._before, self._after = np.zeros((2, runs, MEMORY, 4), dtype="f4")
        self._right = np.zeros((runs, MEMORY), dtype="i4")
        self._fell = np.zeros((runs, MEMORY), dtype="f4")
        self._target = self.start
        self._ended = np.zeros(runs)  # episodes that ended in the last fifth

    def _draw(self, numbers):
        """Return uniform numbers for every run, the same for all copies of a seed."""
        drawn = np.stack([chance.random(numbers, dtype="f4") for chance in self._chance])
        return np.tile(drawn, (self._copies, 1))

    def gradient(self, theta, t):
        """Let the carts move, remember, and return the gradient on what is replayed."""
        luck = self._draw(CARTS * 6 + BATCH)
        if t % RENEW == 1:
            self._target = theta
        self._act(theta, t, *np.split(luck[:, : CARTS * 6], [CARTS, 2 * CARTS], axis=1))
        kept = min(CARTS * t, MEMORY)
        chosen = self._runs, (luck[:, CARTS * 6 :] * kept).astype(int) % kept
        batch = (each[chosen] for each in (self._before, self._right, self._after, self._fell))
        return np.asarray(all_gradients(theta, self._target, *batch))

    def _act(self, theta, t, whether, which, anew):
        exploring = whether < max(LEAST, 1 - (1 - LEAST) * t / EXPLORE)
        best = np.asarray(all_values(theta, self._state)).argmax(axis=-1)
        right = np.where(exploring, which < 0.5, best == 1)
        after, fell = move(self._state, right)
        place = (CARTS * (t - 1) + np.arange(CARTS)) % MEMORY
        self._before[:, place], self._after[:, place] = self._state, after
        self._right[:, place], self._fell[:, place] = right, fell
        self._age += 1
        ended = fell | (self._age == LONGEST)
        fresh = anew.reshape(after.shape) * 0.1 - 0.05
        self._state = np.where(ended[..., None], fresh, after)
        self._age[ended] = 0
        if t > 0.8 * self._steps:
            self._ended += ended.sum(axis=1)

    def score(self, theta, t):
        """Return 500 over the mean length of the episodes since four fifths of the run."""
        moved = CARTS * (t - 0.8 * self._steps)
        score = LONGEST * np.maximum(self._ended, moved / LONGEST) / moved
        return np.where(np.isfinite(theta).all(axis=1), score, np.inf)


scores = partial(train, CartPole)


def scatter(method, rate, seeds, steps):
    """Return how much the gradient of each weight scatters, as training goes on.

    That is the root of the centered mean square, beside which an epsilon stands.

    Returns
    -------
    dict
        By step, at twenty steps, over all weights and seeds: five quantiles, and the shares
        of weights below the two floors of :data:`training.METHODS`, 0.1 and 3.2.
    """
    runs, optimizer, found = CartPole(seeds, 1, steps), METHODS[method](rate), {}
    theta = runs.start
    for t in range(1, steps + 1):
        theta = optimizer.update(theta, runs.gradient(theta, t))
        if t % (steps // 20) == 0:
            state = optimizer.state
            roots = np.sqrt(np.maximum(state.square - state.mean**2, 0))
            told = dict(zip(QUANTILES, np.quantile(roots, QUANTILES), strict=True))
            told |= {f"below {floor}": np.mean(roots < floor) for floor in (0.1, 3.2)}
            found[t] = {name: float(f"{value:.2g}") for name, value in told.items()}
    return found


def main():
    """Write what :func:`scatter` finds for DQN's rule at the rate that was best for it."""
    folder = Path(__file__).resolve().parents[1] / "chapters" / "data" / "evidence"
    row = read(folder / "cartpole.jsonl").rows["first", "constant", "DQN, epsilon 0.01"]
    found = scatter(row.method, row.rate, range(500, 505), row.steps)
    lines = (f'"{t}": {json.dumps(told)}' for t, told in found.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (folder / "cartpole-scatter.json").write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
