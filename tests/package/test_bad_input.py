"""Bad input is refused with its name, its value and the allowed range; nothing changes."""

import re
from copy import deepcopy

import numpy as np
import pytest
import torch

from rmsprop import SGD, AdaGrad, Adam, RMSprop, averages, descend, problems, sweep

RATES = [
    (SGD, "learning_rate"),
    (AdaGrad, "learning_rate"),
    (AdaGrad, "epsilon"),
    (AdaGrad, "initial_square"),
    (RMSprop, "learning_rate"),
    (RMSprop, "epsilon"),
    (RMSprop, "initial_square"),
    (Adam, "learning_rate"),
    (Adam, "epsilon"),
]
DECAYS = [
    (SGD, "momentum"),
    (RMSprop, "rho"),
    (RMSprop, "momentum"),
    (Adam, "beta1"),
    (Adam, "beta2"),
]
BAD_NUMBERS = [-1e-9, np.nan, np.inf, -np.inf, np.array([0.1, -0.1]), np.array([0.1, np.nan])]
NOT_NUMBERS = ["0.1", None, True, 1j, [0.1, "x"], [[0.1], [0.1, 0.2]], ...]


@pytest.mark.parametrize("cls, name", RATES + DECAYS)
@pytest.mark.parametrize("value", BAD_NUMBERS, ids=str)
def test_a_number_out_of_range(cls, name, value):
    below = "1" if (cls, name) in DECAYS else "inf"
    message = rf"{name} must be in \[0, {below}\), got {re.escape(str(value))}"
    with pytest.raises(ValueError, match=message):
        cls(**{name: value})
    optimizer = cls()
    before = repr(optimizer)
    with pytest.raises(ValueError, match=message):
        setattr(optimizer, name, value)
    assert repr(optimizer) == before


@pytest.mark.parametrize("cls, name", DECAYS)
@pytest.mark.parametrize("value", [1, 1.0, 1.5])
def test_a_decay_of_one_or_more(cls, name, value):
    with pytest.raises(ValueError, match=rf"{name} must be in \[0, 1\), got {value}"):
        cls(**{name: value})


@pytest.mark.parametrize("cls, name", RATES + DECAYS)
@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
def test_no_number(cls, name, value):
    with pytest.raises(TypeError, match=f"{name} must be a real number"):
        cls(**{name: value})


def test_an_integer_beyond_all_floats():
    with pytest.raises(TypeError, match="learning_rate must be a real number"):
        SGD(10**400)


@pytest.mark.parametrize(
    "name", ["centered", "epsilon_inside", "bias_correction", "rate_in_momentum"]
)
@pytest.mark.parametrize("value", [1, 0, "yes", None])
def test_a_flag_that_is_no_bool(name, value):
    with pytest.raises(TypeError, match=f"{name} must be True or False, got {value!r}"):
        RMSprop(**{name: value})


@pytest.mark.parametrize("cls", [SGD, AdaGrad, RMSprop, Adam])
def test_a_setting_that_does_not_exist(cls):
    optimizer = cls()
    with pytest.raises(AttributeError, match=f"{cls.__name__} has no hyperparameter 'lr'"):
        optimizer.lr = 0.5
    assert not hasattr(optimizer, "lr")


def test_an_array_of_settings_cannot_be_changed_behind_the_check():
    given = np.array([0.1, 0.2])
    optimizer = RMSprop(given)
    given[0] = -1
    assert optimizer.learning_rate.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.learning_rate[0] = -1


