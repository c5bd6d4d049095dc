"""What all optimizers share: checked hyperparameters, and state for each parameter.

An optimizer's own file holds its arithmetic as one pure function::

    theta, state, denominator = step(theta, g, state, **hyperparameters)

and :class:`Optimizer` calls it for one array or for each array of a dict.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np

from rmsprop.validation import flag, in_range, named_arrays


class Hyperparameter:
    """An attribute that is checked each time it is set: entries in [0, below)."""

    def __init__(self, below=math.inf):
        self.below = below

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, optimizer, owner=None):
        return self if optimizer is None else vars(optimizer)[self.name]

    def __set__(self, optimizer, value):
        vars(optimizer)[self.name] = self.check(value)

    def check(self, value):
        """Return the value as it is kept, or raise an error that names it."""
        return in_range(self.name, value, self.below)


class Flag(Hyperparameter):
    """An attribute that is True or False."""

    def check(self, value):
        """Return the value as it is kept, or raise an error that names it."""
        return flag(self.name, value)


class Optimizer(ABC):
    """Base class: validates, keeps state, and maps the arithmetic over parameters."""

    def __init_subclass__(cls):
        """Collect the names of the hyperparameters, inherited ones first."""
        cls.hyperparameters = tuple(
            dict.fromkeys(
                name
                for base in reversed(cls.__mro__)
                for name, kind in vars(base).items()
                if isinstance(kind, Hyperparameter)
            )
        )

    def __init__(self):
        self._states = None
        self._single = None
        self._denominators = None
        self._rate_used = None

    @abstractmethod
    def _start(self, theta):
        """Return the state before the first update of a parameter like `theta`."""

    @abstractmethod
    def _step(self, theta, g, state, **hyperparameters):
        """Return the new theta, the new state and the denominator of the step."""

    def update(self, params, grads):
        """Take one step and return the new parameters.

        Parameters
        ----------
        params : array or dict of arrays
            Where the gradients were taken; left as they are.
        grads : array or dict of arrays
            Gradients with the same keys and shapes.  NaN and infinity are passed on.

        Returns
        -------
        array or dict of arrays
            New arrays of the same dtype, or of that of earlier updates if it is wider.
            Hyperparameters that are arrays broadcast against the parameters; the first
            update may widen these, so that a ``learning_rate`` of shape (100,) turns a
            parameter of shape (1,) into 100 independent ones.  Arrays are rounded to the
            dtype of the parameters first: in float32, 1 - rho of an array has fewer digits
            than that of a number.

        Raises
        ------
        TypeError
            If parameters are not real floats, gradients are complex or sparse, or only
            one of the two is a dict.
        ValueError
            If keys or shapes do not match each other or those of earlier updates.
            Nothing has changed then.
        """
        thetas, gradients = named_arrays(params, grads)
        single = not isinstance(params, Mapping)
        if self._states is not None:
            self._check_same_parameters(thetas, single)
        settings = {name: getattr(self, name) for name in self.hyperparameters}
        after = {}
        for key, theta in thetas.items():
            own = {name: _as(value, theta.dtype) for name, value in settings.items()}
            shape = self._common_shape(theta, own)
            g = gradients[key]
            if theta.shape != shape:
                theta, g = np.broadcast_to(theta, shape), np.broadcast_to(g, shape)
            state = self._start(theta) if self._states is None else self._states[key]
            after[key] = self._step(theta, g, state, **own)
        # Only now, when nothing can fail any more, does the optimizer change.
        self._single = single
        self._states = {key: state for key, (_, state, _) in after.items()}
        self._denominators = {key: d for key, (_, _, d) in after.items()}
        self._rate_used = settings["learning_rate"]
        return self._unwrap({key: theta for key, (theta, _, _) in after.items()})

    @property
    def effective_rate(self):
        """Learning rate over denominator in the last update, the factor of the gradient.

        In Adam it multiplies the corrected mean instead; with momentum, what the gradient
        adds to the buffer.  An array, or a dict of arrays, like the parameters; None before
        the first update.
        """
        if self._states is None:
            return None
        rates = {}
        with np.errstate(divide="ignore"):  # epsilon = 0 and v = 0: the rate is infinite
            for key, denominator in self._denominators.items():
                rates[key] = _as(self._rate_used, denominator.dtype) / denominator
        return self._unwrap(rates)

    @property
    def state(self):
        """The running quantities after the last update, a named tuple for each array.

        Like the parameters, one or a dict of them; None before the first update.
        """
        return None if self._states is None else self._unwrap(self._states)

    def _unwrap(self, named):
        return named[None] if self._single else named

    def _check_same_parameters(self, thetas, single):
        if single != self._single or thetas.keys() != self._states.keys():
            before = "one array" if self._single else list(self._states)
            now = "one array" if single else list(thetas)
            raise ValueError(f"params must be those of earlier updates, {before}, got {now}")
        for key, theta in thetas.items():
            if theta.shape != self._denominators[key].shape:
                where = "" if single else f"[{key!r}]"
                raise ValueError(
                    f"params{where} must keep the shape {self._denominators[key].shape}, "
                    f"got {theta.shape}"
                )

    def _common_shape(self, theta, settings):
        shape = theta.shape
        arrays = {n: value for n, value in settings.items() if isinstance(value, np.ndarray)}
        for name, value in arrays.items():
            try:
                wider = np.broadcast_shapes(shape, value.shape)
            except ValueError:
                wider = None
            if wider is None or (self._states is not None and wider != theta.shape):
                raise ValueError(
                    f"{name} of shape {value.shape} does not broadcast to "
                    f"parameters of shape {theta.shape}"
                )
            shape = wider
        return shape

    def __repr__(self):
        values = ", ".join(f"{name}={getattr(self, name)}" for name in self.hyperparameters)
        return f"{type(self).__name__}({values})"


def _as(value, dtype):
    """Give an array of hyperparameters the dtype of the parameters; numbers adapt."""
    return value.astype(dtype, copy=False) if isinstance(value, np.ndarray) else value
