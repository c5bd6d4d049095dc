"""The table and the guide of the section on conventions hold for the libraries themselves.

Every row is run: Keras, optax, JAX's example library and timm against settings of
:class:`rmsprop.RMSprop`, in float64, with a rate that changes at every step.
PyTorch has a file of its own, ``test_against_torch.py``. The calls of the guide, and the
hooks of the page in depth, are run as the pages print them.
"""

import importlib
import inspect
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from rmsprop import RMSprop

MISSING = [name for name in ("keras", "optax", "timm") if find_spec(name) is None]
if MISSING:
    pytest.skip(
        f"left out for want of {', '.join(MISSING)}: "
        "python -m pip install --no-deps -r tests/package/libraries.txt",
        allow_module_level=True,
    )

STEPS = 60
# Parameters start at 0 and are small: near 1 a difference would hide below an ulp.
GRADIENTS = np.random.default_rng(1).standard_normal((STEPS, 5)) * [1e-3, 0.1, 1, 10, 1e4]
RATES = 0.01 * (1 - np.arange(STEPS) / STEPS)
TENSORFLOW = {"epsilon_inside": True, "initial_square": 1.0, "rate_in_momentum": True}

each_epsilon = pytest.mark.parametrize("epsilon", [1e-10, 1e-2])
each_momentum = pytest.mark.parametrize("momentum", [0.0, 0.9])
plain_and_centered = pytest.mark.parametrize("centered", [False, True])


def ours(**options):
    optimizer, theta, path = RMSprop(**options), np.zeros(5), []
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        optimizer.learning_rate = rate
        theta = optimizer.update(theta, g)
        path.append(theta)
    return np.array(path)


