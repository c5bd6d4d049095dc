"""The calls of the page on schedules write the same rate in PyTorch, Keras and optax."""

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

ETA, R, N = 0.01, 0.6, 40
STEPS = range(N)
FORMULAS = {
    "exponential": lambda t: ETA * R ** (t / N),
    "staircase": lambda t: ETA * R ** (t // 10),
    "inverse time": lambda t: ETA / (1 + R * t / N),
    "half cosine": lambda t: ETA * (1 + np.cos(np.pi * t / N)) / 2,
    "linear": lambda t: ETA * (1 - t / N),
}
TORCH = {
    "exponential": lambda o: lr_scheduler.LambdaLR(o, lambda t: R ** (t / N)),
    "staircase": lambda o: lr_scheduler.StepLR(o, 10, R),
    "inverse time": lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / (1 + R * t / N)),
    "half cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, N),
    "linear": lambda o: lr_scheduler.LinearLR(o, 1, 0, N),
}
KERAS = {
    "exponential": lambda s: s.ExponentialDecay(ETA, N, R),
    "staircase": lambda s: s.ExponentialDecay(ETA, 10, R, staircase=True),
    "inverse time": lambda s: s.InverseTimeDecay(ETA, N, R),
    "half cosine": lambda s: s.CosineDecay(ETA, N),
    "linear": lambda s: s.PolynomialDecay(ETA, N, 0.0),
}
OPTAX = {
    "exponential": lambda o: o.exponential_decay(ETA, N, R),
    "staircase": lambda o: o.exponential_decay(ETA, 10, R, staircase=True),
    "half cosine": lambda o: o.cosine_decay_schedule(ETA, N),
    "linear": lambda o: o.linear_schedule(ETA, 0.0, N),
}


def expected(name):
    return [FORMULAS[name](t) for t in STEPS]


@pytest.mark.parametrize("name", TORCH)
def test_torch(name):
    weight = torch.zeros(1, requires_grad=True)
    weight.grad = torch.ones(1)
    optimizer = torch.optim.RMSprop([weight], lr=ETA)
    schedule, rates = TORCH[name](optimizer), []
    for _ in STEPS:
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    np.testing.assert_allclose(rates, expected(name), rtol=1e-6, atol=1e-12)


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        install = "python -m pip install --no-deps -r tests/package/libraries.txt"
        yield pytest.importorskip("keras", reason=f"left out for want of keras: {install}")


@pytest.mark.parametrize("name", KERAS)
def test_keras(name, keras):
    schedule = KERAS[name](keras.optimizers.schedules)
    rates = [float(schedule(t)) for t in STEPS]
    np.testing.assert_allclose(rates, expected(name), rtol=1e-4, atol=1e-8)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in keras
def test_keras_counts_by_itself(keras):
    """A schedule in place of the rate: the steps have its lengths."""
    weights = keras.Variable(np.zeros(1))
    schedule = KERAS["inverse time"](keras.optimizers.schedules)
    optimizer = keras.optimizers.RMSprop(schedule, rho=0.0, epsilon=0.0)
    optimizer.build([weights])
    places = [0.0]
    for _ in STEPS:
        optimizer.apply([keras.ops.ones(1)], [weights])
        places.append(float(keras.ops.convert_to_numpy(weights)[0]))
    np.testing.assert_allclose(-np.diff(places), expected("inverse time"), rtol=1e-3)


@pytest.mark.parametrize("name", OPTAX)
def test_optax(name):
    optax = pytest.importorskip("optax")
    schedule = OPTAX[name](optax)
    rates = [float(schedule(t)) for t in STEPS]
    np.testing.assert_allclose(rates, expected(name), rtol=1e-4, atol=1e-8)
