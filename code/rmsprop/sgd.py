"""Stochastic gradient descent, with heavy-ball momentum."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rmsprop.optimizer import Optimizer


class SGDState(NamedTuple):
    """The momentum buffer u (0 without momentum)."""

    buffer: np.ndarray | float = 0.0


def sgd_step(theta, g, state, *, learning_rate, momentum):
    r"""Take one step of gradient descent.

    .. math:: u_t = \gamma u_{t-1} + g_t, \qquad \theta_t = \theta_{t-1} - \eta u_t

    The denominator that it returns is 1: SGD divides by nothing.

    Examples
    --------
    >>> theta, state, _ = sgd_step(1.0, 2.0, SGDState(0.5), learning_rate=0.1, momentum=0.9)
    >>> round(theta, 3), state.buffer
    (0.755, 2.45)
    """
    buffer = 0.0
    if np.any(momentum):
        g = buffer = momentum * state.buffer + g
    return theta - learning_rate * g, SGDState(buffer), np.ones_like(theta)


@dataclass(eq=False)
class SGD(Optimizer):
    r"""Stochastic gradient descent: :math:`\theta_t = \theta_{t-1} - \eta u_t`.

    Parameters
    ----------
    learning_rate : float or array
        :math:`\eta \ge 0`, in units of the parameter over the gradient.
    momentum : float or array
        :math:`\gamma` in [0, 1); the buffer is :math:`u_t = \gamma u_{t-1} + g_t`.

    Raises
    ------
    TypeError, ValueError
        If a hyperparameter is no number or out of range, now or when it is set later.

    References
    ----------
    Polyak (1964), "Some methods of speeding up the convergence of iteration methods".

    Examples
    --------
    >>> optimizer = SGD(learning_rate=0.1)
    >>> optimizer.update(np.array([1.0, 2.0]), np.array([10.0, 0.0])).tolist()
    [0.0, 2.0]
    """

    learning_rate: float = 0.01
    momentum: float = 0.0

    def _start(self, theta):
        return SGDState()

    _step = staticmethod(sgd_step)