ONE = np.ones(2)
SPARSE = torch.eye(2).to_sparse()
UPDATES = [
    (np.array([1, 2]), ONE, TypeError, r"params must be .* real floating-point .* int64"),
    (np.array([1j, 2]), ONE, TypeError, "params must be .* complex128"),
    (ONE, np.array([1j, 2]), TypeError, "grads must be .* complex128"),
    (np.eye(2), SPARSE, TypeError, "grads cannot be read as an array"),
    (ONE, np.array([True, False]), TypeError, "grads must be .* bool"),
    (ONE, None, TypeError, "grads must be .* NoneType"),
    (ONE, ["a", "b"], TypeError, "grads must be"),
    ([[1.0], [1.0, 2.0]], ONE, TypeError, "params cannot be read"),
    (ONE, np.ones(3), ValueError, r"grads must have the shape \(2,\), got \(3,\)"),
    ({"w": ONE}, ONE, TypeError, "must both be arrays or both be dicts.* dict and ndarray"),
    (ONE, {"w": ONE}, TypeError, "must both be arrays or both be dicts"),
    ({"w": ONE}, {"b": ONE}, ValueError, r"grads must have the keys .*\['w'\], got \['b'\]"),
    ({"w": ONE}, {}, ValueError, "grads must have the keys"),
    ({"w": ONE}, {"w": np.ones(3)}, ValueError, r"grads\['w'\] must have the shape"),
    ({"a": ONE, "w": np.array([1])}, {"a": ONE, "w": ONE}, TypeError, r"params\['w'\]"),
]


@pytest.mark.parametrize("params, grads, error, message", UPDATES)
@pytest.mark.parametrize("cls", [SGD, AdaGrad, RMSprop, Adam])
def test_a_bad_first_update_changes_nothing(cls, params, grads, error, message):
    optimizer = cls()
    with pytest.raises(error, match=message):
        optimizer.update(params, grads)
    assert optimizer.state is None and optimizer.effective_rate is None


LATER = [
    (np.ones(3), np.ones(3), r"params must keep the shape \(2,\), got \(3,\)"),
    ({"w": ONE}, {"w": ONE}, r"params must be those of earlier updates, one array, got"),
    (ONE, np.ones(3), "grads must have the shape"),
]


@pytest.mark.parametrize("params, grads, message", LATER)
def test_a_bad_later_update_changes_nothing(params, grads, message):
    optimizer = RMSprop()
    optimizer.update(ONE, ONE)
    untouched = deepcopy(optimizer)
    with pytest.raises(ValueError, match=message):
        optimizer.update(params, grads)
    again = optimizer.update(ONE, ONE), untouched.update(ONE, ONE)
    assert np.array_equal(*again)


def test_the_parameter_with_another_shape_is_named():
    optimizer = RMSprop()
    optimizer.update({"a": ONE, "b": ONE}, {"a": ONE, "b": ONE})
    later = {"a": ONE, "b": np.ones(3)}
    with pytest.raises(ValueError, match=r"params\['b'\] must keep the shape \(2,\), got \(3,\)"):
        optimizer.update(later, later)


def test_an_error_in_the_second_parameter_leaves_the_first_alone():
    optimizer = RMSprop(np.array([0.1, 0.2]))
    with pytest.raises(ValueError, match=r"learning_rate of shape \(2,\) does not broadcast"):
        optimizer.update({"a": ONE, "b": np.ones(3)}, {"a": ONE, "b": np.ones(3)})
    assert optimizer.state is None


def test_no_later_update_widens():
    optimizer = RMSprop()
    optimizer.update(np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match=r"params must keep the shape \(1,\), got \(2,\)"):
        optimizer.update(ONE, ONE)


def test_settings_may_widen_the_first_update_only():
    optimizer = RMSprop(np.array([[0.1], [0.2]]))
    assert optimizer.update(ONE, ONE).shape == (2, 2)
    narrow = RMSprop()
    narrow.update(ONE, ONE)
    narrow.learning_rate = np.array([[0.1], [0.2]])
    with pytest.raises(ValueError, match=r"learning_rate of shape \(2, 1\) does not"):
        narrow.update(ONE, ONE)


