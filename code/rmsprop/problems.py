"""Problems to descend on.

One that stays has loss(theta), gradient(theta, rng) and minimum; one that changes with
time has at(t), which returns such a problem as it stands at step t.  The first axis of
theta numbers the coordinates.  Any further axes number independent runs, so one call
evaluates a whole sweep.
"""

import math

import numpy as np

from rmsprop.validation import float_array, in_range, real

__all__ = ["Quadratic", "Rosenbrock", "Moving", "Rescaled", "at"]


def at(problem, t):
    """Return a problem as it stands at step t: itself if it does not change.

    Examples
    --------
    >>> bowl = Quadratic([2])
    >>> at(bowl, 5) is bowl
    True
    """
    return problem.at(t) if hasattr(problem, "at") else problem


class Quadratic:
    r"""A quadratic bowl, noisy if asked, rotated if asked.

    .. math::

        f(\theta) = \tfrac12\,\theta^\top A\,\theta, \qquad
        g = A\,\theta + \sigma\,\xi, \quad \xi \sim \mathcal N(0, I)

    Parameters
    ----------
    curvature : array, shape (d,)
        Eigenvalues :math:`h_i > 0` of the Hessian :math:`A`.
    noise : float or array
        Standard deviation :math:`\sigma` of the noise in each coordinate of the gradient;
        an array broadcasts against theta, for instance one entry for each run.
    angle : float
        Radians by which the first two axes of the bowl are rotated, counterclockwise.

    Raises
    ------
    TypeError, ValueError
        If a curvature is not positive, `noise` is negative, or `angle` is given in one
        dimension.

    Examples
    --------
    >>> bowl = Quadratic([100, 1])
    >>> bowl.loss(np.array([1.0, 2.0])).item()
    52.0
    >>> bowl.gradient(np.array([1.0, 2.0])).tolist()
    [100.0, 2.0]
    """

    def __init__(self, curvature, noise=0.0, angle=0.0):
        curvature = np.atleast_1d(float_array("curvature", curvature, also="iu")).astype(float)
        if curvature.ndim != 1 or not np.all((curvature > 0) & (curvature < np.inf)):
            raise ValueError(f"curvature must be a list of numbers in (0, inf), got {curvature}")
        if real("angle", angle) and len(curvature) < 2:
            raise ValueError(f"angle must be 0 in one dimension, got {angle}")
        self.curvature = curvature
        self.angle = angle
        self.noise = in_range("noise", noise)
        self._noisy = bool(np.any(self.noise))
        self.minimum = np.zeros(len(curvature))
        rotation = np.eye(len(curvature))
        if angle:
            c, s = math.cos(angle), math.sin(angle)
            rotation[:2, :2] = [[c, -s], [s, c]]
        # The columns of the rotation are the axes of the bowl.
        self.hessian = rotation @ np.diag(curvature) @ rotation.T

    def loss(self, theta):
        """Return f for each run: shape () for a theta of shape (d,)."""
        return 0.5 * np.sum(theta * self._slope(theta), axis=0)

    def gradient(self, theta, rng=None):
        """Return the gradient, with noise from `rng` if the problem is noisy."""
        g = self._slope(theta)
        if self._noisy:
            if rng is None:
                raise TypeError("rng must be a generator where there is noise, got None")
            g = g + self.noise * rng.standard_normal(np.shape(theta))
        return g

    def _slope(self, theta):
        if self.angle == 0:  # keeps the coordinates apart: a NaN in one stays there
            return self.curvature.reshape(-1, *(1,) * (np.ndim(theta) - 1)) * theta
        return (self.hessian @ theta.reshape(len(theta), -1)).reshape(theta.shape)


class Rosenbrock:
    r"""Rosenbrock's curved valley, :math:`f = (1-x)^2 + 100\,(y-x^2)^2`, least at (1, 1).

    References
    ----------
    Rosenbrock (1960), "An automatic method for finding the greatest or least value of a
    function", The Computer Journal 3(3).

    Examples
    --------
    >>> valley = Rosenbrock()
    >>> valley.loss(np.array([0.0, 0.0])).item()
    1.0
    >>> valley.gradient(np.array([0.0, 1.0])).tolist()
    [-2.0, 200.0]
    """

    def __init__(self):
        self.minimum = np.ones(2)

    def loss(self, theta):
        """Return f for each run: shape () for a theta of shape (2,)."""
        x, y = theta
        return np.asarray((1 - x) ** 2 + 100 * (y - x**2) ** 2)

    def gradient(self, theta, rng=None):
        """Return the gradient; there is no noise, so `rng` is not used."""
        x, y = theta
        valley = y - x**2
        return np.stack([-2 * (1 - x) - 400 * x * valley, 200 * valley])


class Moving:
    """A problem whose minimum moves: at step t it is shifted by `target(t)`.

    Parameters
    ----------
    problem : problem
        What is moved.
    target : function
        Of the step t = 1, 2, ...; returns the shift, an array of shape (d,), or one number
        for all coordinates.

    Examples
    --------
    >>> drifting = Moving(Quadratic([2]), target=lambda t: np.array([0.1 * t]))
    >>> drifting.at(10).minimum.tolist(), drifting.at(10).gradient(np.array([0.0])).tolist()
    ([1.0], [-2.0])
    """

    def __init__(self, problem, target):
        self.problem = problem
        self.target = target

    def at(self, t):
        """Return the problem as it stands at step t."""
        return _Shifted(at(self.problem, t), self.target(t))


class _Shifted:
    def __init__(self, problem, shift):
        self._problem = problem
        self._shift = np.atleast_1d(shift)
        self.minimum = problem.minimum + shift

    def _local(self, theta):
        return theta - self._shift.reshape(-1, *(1,) * (np.ndim(theta) - 1))

    def loss(self, theta):
        return self._problem.loss(self._local(theta))

    def gradient(self, theta, rng=None):
        return self._problem.gradient(self._local(theta), rng)


class Rescaled:
    """A problem whose loss and gradient, noise included, are multiplied by `scale(t)`.

    Parameters
    ----------
    problem : problem
        What is rescaled.
    scale : function
        Of the step t = 1, 2, ...; returns a positive factor.

    Examples
    --------
    >>> fading = Rescaled(Quadratic([2]), scale=lambda t: 100 if t <= 5 else 1)
    >>> [fading.at(t).gradient(np.array([1.0])).item() for t in (5, 6)]
    [200.0, 2.0]
    """

    def __init__(self, problem, scale):
        self.problem = problem
        self.scale = scale

    def at(self, t):
        """Return the problem as it stands at step t."""
        return _Scaled(at(self.problem, t), self.scale(t))


class _Scaled:
    def __init__(self, problem, factor):
        self._problem = problem
        self._factor = factor
        self.minimum = problem.minimum

    def loss(self, theta):
        return self._factor * self._problem.loss(theta)

    def gradient(self, theta, rng=None):
        return self._factor * self._problem.gradient(theta, rng)
