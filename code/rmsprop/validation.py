"""Checks at the edge: every message names the argument, its value and what is allowed.

A wrong kind of value is a TypeError, a value out of range a ValueError.
"""

import math
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np


def in_range(name, value, below=math.inf):
    """Return `value` as a float or a read-only float64 array, all entries in [0, below).

    Examples
    --------
    >>> in_range("rho", 0.9, below=1)
    0.9
    >>> in_range("rho", 1, below=1)
    Traceback (most recent call last):
    ValueError: rho must be in [0, 1), got 1
    """
    if type(value) is float and 0 <= value < below:  # the usual case, at each step
        return value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        array = np.asarray(None)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be a real number or an array of them, got {value!r}")
    array = array.astype(np.float64)  # a copy, so that nobody changes it unchecked
    if not np.all((array >= 0) & (array < below)):  # NaN fails both comparisons
        raise ValueError(f"{name} must be in [0, {below}), got {value}")
    array.flags.writeable = False
    return array if array.ndim else array.item()


def flag(name, value):
    """Return `value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def count(name, value, least=1):
    """Return `value` as an int of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def real(name, value):
    """Return `value` as a finite float of either sign."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # an integer beyond all floats
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {value}")
    return number


def float_array(name, value, also=""):
    """Return `value` as an array of real floats, or of the dtype kinds in `also`, such as "iu"."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} cannot be read as an array: {error}") from error
    if array.dtype.kind not in "f" + also:
        kind = type(value).__name__ if array.dtype.kind == "O" else array.dtype
        raise TypeError(f"{name} must be an array of real floating-point numbers, got {kind}")
    return array


def common_shape(**shapes):
    """Return the shape to which all of these broadcast."""
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"the shapes must broadcast, got {told}") from None


def named_arrays(params, grads):
    """Return each parameter and its gradient, of one shape and dtype, by key; a lone array by None.

    Examples
    --------
    >>> named_arrays({"w": np.ones(2)}, {"w": np.ones(3)})
    Traceback (most recent call last):
    ValueError: grads['w'] must have the shape (2,), got (3,)
    """
    if isinstance(params, Mapping) != isinstance(grads, Mapping):
        kinds = f"{type(params).__name__} and {type(grads).__name__}"
        raise TypeError(f"params and grads must both be arrays or both be dicts, got {kinds}")
    if not isinstance(params, Mapping):
        params, grads = {None: params}, {None: grads}
    if params.keys() != grads.keys():
        raise ValueError(f"grads must have the keys of params, {list(params)}, got {list(grads)}")
    pairs = {}
    for key in params:
        where = "" if key is None else f"[{key!r}]"
        theta = float_array("params" + where, params[key])
        g = float_array("grads" + where, grads[key], also="iu")
        if g.shape != theta.shape:
            raise ValueError(f"grads{where} must have the shape {theta.shape}, got {g.shape}")
        pairs[key] = theta, g.astype(theta.dtype, copy=False)
    return pairs
