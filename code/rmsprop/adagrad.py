"""AdaGrad: divide by the root of the sum of all squared gradients."""

from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

import numpy as np

from rmsprop.optimizer import Optimizer


class AdaGradState(NamedTuple):
    """The sum of squares G."""

    square: np.ndarray


def adagrad_step(theta, g, state, *, learning_rate, epsilon, initial_square=0.0):
    r"""Take one step of AdaGrad and return the root it divided by.

    .. math::

        G_t = G_{t-1} + g_t^2, \qquad
        \theta_t = \theta_{t-1} - \frac{\eta\, g_t}{\sqrt{G_t} + \epsilon}

    `initial_square` has entered the state already and plays no part here.

    Examples
    --------
    >>> theta, state, root = adagrad_step(
    ...     1.0, 4.0, AdaGradState(9.0), learning_rate=0.5, epsilon=0.0
    ... )
    >>> float(theta), state.square, float(root)
    (0.6, 25.0, 5.0)
    """
    square = state.square + g * g
    denominator = np.sqrt(square) + epsilon
    return theta - learning_rate * (g / denominator), AdaGradState(square), denominator


@dataclass(eq=False)
class AdaGrad(Optimizer):
    r"""AdaGrad: a step of :math:`\eta\, g_t / (\sqrt{G_t} + \epsilon)`, with :math:`G_t` a sum.

    .. math:: G_t = G_0 + \sum_{s=1}^{t} g_s^2

    Parameters
    ----------
    learning_rate : float or array
        :math:`\eta \ge 0`, in units of the parameter.
    epsilon : float or array
        :math:`\epsilon \ge 0`, in units of the gradient.
        With 0 for it and :math:`G_0`, a parameter whose gradients have all been 0 becomes
        NaN.
    initial_square : float or array
        :math:`G_0 \ge 0`, in units of the squared gradient; used at the first update.

    Raises
    ------
    TypeError, ValueError
        If a hyperparameter is no number or out of range, now or when it is set later.

    References
    ----------
    Duchi, Hazan and Singer (2011), "Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization", JMLR 12.

    Examples
    --------
    >>> optimizer = AdaGrad(learning_rate=0.5, epsilon=0.0)
    >>> optimizer.update(np.array([1.0]), np.array([3.0])).tolist()
    [0.5]
    >>> optimizer.update(np.array([0.5]), np.array([4.0])).round(9).tolist()
    [0.1]
    >>> optimizer.effective_rate.tolist()
    [0.1]
    """

    learning_rate: float = 0.01
    epsilon: float = 1e-8
    _: KW_ONLY
    initial_square: float = 0.0

    def _start(self, theta):
        return AdaGradState(np.full_like(theta, self.initial_square))

    _step = staticmethod(adagrad_step)
