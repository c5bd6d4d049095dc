"""RMSprop: divide by the root of a running mean of squared gradients."""

from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

import numpy as np

from rmsprop.optimizer import Optimizer


class RMSpropState(NamedTuple):
    """Mean square v, mean mu (0 unless centered), buffer u (0 without momentum), rho^t."""

    square: np.ndarray
    mean: np.ndarray | float = 0.0
    buffer: np.ndarray | float = 0.0
    start_weight: np.ndarray | float = 1.0


def rmsprop_step(
    theta,
    g,
    state,
    *,
    learning_rate,
    rho,
    epsilon,
    momentum=0.0,
    centered=False,
    epsilon_inside=False,
    initial_square=0.0,
    bias_correction=False,
    rate_in_momentum=False,
):
    r"""Take one step of RMSprop and return the root it divided by.

    .. math::

        v_t = \rho v_{t-1} + (1-\rho)\, g_t^2, \qquad
        \theta_t = \theta_{t-1} - \frac{\eta\, g_t}{\sqrt{v_t} + \epsilon}

    The options are those of :class:`RMSprop`; `initial_square` has entered the state
    already and plays no part here.

    Examples
    --------
    >>> theta, state, root = rmsprop_step(
    ...     1.0, 4.0, RMSpropState(4.0), learning_rate=0.5, rho=0.5, epsilon=0.0
    ... )
    >>> state.square, round(float(root), 4), round(float(theta), 4)
    (10.0, 3.1623, 0.3675)
    """
    square = rho * state.square + (1 - rho) * (g * g)
    mean = rho * state.mean + (1 - rho) * g if centered else 0.0
    start_weight = rho * state.start_weight
    v, mu = square, mean
    if bias_correction:
        v, mu = square / (1 - start_weight), mean / (1 - start_weight)
    if centered:
        v = np.maximum(v - mu * mu, 0)  # rounding can make the difference negative
    denominator = np.sqrt(v + epsilon) if epsilon_inside else np.sqrt(v) + epsilon
    move = g / denominator
    if rate_in_momentum:
        move = learning_rate * move
    buffer = 0.0
    if np.any(momentum):
        move = buffer = momentum * state.buffer + move
    theta = theta - (move if rate_in_momentum else learning_rate * move)
    return theta, RMSpropState(square, mean, buffer, start_weight), denominator


@dataclass(eq=False)
class RMSprop(Optimizer):
    r"""RMSprop: a step of :math:`\eta\, g_t / (\sqrt{v_t} + \epsilon)`.

    .. math:: v_t = \rho v_{t-1} + (1-\rho)\, g_t^2

    The defaults are a popular mixture: rate and decay of Keras, epsilon of PyTorch.

    Parameters
    ----------
    learning_rate : float or array
        :math:`\eta \ge 0`, in units of the parameter.
    rho : float or array
        Decay :math:`\rho` of the average, in [0, 1).
    epsilon : float or array
        :math:`\epsilon \ge 0`, in units of the gradient (squared if inside the root).
        With 0 for it and :math:`v_0`, a parameter whose gradients have all been 0 becomes
        NaN.
    momentum : float or array
        :math:`\gamma` in [0, 1); the buffer :math:`u_t = \gamma u_{t-1} +
        g_t / (\sqrt{v_t} + \epsilon)` then takes the place of the scaled gradient.
    centered : bool
        Divide by the root of :math:`v_t - \mu_t^2`, where :math:`\mu_t` is the running
        mean of the gradient.  Where rounding makes this negative, 0 takes its place.
    epsilon_inside : bool
        Divide by :math:`\sqrt{v_t + \epsilon}` instead.
    initial_square : float or array
        :math:`v_0 \ge 0`, in units of the squared gradient; used at the first update.
    bias_correction : bool
        Divide :math:`v_t` and :math:`\mu_t` by :math:`1 - \rho^t`, the weight that they
        give to gradients.  Meant for :math:`v_0 = 0`.  Not with `centered`: the corrected
        variance of a single gradient is 0, and the first step is :math:`\eta g/\epsilon`.
    rate_in_momentum : bool
        Multiply by :math:`\eta` when the step enters the buffer, not when it leaves.

    Raises
    ------
    TypeError, ValueError
        If a hyperparameter is no number or out of range, now or when it is set later.

    References
    ----------
    Tieleman and Hinton (2012), Lecture 6.5 of "Neural Networks for Machine Learning";
    Graves (2013), arXiv:1308.0850, for the centered form with momentum.

    Examples
    --------
    The first step is 1/sqrt(1 - rho) times the learning rate, whatever the gradient is.

    >>> optimizer = RMSprop(learning_rate=0.1, rho=0.99, epsilon=0.0)
    >>> optimizer.update(np.array([0.0, 0.0]), np.array([5.0, -0.01])).round(6).tolist()
    [-1.0, 1.0]
    >>> optimizer.effective_rate.round(6).tolist()
    [0.2, 100.0]
    """

    learning_rate: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8
    _: KW_ONLY
    momentum: float = 0.0
    centered: bool = False
    epsilon_inside: bool = False
    initial_square: float = 0.0
    bias_correction: bool = False
    rate_in_momentum: bool = False

    def _start(self, theta):
        return RMSpropState(np.full_like(theta, self.initial_square))

    _step = staticmethod(rmsprop_step)
