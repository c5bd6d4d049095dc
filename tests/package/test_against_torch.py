"""The NumPy optimizers take the steps of torch.optim, in float64, for every shared option."""

import numpy as np
import pytest
import torch

from rmsprop import SGD, AdaGrad, Adam, RMSprop

STEPS = 60
# Parameters start at 0 and are small: near 1 a difference would hide below an ulp.
GRADIENTS = np.random.default_rng(1).standard_normal((STEPS, 5)) * [1e-3, 0.1, 1, 10, 1e4]


def ours(optimizer):
    theta = np.zeros(5)
    path = []
    for g in GRADIENTS:
        theta = optimizer.update(theta, g)
        path.append(theta)
    return np.array(path)


def torchs(cls, **options):
    theta = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer = cls([theta], **options)
    path = []
    for g in GRADIENTS:
        theta.grad = torch.from_numpy(g)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def assert_same_path(mine, other):
    np.testing.assert_allclose(mine, other, rtol=1e-11, atol=1e-15)


# Without memory (rho = 0) the centered difference is 0 up to rounding: nothing to compare.
@pytest.mark.parametrize(
    "rho, centered", [(0.0, False), (0.9, False), (0.999, False), (0.9, True), (0.999, True)]
)
@pytest.mark.parametrize("epsilon", [1e-8, 1e-2])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_rmsprop(rho, epsilon, momentum, centered):
    mine = ours(RMSprop(0.01, rho, epsilon, momentum=momentum, centered=centered))
    theirs = torchs(
        torch.optim.RMSprop,
        lr=0.01,
        alpha=rho,
        eps=epsilon,
        momentum=momentum,
        centered=centered,
    )
    if centered:
        # At t = 1 the variance is rho (1 - rho) g^2: the difference loses 1/rho digits.
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    else:
        assert_same_path(mine, theirs)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd(momentum):
    theirs = torchs(torch.optim.SGD, lr=0.01, momentum=momentum)
    assert_same_path(ours(SGD(0.01, momentum)), theirs)


@pytest.mark.parametrize("epsilon", [1e-10, 1e-2])
@pytest.mark.parametrize("initial_square", [0.0, 0.1])
def test_adagrad(epsilon, initial_square):
    mine = ours(AdaGrad(0.01, epsilon, initial_square=initial_square))
    theirs = torchs(
        torch.optim.Adagrad,
        lr=0.01,
        eps=epsilon,
        initial_accumulator_value=initial_square,
    )
    assert_same_path(mine, theirs)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.9), (0.5, 0.0)])
@pytest.mark.parametrize("epsilon", [1e-8, 1e-2])
def test_adam(betas, epsilon):
    theirs = torchs(torch.optim.Adam, lr=0.01, betas=betas, eps=epsilon)
    assert_same_path(ours(Adam(0.01, *betas, epsilon)), theirs)


def test_defaults_are_those_that_the_contract_states():
    assert repr(RMSprop()) == (
        "RMSprop(learning_rate=0.001, rho=0.9, epsilon=1e-08, momentum=0.0, "
        "centered=False, epsilon_inside=False, initial_square=0.0, "
        "bias_correction=False, rate_in_momentum=False)"
    )
    assert repr(AdaGrad()) == "AdaGrad(learning_rate=0.01, epsilon=1e-08, initial_square=0.0)"
    assert repr(SGD()) == "SGD(learning_rate=0.01, momentum=0.0)"
    assert repr(Adam()) == "Adam(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-08)"
