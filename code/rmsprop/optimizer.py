"""What all optimizers share: checked hyperparameters, and state for each parameter.

An optimizer's own file holds its arithmetic as one pure function::

    theta, state, denominator = step(theta, g, state, **hyperparameters)

and :class:`Optimizer` calls it for one array or for each array of a dict.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from rmsprop.validation import flag, in_range, named_arrays

BELOW_ONE = {"rho", "momentum", "beta1", "beta2"}  # decays; other numbers only have to be finite


class LastUpdate(NamedTuple):
    """What an optimizer keeps between updates, for each parameter by its key."""

    states: dict
    denominators: dict
    learning_rate: float | np.ndarray
    single: bool  # one array, whose key is None, and not a dict


@dataclass(eq=False)
class Optimizer(ABC):
    """Base class: validates, keeps state, and maps the arithmetic over parameters.

    An optimizer is a dataclass whose fields are its hyperparameters.
    """

    def __post_init__(self):
        self._last = None

    def __setattr__(self, name, value):
        if name in self.__dataclass_fields__:
            if isinstance(self.__dataclass_fields__[name].default, bool):
                value = flag(name, value)
            else:
                value = in_range(name, value, below=1 if name in BELOW_ONE else inf)
        elif not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no hyperparameter {name!r}")
        super().__setattr__(name, value)

    @property
    def hyperparameters(self):
        """The hyperparameters and their values, as a dict."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

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
            New arrays of the same dtype, or of that of the state if it is wider.
            Hyperparameters that are arrays broadcast against the parameters; the first
            update may widen these, so that a ``learning_rate`` of shape (100,) turns a
            parameter of shape (1,) into 100 independent ones.  Arrays are rounded to the
            dtype of the parameters first: in float32, 1 - rho of an array has fewer digits
            than that of a number, and a rho within 3e-8 of 1 is 1.

        Raises
        ------
        TypeError
            If parameters are not real floats, gradients are complex or sparse, or only
            one of the two is a dict.
        ValueError
            If keys or shapes do not match each other or those of earlier updates.
            Nothing has changed then.
        """
        pairs = named_arrays(params, grads)
        single = not isinstance(params, Mapping)
        if self._last is not None:
            self._check_same_parameters(pairs, single)
        after, states, denominators = {}, {}, {}
        for key, (theta, g) in pairs.items():
            settings, shape = self._settings_and_shape(theta)
            if theta.shape != shape:
                theta, g = np.broadcast_to(theta, shape), np.broadcast_to(g, shape)
            state = self._start(theta) if self._last is None else self._last.states[key]
            after[key], states[key], denominators[key] = self._step(theta, g, state, **settings)
        # Only now, when nothing can fail any more, does the optimizer change.
        self._last = LastUpdate(states, denominators, self.learning_rate, single)
        return self._unwrap(after)

    @property
    def effective_rate(self):
        """Learning rate over denominator in the last update, the factor of the gradient.

        In Adam it multiplies the corrected mean instead; with momentum, what the gradient
        adds to the buffer.  An array, or a dict of arrays, like the parameters; None before
        the first update.
        """
        if self._last is None:
            return None
        rate, named = self._last.learning_rate, self._last.denominators
        with np.errstate(divide="ignore"):  # epsilon = 0 and v = 0: the rate is infinite
            return self._unwrap({k: np.divide(rate, d, dtype=d.dtype) for k, d in named.items()})

    @property
    def state(self):
        """The running quantities after the last update, a named tuple for each array.

        Like the parameters, one or a dict of them; None before the first update.
        """
        return None if self._last is None else self._unwrap(self._last.states)

    def _unwrap(self, named):
        return named[None] if self._last.single else named

    def _check_same_parameters(self, pairs, single):
        earlier = self._last.denominators
        if single != self._last.single or pairs.keys() != earlier.keys():
            before = "one array" if self._last.single else list(earlier)
            now = "one array" if single else list(pairs)
            raise ValueError(f"params must be those of earlier updates, {before}, got {now}")
        for key, (theta, _) in pairs.items():
            shape, where = earlier[key].shape, "" if single else f"[{key!r}]"
            if theta.shape != shape:
                raise ValueError(f"params{where} must keep the shape {shape}, got {theta.shape}")

    def _settings_and_shape(self, theta):
        """Return the hyperparameters, arrays in the dtype of `theta`, and the shape of all."""
        settings, shape = self.hyperparameters, theta.shape
        for name, value in settings.items():
            if isinstance(value, np.ndarray):
                settings[name] = value.astype(theta.dtype, copy=False)
                try:
                    shape = np.broadcast_shapes(shape, value.shape)
                except ValueError:
                    shape = None
                if shape is None or (self._last is not None and shape != theta.shape):
                    raise ValueError(
                        f"{name} of shape {value.shape} does not broadcast to "
                        f"parameters of shape {theta.shape}"
                    )
        return settings, shape
