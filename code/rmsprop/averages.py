r"""Exponential averages: the recursion, its weights, and three lengths of memory.

.. math:: v_t = \rho v_{t-1} + (1-\rho)\, x_t
"""

from itertools import accumulate

import numpy as np

from rmsprop.validation import common_shape, count, flag, float_array, in_range, real

__all__ = ["average", "weights", "mass", "half_life", "mean_age", "effective_samples"]


def average(x, rho, initial=0.0, bias_correction=False):
    r"""Return the exponential average of a sequence at each of its times.

    .. math:: v_t = \rho v_{t-1} + (1-\rho)\, x_t, \qquad v_0 = \text{initial}

    Parameters
    ----------
    x : array, shape (n, ...)
        The sequence; time is the first axis.
    rho : float or array
        Decay in [0, 1); an array broadcasts against one entry of the sequence.
    initial : float or array
        The value before the first entry.
    bias_correction : bool
        Divide :math:`v_t` by :math:`1-\rho^t`, the weight of the data in it.  Meant for
        ``initial=0``.

    Returns
    -------
    array of float64, shape (n, ...)
        :math:`v_1, \dots, v_n`, in units of `x`.

    Raises
    ------
    TypeError
        If `x` or `initial` is not real, or `rho` is no number.
    ValueError
        If `x` is a scalar, `rho` is outside [0, 1), or shapes do not broadcast.

    Examples
    --------
    >>> average([1.0, 1.0, 1.0], rho=0.5).tolist()
    [0.5, 0.75, 0.875]
    >>> average([1.0, 1.0, 1.0], rho=0.5, bias_correction=True).tolist()
    [1.0, 1.0, 1.0]
    """
    x = float_array("x", x, also="iu").astype(float)
    start = float_array("initial", initial, also="iu").astype(float)
    rho = in_range("rho", rho, below=1)
    if x.ndim == 0:
        raise ValueError("x must have a time axis, got a scalar")
    entry = common_shape(entry=x.shape[1:], rho=np.shape(rho), initial=start.shape)
    start = np.broadcast_to(start, entry)
    steps = accumulate(x, lambda v, new: rho * v + (1 - rho) * new, initial=start)
    v = np.array(list(steps)[1:]).reshape(len(x), *entry)
    if flag("bias_correction", bias_correction):
        t = np.arange(1, len(x) + 1).reshape(-1, *(1,) * len(entry))
        v = v / (1 - rho**t)
    return v


def weights(rho, n):
    r"""Return the weights of the last `n` entries, newest first.

    .. math:: w_k = (1-\rho)\,\rho^k \quad\text{for the entry of age } k = 0, \dots, n-1

    Parameters
    ----------
    rho : float
        Decay in [0, 1).
    n : int
        How many weights.

    Returns
    -------
    array, shape (n,)
        Their sum is :func:`mass`.

    Raises
    ------
    TypeError, ValueError
        If `rho` is no number or outside [0, 1), or `n` is no integer or below 1.

    Examples
    --------
    >>> weights(0.5, 4).tolist()
    [0.5, 0.25, 0.125, 0.0625]
    """
    rho = in_range("rho", real("rho", rho), below=1)
    return (1 - rho) * rho ** np.arange(count("n", n))


def mass(rho, n):
    r"""Return the total weight of the last `n` entries, :math:`1-\rho^n`.

    Parameters
    ----------
    rho : float or array
        Decay in [0, 1).
    n : float or array
        A number of entries, at least 0; need not be an integer.

    Raises
    ------
    TypeError, ValueError
        If `rho` is outside [0, 1), `n` is negative or no number, or shapes do not broadcast.

    Examples
    --------
    >>> mass(0.5, 3)
    0.875
    """
    rho, n = in_range("rho", rho, below=1), in_range("n", n)
    common_shape(rho=np.shape(rho), n=np.shape(n))
    return 1 - rho**n


def half_life(rho):
    r"""Return the age at which a weight has halved, :math:`\ln\tfrac12 / \ln\rho` steps.

    Parameters
    ----------
    rho : float or array
        Decay in [0, 1).

    Raises
    ------
    TypeError, ValueError
        If `rho` is outside [0, 1) or no number.

    Examples
    --------
    >>> round(half_life(0.9), 2)
    6.58
    """
    with np.errstate(divide="ignore"):  # rho = 0 forgets at once: a half-life of 0
        steps = np.log(0.5) / np.log(in_range("rho", rho, below=1))
    return float(steps) if np.ndim(steps) == 0 else steps


def mean_age(rho):
    r"""Return the average age of what the average remembers, :math:`\rho/(1-\rho)` steps.

    Parameters
    ----------
    rho : float or array
        Decay in [0, 1).

    Raises
    ------
    TypeError, ValueError
        If `rho` is outside [0, 1) or no number.

    Examples
    --------
    >>> mean_age(0.75)
    3.0
    """
    rho = in_range("rho", rho, below=1)
    return rho / (1 - rho)


def effective_samples(rho):
    r"""Return how many entries a plain mean needs for the same variance.

    .. math:: 1 / \sum_k w_k^2 = (1+\rho)/(1-\rho)

    for independent entries and an average that has forgotten its start.

    Parameters
    ----------
    rho : float or array
        Decay in [0, 1).

    Raises
    ------
    TypeError, ValueError
        If `rho` is outside [0, 1) or no number.

    Examples
    --------
    >>> effective_samples(0.75)
    7.0
    """
    rho = in_range("rho", rho, below=1)
    return (1 + rho) / (1 - rho)
