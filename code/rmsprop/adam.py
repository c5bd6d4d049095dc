"""Adam: a running mean of gradients over the root of a running mean of their squares."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rmsprop.optimizer import Optimizer


class AdamState(NamedTuple):
    """The mean mu, the mean square v, and beta_1^t and beta_2^t."""

    mean: np.ndarray
    square: np.ndarray
    start_weight1: np.ndarray | float = 1.0
    start_weight2: np.ndarray | float = 1.0


def adam_step(theta, g, state, *, learning_rate, beta1, beta2, epsilon):
    r"""Take one step of Adam and return the root it divided by.

    .. math::

        \mu_t = \beta_1 \mu_{t-1} + (1-\beta_1)\, g_t, \qquad
        v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2, \qquad
        \theta_t = \theta_{t-1} - \frac{\eta\, \mu_t / (1-\beta_1^t)}
                                       {\sqrt{v_t / (1-\beta_2^t)} + \epsilon}

    Examples
    --------
    >>> theta, state, root = adam_step(
    ...     1.0, 3.0, AdamState(0.0, 0.0), learning_rate=0.5, beta1=0.9, beta2=0.75, epsilon=0.0
    ... )
    >>> round(float(theta), 9), float(root)
    (0.5, 3.0)
    """
    mean = beta1 * state.mean + (1 - beta1) * g
    square = beta2 * state.square + (1 - beta2) * (g * g)
    weight1, weight2 = beta1 * state.start_weight1, beta2 * state.start_weight2
    denominator = np.sqrt(square / (1 - weight2)) + epsilon
    theta = theta - learning_rate * (mean / (1 - weight1) / denominator)
    return theta, AdamState(mean, square, weight1, weight2), denominator


@dataclass(eq=False)
class Adam(Optimizer):
    r"""Adam: both moments of the gradient, averaged and corrected for their start.

    .. math:: \theta_t = \theta_{t-1} - \eta\, \hat\mu_t / (\sqrt{\hat v_t} + \epsilon)

    where :math:`\hat\mu_t = \mu_t / (1-\beta_1^t)` and :math:`\hat v_t = v_t /
    (1-\beta_2^t)`.

    Parameters
    ----------
    learning_rate : float or array
        :math:`\eta \ge 0`, in units of the parameter.
    beta1, beta2 : float or array
        Decays of the mean and of the mean square, in [0, 1).
    epsilon : float or array
        :math:`\epsilon \ge 0`, in units of the gradient.
        With 0, a parameter whose gradients have all been 0 becomes NaN.

    Raises
    ------
    TypeError, ValueError
        If a hyperparameter is no number or out of range, now or when it is set later.

    References
    ----------
    Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", arXiv:1412.6980.

    Examples
    --------
    >>> optimizer = Adam(learning_rate=0.1, epsilon=0.0)
    >>> optimizer.update(np.array([0.0, 0.0]), np.array([5.0, -0.01])).round(9).tolist()
    [-0.1, 0.1]
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def _start(self, theta):
        return AdamState(np.zeros_like(theta), np.zeros_like(theta))

    _step = staticmethod(adam_step)