BOWL = problems.Quadratic([100, 1])
CALLS = [
    (lambda: descend(SGD(), BOWL, ONE, 0), ValueError, "steps must be at least 1, got 0"),
    (lambda: descend(SGD(), BOWL, ONE, 2.0), TypeError, "steps must be an integer"),
    (lambda: descend(SGD(), BOWL, ONE, True), TypeError, "steps must be an integer"),
    (lambda: descend(SGD(), BOWL, np.array([1, 2]), 2), TypeError, "start must be"),
    (lambda: sweep(SGD(), BOWL, np.array(1.0), 2), ValueError, "start must have an axis"),
    (
        lambda: descend(SGD(), BOWL, np.ones(1), 2),
        ValueError,
        r"start must fit the problem, whose .* \(2,\); got parameters of shape \(1,\)",
    ),
    (lambda: descend(SGD(), BOWL, ONE, 2, lambda t: -1), ValueError, "learning_rate must"),
    (
        lambda: descend(SGD(), BOWL, ONE, 2, lambda t: {"rho": 0.5}),
        ValueError,
        "schedule must name one of learning_rate, momentum, got 'rho'",
    ),
    (lambda: averages.average([1.0], 1.0), ValueError, r"rho must be in \[0, 1\), got 1.0"),
    (lambda: averages.average(1.0, 0.5), ValueError, "x must have a time axis"),
    (
        lambda: averages.average(np.ones((5, 3)), np.array([0.5, 0.9])),
        ValueError,
        r"shapes must broadcast, got entry \(3,\), rho \(2,\), initial \(\)",
    ),
    (
        lambda: sweep(SGD(np.ones(2)), BOWL, np.ones((2, 3)), 2),
        ValueError,
        r"shapes must broadcast, got start \(3,\), learning_rate \(2,\), momentum",
    ),
    (lambda: averages.average(["a"], 0.5), TypeError, "x must be"),
    (lambda: averages.average([1.0], 0.5, bias_correction=1), TypeError, "bias_correction"),
    (lambda: averages.weights(0.5, 0), ValueError, "n must be at least 1, got 0"),
    (lambda: averages.weights(0.5, 1.5), TypeError, "n must be an integer"),
    (lambda: averages.weights(np.array([0.5, 0.9]), 2), TypeError, "rho must be a real number"),
    (lambda: averages.mass(0.5, -1), ValueError, r"n must be in \[0, inf\), got -1"),
    (
        lambda: averages.mass(np.array([0.5, 0.9]), np.array([1, 2, 3])),
        ValueError,
        r"shapes must broadcast, got rho \(2,\), n \(3,\)",
    ),
    (lambda: averages.half_life(1), ValueError, "rho must be in"),
    (lambda: averages.mean_age("x"), TypeError, "rho must be a real number"),
    (lambda: averages.effective_samples(-0.1), ValueError, "rho must be in"),
    *[
        (lambda c=c: problems.Quadratic(c), ValueError, r"curvature must be .* in \(0, inf\), got")
        for c in ([1, 0], [-1], [np.inf], [np.nan], [[1.0]])
    ],
    (lambda: problems.Quadratic(["a"]), TypeError, "curvature must be an array of real"),
    (lambda: problems.Quadratic([1], noise=1).gradient(ONE), TypeError, "rng must be a generator"),
    (lambda: problems.Quadratic([1], noise=-1), ValueError, "noise must be in"),
    (lambda: problems.Quadratic([1], angle=0.1), ValueError, "angle must be 0 in one"),
    (lambda: problems.Quadratic([1, 2], angle=np.inf), ValueError, "angle must be finite"),
    (lambda: problems.Quadratic([1, 2], angle=np.nan), ValueError, "angle must be finite"),
    (lambda: problems.Quadratic([1, 2], angle=10**400), ValueError, "angle must be finite"),
    (lambda: problems.Quadratic([1, 2], angle="x"), TypeError, "angle must be a real number"),
    (
        lambda: descend(SGD(np.array([0.1, 0.2])), problems.Quadratic([1]), np.ones(1), 3),
        ValueError,
        r"start must have the shape \(2,\) that .* got \(1,\); sweep",
    ),
]


@pytest.mark.parametrize("call, error, message", CALLS)
def test_the_rest_of_the_package(call, error, message):
    with pytest.raises(error, match=message):
        call()