def assert_same_path(theirs, mine, centered=False):
    # At t = 1 the variance is rho (1 - rho) g^2: the difference loses 1/rho digits.
    tolerance = 1e-9 if centered else 1e-11
    np.testing.assert_allclose(theirs, mine, rtol=tolerance, atol=1e-15)


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    """Keras on torch, in float64: its learning rate is a variable of that type too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        library = importlib.import_module("keras")
        library.config.set_floatx("float64")
        yield library
        library.config.set_floatx("float32")


@pytest.fixture(scope="module")
def jax():
    library = importlib.import_module("jax")
    with library.enable_x64(True):
        yield library


@pytest.fixture(scope="module")
def optax(jax):
    return importlib.import_module("optax")


@pytest.fixture(scope="module")
def timm_rmsprop():
    """Load the one file of timm: the package around it wants torchvision."""
    folder = ModuleType("timm_optim")
    folder.__path__ = [str(Path(find_spec("timm").origin).parent / "optim")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "timm_optim", folder)
        yield importlib.import_module("timm_optim.rmsprop_tf").RMSpropTF
        for name in [name for name in sys.modules if name.startswith("timm_optim.")]:
            patch.delitem(sys.modules, name)


def defaults(call):
    parameters = inspect.signature(call).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


# --- Keras


def keras_path(keras, start_square=0.0, rescale=False, **options):
    weights = keras.Variable(np.zeros(5), dtype="float64")
    optimizer = keras.optimizers.RMSprop(**options)
    optimizer.build([weights])
    slots = {variable.path.rpartition("_")[2]: variable for variable in optimizer.variables}
    slots["velocity"].assign(np.full(5, start_square))
    path = []
    before = RATES[0]
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        if rescale:
            slots["momentum"].assign(slots["momentum"] * (rate / before))
        before = rate
        optimizer.learning_rate = rate
        optimizer.apply([torch.from_numpy(g)], [weights])
        path.append(weights.value.detach().numpy().copy())
    return np.array(path)


@each_epsilon
@each_momentum
@plain_and_centered
def test_keras(keras, epsilon, momentum, centered):
    options = {"rho": 0.95, "epsilon": epsilon, "momentum": momentum, "centered": centered}
    mine = ours(**options, epsilon_inside=True, rate_in_momentum=True)
    assert_same_path(keras_path(keras, **options), mine, centered)


def test_keras_from_another_start(keras):
    theirs = keras_path(keras, start_square=1.0, rho=0.95, epsilon=1e-10)
    assert_same_path(theirs, ours(rho=0.95, epsilon=1e-10, **TENSORFLOW))


def test_keras_with_the_rate_outside(keras):
    options = {"rho": 0.95, "epsilon": 1e-4, "momentum": 0.9}
    mine = ours(**options, epsilon_inside=True)
    assert_same_path(keras_path(keras, rescale=True, **options), mine)


def test_keras_decays_weights_apart_from_the_gradient(keras):
    weights = keras.Variable(np.ones(1), dtype="float64")
    optimizer = keras.optimizers.RMSprop(0.01, weight_decay=0.1)
    optimizer.apply([torch.zeros(1, dtype=torch.float64)], [weights])
    decayed = weights.value.detach().numpy()
    np.testing.assert_allclose(decayed, 1 - 0.01 * 0.1, rtol=1e-14)


def test_keras_defaults(keras):
    stated = {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-7, "momentum": 0.0}
    stated |= {"centered": False, "weight_decay": None}
    assert stated.items() <= defaults(keras.optimizers.RMSprop).items()


# --- optax


def optax_path(jax, optax, transform):
    weights = jax.numpy.zeros(5)
    state, path = transform.init(weights), []
    update = jax.jit(transform.update)
    for g in GRADIENTS:
        steps, state = update(jax.numpy.asarray(g), state)
        weights = optax.apply_updates(weights, steps)
        path.append(np.array(weights))
    return np.array(path)


@pytest.fixture
def schedule(jax):
    rates = jax.numpy.asarray(RATES)
    return lambda count: rates[count]


@each_epsilon
@each_momentum
@plain_and_centered
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("start_square", [0.0, 1.0])
def test_optax(jax, optax, schedule, epsilon, momentum, centered, inside, start_square):
    transform = optax.rmsprop(
        schedule,
        decay=0.95,
        eps=epsilon,
        initial_scale=start_square,
        eps_in_sqrt=inside,
        centered=centered,
        momentum=momentum or None,
    )
    mine = ours(
        rho=0.95,
        epsilon=epsilon,
        momentum=momentum,
        centered=centered,
        epsilon_inside=inside,
        initial_square=start_square,
        rate_in_momentum=True,
    )
    assert_same_path(optax_path(jax, optax, transform), mine, centered)


def test_optax_corrects_the_start(jax, optax, schedule):
    options = {"eps_in_sqrt": False, "bias_correction": True}
    transform = optax.rmsprop(schedule, decay=0.95, eps=1e-8, **options)
    mine = ours(rho=0.95, epsilon=1e-8, bias_correction=True)
    assert_same_path(optax_path(jax, optax, transform), mine)


@plain_and_centered
def test_optax_as_torch(jax, optax, schedule, centered):
    scale = optax.scale_by_stddev if centered else optax.scale_by_rms
    transform = optax.chain(
        scale(decay=0.95, eps=1e-4, eps_in_sqrt=False),
        optax.trace(decay=0.9),
        optax.scale_by_learning_rate(schedule),
    )
    mine = ours(rho=0.95, epsilon=1e-4, momentum=0.9, centered=centered)
    assert_same_path(optax_path(jax, optax, transform), mine, centered)


def test_optax_nesterov(jax, optax, schedule):
    transform = optax.rmsprop(schedule, decay=0.95, momentum=0.9, nesterov=True)
    plain = np.diff(ours(rho=0.95, epsilon_inside=True), axis=0, prepend=0)
    buffer, theta, path = 0.0, 0.0, []
    for step in plain:
        buffer = 0.9 * buffer + step
        theta = theta + 0.9 * buffer + step
        path.append(theta)
    assert_same_path(optax_path(jax, optax, transform), np.array(path))


def test_optax_defaults(optax):
    assert defaults(optax.rmsprop) == {
        "decay": 0.9,
        "eps": 1e-8,
        "initial_scale": 0.0,
        "eps_in_sqrt": True,
        "centered": False,
        "momentum": None,
        "nesterov": False,
        "bias_correction": False,
    }


# --- JAX's example library


@each_epsilon
@each_momentum
def test_jax_example_library(jax, schedule, epsilon, momentum):
    library = importlib.import_module("jax.example_libraries.optimizers")
    options = {"gamma": 0.95, "eps": epsilon}
    if momentum:
        triple = library.rmsprop_momentum(schedule, **options, momentum=momentum)
    else:
        triple = library.rmsprop(schedule, **options)
    start, update, weights = triple
    update, state, path = jax.jit(update), start(jax.numpy.zeros(5)), []
    for t, g in enumerate(GRADIENTS):
        state = update(t, jax.numpy.asarray(g), state)
        path.append(np.array(weights(state)))
    mine = ours(
        rho=0.95, epsilon=epsilon, momentum=momentum, epsilon_inside=True, rate_in_momentum=True
    )
    assert_same_path(np.array(path), mine)


def test_jax_example_library_defaults(jax):
    library = importlib.import_module("jax.example_libraries.optimizers")
    assert defaults(library.rmsprop) == {"gamma": 0.9, "eps": 1e-8}
    assert defaults(library.rmsprop_momentum) == {"gamma": 0.9, "eps": 1e-8, "momentum": 0.9}


# --- timm


def timm_path(cls, start_square=None, **options):
    weights = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer = cls([weights], **options)
    if start_square is not None:
        square = torch.full_like(weights, start_square, requires_grad=False)
        optimizer.state[weights] = {"step": torch.tensor(0.0), "square_avg": square}
    path = []
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        weights.grad = torch.from_numpy(g)
        optimizer.step()
        path.append(weights.detach().numpy().copy())
    return np.array(path)


@each_epsilon
@each_momentum
@plain_and_centered
@pytest.mark.parametrize("rate_in_momentum", [False, True])
def test_timm(timm_rmsprop, epsilon, momentum, centered, rate_in_momentum):
    options = {"momentum": momentum, "centered": centered}
    theirs = timm_path(
        timm_rmsprop, alpha=0.95, eps=epsilon, lr_in_momentum=rate_in_momentum, **options
    )
    settings = TENSORFLOW | {"rate_in_momentum": rate_in_momentum}
    assert_same_path(theirs, ours(rho=0.95, epsilon=epsilon, **options, **settings), centered)


def test_timm_from_zero_is_keras(timm_rmsprop):
    theirs = timm_path(timm_rmsprop, start_square=0.0, alpha=0.9, eps=1e-7)
    assert_same_path(theirs, ours(rho=0.9, epsilon=1e-7, epsilon_inside=True))


@pytest.mark.parametrize("decoupled", [False, True])
def test_timm_decays_weights_both_ways(timm_rmsprop, decoupled):
    weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = timm_rmsprop([weights], weight_decay=0.1, decoupled_decay=decoupled)
    weights.grad = torch.zeros_like(weights)
    optimizer.step()
    through_the_gradient = 0.1 / np.sqrt(0.9 * 1 + 0.1 * 0.1**2 + 1e-10)
    shrunk = 1 - 0.01 * (0.1 if decoupled else through_the_gradient)
    np.testing.assert_allclose(weights.item(), shrunk, rtol=1e-14)


def test_timm_corrects_the_decay_by_the_first_rate(timm_rmsprop):
    weights = torch.ones(1, dtype=torch.float64, requires_grad=True)
    options = {"decoupled_decay": True, "corrected_weight_decay": True}
    optimizer = timm_rmsprop([weights], lr=0.1, weight_decay=0.5, **options)
    optimizer.param_groups[0]["lr"] = 0.02
    weights.grad = torch.zeros_like(weights)
    optimizer.step()
    np.testing.assert_allclose(weights.item(), 1 - 0.5 * 0.02**2 / 0.1, rtol=1e-14)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_timm_leaves_out_what_goes_against_the_gradient(timm_rmsprop, momentum):
    ends = []
    for caution in (False, True):
        weights = torch.zeros(4, dtype=torch.float64, requires_grad=True)
        optimizer = timm_rmsprop([weights], momentum=momentum, caution=caution)
        for signs in ([1.0, 1, 1, 1], [1, 1, 1, -0.1]):  # the last turns round a little
            before = weights.detach().clone()
            weights.grad = torch.tensor(signs, dtype=torch.float64)
            optimizer.step()
        ends.append((weights.detach() - before).numpy())
    plain, cautious = ends
    left = np.array([1, 1, 1, 0]) / 0.75 if momentum else 1
    np.testing.assert_allclose(cautious, plain * left, rtol=1e-12)


def test_timm_defaults(timm_rmsprop):
    stated = {"lr": 0.01, "alpha": 0.9, "eps": 1e-10, "momentum": 0.0, "centered": False}
    stated |= {"weight_decay": 0, "decoupled_decay": False, "lr_in_momentum": True}
    assert stated.items() <= defaults(timm_rmsprop).items()


# --- The calls that the pages print


def printed(page, *words):
    """Return the block of code of a page that has all these words."""
    text = (Path(__file__).parents[2] / "chapters" / page).read_text("utf8")
    blocks = re.findall(r"^```(?:python|\{code-cell\} ipython3)\n(.*?)^```", text, re.M | re.S)
    (block,) = [block for block in blocks if all(word in block for word in words)]
    return block


SETTING = {"rho": 0.95, "eps": 1e-4, "gamma": 0.9}
RULES = {
    "as_torch": {},
    "as_keras": {"epsilon_inside": True, "rate_in_momentum": True},
    "as_tensorflow_1": TENSORFLOW,
}
each_rule = pytest.mark.parametrize("rule", RULES)


def the_rule(rule):
    return ours(rho=0.95, epsilon=1e-4, momentum=0.9, **RULES[rule])


@each_rule
def test_the_calls_in_torch(rule):
    weights = [torch.zeros(5, dtype=torch.float64, requires_grad=True)]
    names = {"torch": torch, "weights": weights, "lr": 0.01, **SETTING}
    exec(printed("conventions.md", "class InsideRMSprop"), names)
    exec(printed("conventions.md", "as_torch = torch.optim"), names)
    optimizer, path = names[rule], []
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: RATES[min(t, STEPS - 1)] / 0.01
    )
    for g in GRADIENTS:
        weights[0].grad = torch.from_numpy(g)
        optimizer.step()
        scheduler.step()
        path.append(weights[0].detach().numpy().copy())
    assert_same_path(np.array(path), the_rule(rule))


@each_rule
def test_the_calls_in_optax(jax, optax, schedule, rule):
    names = {"optax": optax, "lr": schedule, **SETTING}
    exec(printed("conventions.md", "as_torch = optax.chain"), names)
    assert_same_path(optax_path(jax, optax, names[rule]), the_rule(rule))


@each_rule
@pytest.mark.parametrize("by_schedule", [False, True])
def test_the_calls_in_keras(keras, rule, by_schedule):
    class Falling(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return RATES[int(step)]

    weights = [keras.Variable(np.zeros(5), dtype="float64")]
    names = {"keras": keras, "weights": weights, **SETTING}
    names["lr"] = Falling() if by_schedule else 0.01
    exec(printed("in-depth/history-and-traps.md", "class OutsideRMSprop"), names)
    exec(printed("conventions.md", "as_torch = OutsideRMSprop"), names)
    optimizer, path = names[rule], []
    for g, rate in zip(GRADIENTS, RATES, strict=True):
        if not by_schedule:
            optimizer.learning_rate = rate
        optimizer.apply([torch.from_numpy(g)], weights)
        path.append(weights[0].value.detach().numpy().copy())
    assert_same_path(np.array(path), the_rule(rule))


def test_the_schedules_are_the_same(keras, optax):
    lr, q, d, schedules = 0.01, 0.97, 0.3, torch.optim.lr_scheduler
    table = printed_rows("PyTorch, `scheduler.step()`", "Keras 3 |", "optax |")
    names = {"lr": lr, "q": q, "d": d, **vars(schedules), **vars(keras.optimizers.schedules)}
    names |= {"exponential_decay": optax.exponential_decay}
    for column, factor in ((1, lambda t: q**t), (2, lambda t: 1 / (1 + d * t))):
        for row in table:
            opt = torch.optim.RMSprop([torch.zeros(1)], lr)
            rate_at = eval(row[column].strip(" `"), {**names, "opt": opt})
            for t in range(20):
                if isinstance(rate_at, schedules.LRScheduler):
                    rate = opt.param_groups[0]["lr"]
                    opt.step()
                    rate_at.step()
                else:
                    rate = float(rate_at(t))
                np.testing.assert_allclose(rate, lr * factor(t), rtol=1e-5)


def printed_rows(*starts):
    text = (Path(__file__).parents[2] / "chapters" / "conventions.md").read_text("utf8")
    rows = [line for line in text.splitlines() if line.startswith(tuple("| " + s for s in starts))]
    assert len(rows) == len(starts)
    return [row.strip("|").split("|") for row in rows]


def test_the_penalty_of_keras_lacks_the_half(keras):
    lam, w = 0.3, torch.tensor([0.7, -2.0], dtype=torch.float64, requires_grad=True)
    keras.regularizers.L2(lam / 2)(w).backward()
    np.testing.assert_allclose(w.grad, lam * w.detach(), rtol=1e-6)


def test_weight_decay_in_the_gradient(jax, optax, schedule):
    """PyTorch's, and optax's with the decay first in the chain."""
    weights = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.RMSprop([weights], 0.01, 0.95, 1e-4, weight_decay=0.1, momentum=0.9)
    names = {"optax": optax, "lr": 0.01, **SETTING}
    exec(printed("conventions.md", "as_torch = optax.chain"), names)
    transform = optax.chain(optax.add_decayed_weights(0.1), names["as_torch"])
    theirs = jax.numpy.zeros(5)
    state = transform.init(theirs)
    for g in GRADIENTS:
        weights.grad = torch.from_numpy(g)
        optimizer.step()
        steps, state = transform.update(jax.numpy.asarray(g), state, theirs)
        theirs = optax.apply_updates(theirs, steps)
    assert_same_path(np.array(theirs), weights.detach().numpy())


def test_weight_decay_apart_from_the_gradient(keras):
    """Keras', and the class of the page with the weights multiplied before the step."""
    weights = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    names = {"torch": torch}
    exec(printed("conventions.md", "class InsideRMSprop"), names)
    optimizer = names["InsideRMSprop"]([weights], 0.01, 0.95, 1e-4, 0.9)
    theirs = keras.Variable(np.zeros(5), dtype="float64")
    options = {"rho": 0.95, "epsilon": 1e-4, "momentum": 0.9, "weight_decay": 0.1}
    library = keras.optimizers.RMSprop(0.01, **options)
    for g in GRADIENTS:
        with torch.no_grad():
            weights *= 1 - 0.01 * 0.1
        weights.grad = torch.from_numpy(g)
        optimizer.step()
        library.apply([torch.from_numpy(g)], [theirs])
    assert_same_path(theirs.value.detach().numpy(), weights.detach().numpy())


