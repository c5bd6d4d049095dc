"""Follow a target: gradient descent, AdaGrad and RMSprop side by side, rate by rate.

The loss is ``(theta - target)**2 / 2`` in one coordinate, with noise in the gradient.  The
three methods are one loop, for RMSprop is AdaGrad with a sum that leaks.
"""

import numpy as np

__all__ = ["follow"]


def follow(target, rates, keep, seeds, *, size=1.0, fall=0.0, seed=0):
    r"""Yield the errors ``theta - target`` before each step, for methods, rates and seeds.

    .. math::

        g_t = \text{size}_t\, (\theta_{t-1} - \text{target}_t + \xi_t), \quad
        S_t = \text{keep}\, S_{t-1} + g_t^2, \quad
        \theta_t = \theta_{t-1} - \frac{\text{rate}}{t^{\text{fall}}}
        \frac{g_t}{\sqrt{S_t} + \epsilon}

    All methods and rates see the same normal noise :math:`\xi_t`, one stream for each seed.

    Parameters
    ----------
    target : array, shape (steps,) or (steps, seeds)
        Where the minimum is at each step.
    rates : array, shape (methods, n) or (methods, n, seeds)
        For RMSprop in the unit of a sum, :math:`\eta/\sqrt{1-\rho}`.
    keep : sequence of float
        For each method 1 for AdaGrad, :math:`\rho` for RMSprop, 0 for gradient descent,
        which does not divide.
    seeds : int
        How many runs.
    size : float or array, shape (steps,) or (steps, seeds)
        What the gradient, noise included, is multiplied by at each step.
    fall : float or sequence of float
        For each method the power of the step by which its rate falls.
    seed : int
        Seed of the noise.

    Yields
    ------
    array, shape (methods, n, seeds)

    Examples
    --------
    >>> rates, keep = np.array([[0.1], [0.5]]), [0, 1]  # gradient descent and AdaGrad
    >>> errors = np.array(list(follow(np.full(50, 2.0), rates, keep, seeds=4)))
    >>> errors.shape, errors[0].min().item()
    ((50, 2, 1, 4), -2.0)
    """
    rates, target = np.asarray(rates, float), np.asarray(target)
    rates = rates[..., None] if rates.ndim == 2 else rates
    keep, fall = (
        np.broadcast_to(np.asarray(value, float), len(rates))[:, None, None]
        for value in (keep, fall)
    )
    size = np.broadcast_to(np.asarray(size).T, (seeds, len(target))).T
    rng = np.random.default_rng(seed)
    divides = (keep > 0).astype(float)  # else the root is 1
    aside = np.where(divides, 1e-8, 1.0)  # epsilon
    theta, S, root = np.zeros((3, *rates.shape[:2], seeds))
    falls = np.any(fall)
    for t, goal in enumerate(target, start=1):
        error = theta - goal
        yield error
        g = error + rng.standard_normal(seeds)
        g *= size[t - 1]
        S *= keep
        S += g * g
        np.sqrt(S, out=root)
        root *= divides
        root += aside
        g *= rates * t**-fall if falls else rates
        g /= root
        theta -= g