# --- The hooks of the page in depth: several weights, float32, a schedule with rates of 0


@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-4), ("float64", 1e-9)])
@pytest.mark.parametrize("rule", ["as_keras", "as_tensorflow_1"])
@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_the_hooks(dtype, tolerance, rule, centered, seed):
    names = {"torch": torch}
    exec(printed("in-depth/history-and-traps.md", "def epsilon_inside("), names)
    exec(printed("in-depth/history-and-traps.md", "def rate_in_buffer("), names)
    rng = np.random.default_rng(seed)
    sizes = [1e-3, 0.1, 10.0]
    weights = [torch.zeros(2, dtype=getattr(torch, dtype), requires_grad=True) for _ in sizes]
    groups = [{"params": weights[:1], "alpha": 0.95}, {"params": weights[1:]}]
    optimizer = torch.optim.RMSprop(groups, 0.01, alpha=0.9, eps=0, centered=centered)
    start = RULES[rule].get("initial_square", 0.0)
    names["epsilon_inside"](optimizer, 1e-2, start)
    names["rate_in_buffer"](optimizer, 0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)  # 0 at 20 and 60
    twins = [
        RMSprop(0.01, rho, 1e-2, momentum=0.9, centered=centered, **RULES[rule])
        for rho in (0.95, 0.9, 0.9)
    ]
    theta = [np.zeros(2) for _ in sizes]
    for _ in range(80):
        rate = optimizer.param_groups[0]["lr"]
        for i, w in enumerate(weights):
            g = rng.normal(0.3, 1, 2) * sizes[i]
            w.grad = torch.tensor(g, dtype=w.dtype)
            twins[i].learning_rate = rate
            theta[i] = twins[i].update(theta[i], g)
        optimizer.step()
        scheduler.step()
    for w, expected in zip(weights, theta, strict=True):
        np.testing.assert_allclose(w.detach(), expected, rtol=tolerance)
