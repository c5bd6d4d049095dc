"""rmsprop.pytorch.RMSprop is torch.optim.RMSprop to the last bit, and safer at the edge."""

import copy
import inspect
import io
import pickle
import re
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch
import torch.distributed as dist
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributed.tensor import Shard, distribute_tensor, init_device_mesh
from torch.optim import lr_scheduler

from rmsprop.pytorch import RMSprop

TORCH = torch.optim.RMSprop
OPTIONS = [
    {"momentum": momentum, "centered": centered, "weight_decay": decay, "maximize": maximize}
    for momentum, centered, decay, maximize in product(
        (0, 0.9), (False, True), (0, 0.1), (False, True)
    )
]
PLAIN, ALL = OPTIONS[0], OPTIONS[-1]
SHAPES = [(), (0,), (1,), (7,), (3, 5), (64, 65), (2, 3, 11, 13)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def parameters(shapes=SHAPES, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return [
        torch.randn(shape, generator=generator, dtype=dtype).requires_grad_() for shape in shapes
    ]


def gradients(params, step):
    """Give gradients of very different sizes, the same for the same step."""
    generator = torch.Generator().manual_seed(step + 1)
    for number, theta in enumerate(params):
        g = torch.randn(theta.shape, generator=generator, dtype=torch.float64)
        theta.grad = (g * 10.0 ** (number % 4 - 2)).to(theta.dtype)


def trained(cls, params, steps=12, gradients=gradients, **options):
    optimizer = cls(params, **options)
    go_on(optimizer, range(steps), gradients)
    return optimizer


def go_on(optimizer, steps, gradients=gradients):
    for step in steps:
        for group in optimizer.param_groups:
            gradients(group["params"], step)
        optimizer.step()


def assert_same_bits(ours, theirs):
    """Compare parameters and states, which must have the same parts."""
    pairs = zip(ours.param_groups, theirs.param_groups, strict=True)
    for mine, other in [
        pair for a, b in pairs for pair in zip(a["params"], b["params"], strict=True)
    ]:
        assert torch.equal(mine, other) and mine.dtype == other.dtype
        memory, expected = ours.state[mine], theirs.state[other]
        assert memory.keys() == expected.keys()
        for name in memory:
            assert torch.equal(memory[name], expected[name])
            assert memory[name].dtype == expected[name].dtype


# The bits of torch's for-loop


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_option_in_every_dtype(options, dtype):
    if dtype in DTYPES[2:]:
        options = options | {"eps": 1e-3, "alpha": 0.9}  # 1e-8 is 0 in float16
    ours = trained(RMSprop, parameters(dtype=dtype), **options)
    theirs = trained(TORCH, parameters(dtype=dtype), foreach=False, **options)
    assert_same_bits(ours, theirs)


@given(
    shape=st.lists(st.integers(0, 9), max_size=4),
    lr=st.floats(0, 1e3),
    alpha=st.floats(0, 1, exclude_max=True),
    eps=st.floats(1e-8, 1e3),
    weight_decay=st.floats(0, 10),
    momentum=st.floats(0, 1, exclude_max=True),
    maximize=st.booleans(),
    dtype=st.sampled_from(DTYPES[:2]),
    tensor_rate=st.booleans(),
)
@settings(deadline=None)
def test_any_setting(shape, dtype, tensor_rate, **options):
    if tensor_rate:
        options["lr"] = torch.tensor(options["lr"])
    ours = trained(RMSprop, parameters([shape], dtype), 3, **options)
    theirs = trained(TORCH, parameters([shape], dtype), 3, foreach=False, **options)
    assert_same_bits(ours, theirs)


def transposed(t):
    return t.t()


def every_other(t):
    return t.repeat_interleave(2, dim=1)[:, ::2]


def contiguous(t):
    return t


@pytest.mark.parametrize("of_gradient", [transposed, every_other, contiguous])
@pytest.mark.parametrize("of_parameter", [transposed, every_other, contiguous])
def test_memory_layouts(of_parameter, of_gradient):
    def params():
        base = torch.randn(44, 44, generator=torch.Generator().manual_seed(0))
        return [of_parameter(base).requires_grad_()]

    def strided(params, step):
        g = torch.randn(44, 44, generator=torch.Generator().manual_seed(step))
        params[0].grad = of_gradient(g)

    assert params()[0].is_contiguous() == (of_parameter is contiguous)
    ours = trained(RMSprop, params(), gradients=strided, **ALL)
    theirs = trained(TORCH, params(), gradients=strided, **ALL)
    assert_same_bits(ours, theirs)
    (theta,) = ours.param_groups[0]["params"]
    (other,) = theirs.param_groups[0]["params"]
    assert ours.state[theta]["square_avg"].stride() == theirs.state[other]["square_avg"].stride()


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_gradients_in_fewer_bits_than_their_parameters(options):
    def short(params, step):
        long = [torch.empty_like(theta) for theta in params]
        gradients(long, step)
        for theta, other in zip(params, long, strict=True):
            theta.grad_dtype = None  # any
            theta.grad = other.grad.bfloat16()

    def widened(params, step):
        short(params, step)
        for theta in params:
            theta.grad = theta.grad.float()

    ours = trained(RMSprop, parameters(), gradients=short, **options)
    theirs = trained(TORCH, parameters(), gradients=widened, foreach=False, **options)
    assert_same_bits(ours, theirs)
    if not options["centered"] or options["weight_decay"]:  # otherwise torch's lerp_ stops
        theirs = trained(TORCH, parameters(), gradients=short, foreach=False, **options)
        assert_same_bits(ours, theirs)


def test_dtypes_side_by_side():
    def mixed():
        return [theta for dtype in DTYPES for theta in parameters(dtype=dtype)]

    options = ALL | {"eps": 1e-3}
    assert_same_bits(trained(RMSprop, mixed(), **options), trained(TORCH, mixed(), **options))


@pytest.mark.parametrize("default", [torch.float64, torch.bfloat16])
def test_other_default_dtypes(default):
    torch.set_default_dtype(default)
    try:
        ours, theirs = trained(RMSprop, parameters()), trained(TORCH, parameters())
    finally:
        torch.set_default_dtype(torch.float32)
    assert_same_bits(ours, theirs)


# The ways in which an optimizer is used


def both(**options):
    return [cls(parameters(), **options) for cls in (RMSprop, TORCH)]


def test_the_signature_and_the_groups_are_those_of_torch():
    def shown(cls):
        parameters = inspect.signature(cls).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    assert shown(RMSprop) == shown(TORCH)
    ours, theirs = both()
    assert ours.defaults == theirs.defaults


def test_arguments_by_position_and_neutral_ones():
    values = 0.02, 0.9, 1e-6, 0.1, 0.5, True, False, None, True, False
    ours, theirs = RMSprop(parameters(), *values), TORCH(parameters(), *values)
    for optimizer in (ours, theirs):
        go_on(optimizer, range(3))
    assert_same_bits(ours, theirs)
    trained(RMSprop, parameters(), 1, foreach=False, capturable=False, differentiable=False)
    trained(RMSprop, parameters(), 1, foreach=None, capturable=None, differentiable=None)


def test_groups_with_settings_of_their_own():
    optimizers = []
    for cls in (RMSprop, TORCH):
        first, second, third, *rest = parameters()
        groups = [
            {"params": [first, second], "lr": 0.1, "centered": True},
            {"params": third, "momentum": 0.5, "maximize": True},
        ]
        optimizer = cls(groups, weight_decay=0.01)
        go_on(optimizer, range(3))
        optimizer.add_param_group({"params": iter(rest), "alpha": 0.5})
        go_on(optimizer, range(3, 6))
        optimizers.append(optimizer)
    assert len(optimizers[0].param_groups) == 3
    assert_same_bits(*optimizers)


def test_named_parameters():
    for cls in (RMSprop, TORCH):
        optimizer = cls(torch.nn.Linear(3, 2).named_parameters())
        assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]


def test_a_parameter_listed_twice_is_stepped_twice():
    def doubled(cls):
        first, second = parameters([(3,), (4,)])
        with pytest.warns(UserWarning, match="duplicate parameters"):
            return trained(cls, [first, second, first], **ALL)

    assert_same_bits(doubled(RMSprop), doubled(TORCH))


def test_missing_gradients():
    def sparse_in_time(params, step):
        gradients(params, step)
        for number, theta in enumerate(params):
            if (number + step) % 3 or step == 2:
                theta.grad = None

    ours = trained(RMSprop, parameters(), gradients=sparse_in_time, **ALL)
    theirs = trained(TORCH, parameters(), gradients=sparse_in_time, **ALL)
    assert_same_bits(ours, theirs)
    never = RMSprop(parameters())
    assert never.step() is None and not never.state


def test_a_closure_computes_the_gradients_and_its_loss_comes_back():
    optimizers, losses = both(momentum=0.9), []
    for optimizer in optimizers:
        params = optimizer.param_groups[0]["params"]

        def closure(optimizer=optimizer, params=params):
            optimizer.zero_grad()
            loss = sum((theta**2).sum() for theta in params)
            loss.backward()
            return loss

        with torch.no_grad():  # the closure gets gradients all the same
            losses.append([optimizer.step(closure).item() for _ in range(5)])
    assert losses[0] == losses[1] and losses[0][-1] < losses[0][0]
    assert_same_bits(*optimizers)


SCHEDULES = {
    "step": lambda o: lr_scheduler.StepLR(o, 2, 0.5),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, 10),
    "lambda": lambda o: lr_scheduler.LambdaLR(o, lambda t: np.float64(1 / (1 + t))),
    "one cycle": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=20),
    "cyclic": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3, cycle_momentum=True),
}


@pytest.mark.parametrize("options", [PLAIN, {"momentum": 0.9}], ids=str)
def test_a_rate_in_a_tensor_with_an_axis(options):
    ours, theirs = (
        trained(cls, parameters(), 3, lr=torch.tensor([0.1]), **options) for cls in (RMSprop, TORCH)
    )
    assert_same_bits(ours, theirs)


@pytest.mark.parametrize("rate", [0.01, torch.tensor(0.01)], ids=["float", "tensor"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name, rate):
    optimizers = [
        cls(parameters(), lr=copy.deepcopy(rate), momentum=0.9) for cls in (RMSprop, TORCH)
    ]
    for optimizer in optimizers:
        schedule = SCHEDULES[name](optimizer)
        for step in range(10):
            go_on(optimizer, [step])
            schedule.step()
    assert_same_bits(*optimizers)
    assert optimizers[0].param_groups[0]["lr"] == optimizers[1].param_groups[0]["lr"]


@pytest.mark.parametrize("later", [{"momentum": 0.9}, {"centered": True}], ids=str)
def test_a_part_of_the_state_may_begin_later(later):
    optimizer = trained(RMSprop, parameters(), 2)
    optimizer.param_groups[0] |= later  # torch stops with a KeyError
    go_on(optimizer, [2])
    params = optimizer.param_groups[0]["params"]
    assert all(torch.isfinite(theta).all() for theta in params)
    assert len(optimizer.state[params[0]]) == 3


def test_hooks_and_profiles_of_torch():
    optimizer, seen = RMSprop(parameters()), []
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    go_on(optimizer, [0])
    optimizer.zero_grad()
    assert seen == ["before", "after"]
    assert all(theta.grad is None for theta in optimizer.param_groups[0]["params"])


def test_the_default_device_plays_no_part():
    optimizer = RMSprop(parameters(), momentum=0.9)
    for step in range(2):
        gradients(optimizer.param_groups[0]["params"], step)
        with torch.device("meta"):
            optimizer.step()
    assert_same_bits(optimizer, trained(TORCH, parameters(), 2, momentum=0.9))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", [PLAIN, ALL], ids=str)
def test_a_compiled_step(options):
    # As the page on the cost of a step has it, a rate that is a number lasts so long.
    assert torch._dynamo.config.recompile_limit == 8

    def compiled(cls):
        torch._dynamo.reset()
        rate = torch.tensor(0.01)
        optimizer = cls(parameters([(3, 4), (5,), ()]), lr=rate, **options)
        step = torch.compile(optimizer.step, backend="aot_eager")
        for number in range(4):
            gradients(optimizer.param_groups[0]["params"], number)
            step()
            rate.mul_(0.5)
        return optimizer

    ours, theirs = compiled(RMSprop), compiled(TORCH)
    assert_same_bits(ours, theirs)  # both lack the fused multiply-add of the loop
    (theta,) = ours.param_groups[0]["params"][:1]
    assert ours.state[theta]["step"] == 4
    plain = RMSprop(parameters([(3, 4), (5,), ()]), **options)
    for number in range(4):
        go_on(plain, [number])
        plain.param_groups[0]["lr"] *= 0.5
    for mine, other in zip(
        ours.param_groups[0]["params"], plain.param_groups[0]["params"], strict=True
    ):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


@pytest.fixture
def mesh():
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield init_device_mesh("cpu", (1,))
    dist.destroy_process_group()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_sharded_parameters(options, mesh):
    def sharded(shapes):
        return [
            distribute_tensor(theta.detach(), mesh, [Shard(0)]).requires_grad_()
            for theta in parameters(shapes)
        ]

    def shards_of(params, step):
        whole = parameters([theta.shape for theta in params])
        gradients(whole, step)
        for theta, other in zip(params, whole, strict=True):
            theta.grad = distribute_tensor(other.grad, mesh, [Shard(0)])

    shapes = [(4, 3), (5,)]
    ours = trained(RMSprop, sharded(shapes), 3, gradients=shards_of, **options)
    plain = trained(RMSprop, parameters(shapes), 3, **options)
    for mine, other in zip(
        ours.param_groups[0]["params"], plain.param_groups[0]["params"], strict=True
    ):
        assert torch.equal(mine.full_tensor(), other)
        assert ours.state[mine]["square_avg"].placements == (Shard(0),)


# Saved and copied


def saved_and_read(state):
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("before", [RMSprop, TORCH])
@pytest.mark.parametrize("after", [RMSprop, TORCH])
@pytest.mark.parametrize("options", [PLAIN, ALL], ids=str)
def test_each_loads_what_the_other_saved(before, after, options):
    reference = trained(TORCH, parameters(), 12, **options)
    first = trained(before, parameters(), 6, **options)
    second = after([theta.detach().requires_grad_() for theta in first.param_groups[0]["params"]])
    second.load_state_dict(saved_and_read(first.state_dict()))
    go_on(second, range(6, 12))
    assert_same_bits(second, reference)
    assert settings_of(second) == settings_of(reference)


def settings_of(optimizer):
    return {k: v for k, v in optimizer.param_groups[0].items() if k != "params"}


@pytest.mark.parametrize("cls", [RMSprop, TORCH])
@pytest.mark.parametrize("options", [PLAIN, {"momentum": 0.9}], ids=str)
def test_checkpoints_of_an_old_torch(cls, options):
    reference = trained(TORCH, parameters(), 12, **options)
    first = trained(TORCH, parameters(), 6, **options)
    state = saved_and_read(first.state_dict())
    later = {"maximize", "capturable", "differentiable", "foreach", "momentum", "centered"}
    for name in later:
        if not options.get(name):  # what the old torch had, it saved
            del state["param_groups"][0][name]
    for memory in state["state"].values():
        memory["step"] = int(memory["step"])
    second = cls([theta.detach().requires_grad_() for theta in first.param_groups[0]["params"]])
    second.load_state_dict(state)
    go_on(second, range(6, 12))
    assert_same_bits(second, reference)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_a_copy_goes_on_alone(copied):
    optimizer = trained(RMSprop, parameters(), 2, **ALL)
    twin = copied(optimizer)
    go_on(optimizer, [2])
    go_on(twin, [2])
    assert_same_bits(twin, optimizer)
    assert twin.param_groups[0]["params"][3] is not optimizer.param_groups[0]["params"][3]


# Where the two part: a variance that rounding has made negative


def nearly_constant(params, step):
    """Give gradients of 1 with noise from 1e-5, where rounding is worse, to 1."""
    xi = torch.randn(10_000, generator=torch.Generator().manual_seed(step))
    params[0].grad = 1 + torch.logspace(-5, 0, 10_000) * xi


def test_a_negative_variance_is_nan_in_torch_and_zero_here():
    run = {"steps": 300, "gradients": nearly_constant, "alpha": 0.9, "centered": True}
    ours = trained(RMSprop, parameters([(10_000,)]), **run)
    theirs = trained(TORCH, parameters([(10_000,)]), **run)
    (mine,), (other,) = ours.param_groups[0]["params"], theirs.param_groups[0]["params"]
    lost = other.isnan()
    assert lost[:1000].any() and not lost[-1000:].any() and not mine.isnan().any()
    assert torch.equal(mine[~lost], other[~lost])
    for name in ("square_avg", "grad_avg"):  # these never see the root
        assert torch.equal(ours.state[mine][name], theirs.state[other][name])


def test_a_negative_variance_counts_as_zero():
    theta = torch.zeros(1, requires_grad=True)
    optimizer = RMSprop([theta], lr=1.0, alpha=0.5, eps=0.5, centered=True)
    memory = {"step": torch.tensor(1.0), "square_avg": torch.zeros(1), "grad_avg": torch.ones(1)}
    optimizer.state[theta] |= memory
    theta.grad = torch.ones(1)  # v = 1/2, mean = 1: the variance is -1/2
    optimizer.step()
    assert theta.item() == -1 / 0.5


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_gradient_that_is_no_number_is_passed_on(value, centered):
    def bad(params, step):
        params[0].grad = torch.tensor([value, 1.0])

    ours = trained(RMSprop, parameters([(2,)]), 2, bad, centered=centered)
    theirs = trained(TORCH, parameters([(2,)]), 2, bad, centered=centered)
    mine, other = ours.param_groups[0]["params"][0], theirs.param_groups[0]["params"][0]
    assert torch.equal(mine.isnan(), other.isnan()) and mine[0].isnan()
    assert mine[1] == other[1]


# Bad input


def everything(optimizer):
    groups = [[theta.detach().clone() for theta in g["params"]] for g in optimizer.param_groups]
    return groups, copy.deepcopy(optimizer.state_dict()["state"])


def assert_step_changes_nothing(optimizer, error, message):
    before = everything(optimizer)
    with pytest.raises(error, match=message):
        optimizer.step()
    torch.testing.assert_close(everything(optimizer), before, rtol=0, atol=0)


BELOW = {"lr": "inf", "alpha": "1", "eps": "inf", "weight_decay": "inf", "momentum": "1"}


@pytest.mark.parametrize("name", BELOW)
@pytest.mark.parametrize("value", [-1e-9, -1, float("nan"), float("inf"), torch.tensor(-0.1)])
def test_a_number_out_of_range(name, value):
    message = rf"{name} must be in \[0, {BELOW[name]}\), got {re.escape(repr(value))}"
    with pytest.raises(ValueError, match=message):
        RMSprop(parameters(), **{name: value})
    with pytest.raises(ValueError, match=message):
        RMSprop([{"params": parameters(), name: value}])
    with pytest.raises(ValueError, match=message):  # a default that no group falls back on
        RMSprop([{"params": parameters(), name: 0.5}], **{name: value})
    for steps in (0, 2):
        optimizer = trained(RMSprop, parameters(), steps)
        gradients(optimizer.param_groups[0]["params"], 7)
        optimizer.param_groups[0][name] = value
        assert_step_changes_nothing(optimizer, ValueError, message)


@pytest.mark.parametrize("name", ["alpha", "momentum"])
def test_a_decay_of_one_or_more(name):
    for value in (1, 1.0, 1.5):
        with pytest.raises(ValueError, match=rf"{name} must be in \[0, 1\), got {value}"):
            RMSprop(parameters(), **{name: value})


@pytest.mark.parametrize("name", BELOW)
@pytest.mark.parametrize("value", ["1", None, 1j, Fraction(1, 2), torch.ones(2), np.ones(2) / 9])
def test_no_number(name, value):
    with pytest.raises(
        TypeError, match=f"{name} must be an int, a float or a tensor of one number"
    ):
        RMSprop(parameters(), **{name: value})
    optimizer = RMSprop(parameters())
    gradients(optimizer.param_groups[0]["params"], 7)
    optimizer.param_groups[0][name] = value
    assert_step_changes_nothing(
        optimizer, TypeError, f"{name} must be an int, a float or a tensor of one number"
    )


@pytest.mark.parametrize("name", ["capturable", "differentiable", "foreach"])
def test_what_is_not_offered(name):
    with pytest.raises(TypeError, match=f"{name}=True is not offered here"):
        RMSprop(parameters(), **{name: True})
    with pytest.raises(TypeError, match=f"{name}=True is not offered here"):
        RMSprop([{"params": parameters(), name: True}])
    optimizer, saved = RMSprop(parameters()), TORCH(parameters()).state_dict()
    saved["param_groups"][0][name] = True
    with pytest.raises(TypeError, match=f"{name}=True is not offered here"):
        optimizer.load_state_dict(saved)
    assert not optimizer.param_groups[0][name]


def complex_gradient(theta):
    theta.grad = torch.ones_like(theta)
    theta.grad.data = torch.ones(theta.shape, dtype=torch.complex64)


def sparse_gradient(theta):
    theta.grad = torch.eye(3).to_sparse()


@pytest.mark.parametrize("steps", [0, 2])
@pytest.mark.parametrize("spoil", [complex_gradient, sparse_gradient])
def test_one_bad_gradient_among_good_ones(spoil, steps):
    params = parameters([(2,), (3, 3), (3, 3)])
    groups = [{"params": params[:2]}, {"params": params[2:]}]
    optimizer = trained(RMSprop, groups, steps, **ALL)
    gradients(params[:2], 7)
    params[2].grad = None
    spoil(params[2])
    message = r"each gradient must be dense and of real .* for one of shape \(3, 3\)"
    assert_step_changes_nothing(optimizer, TypeError, message)


BAD_PARAMETERS = [
    (torch.ones(2, dtype=torch.complex64), "complex64"),
    (torch.ones(2, dtype=torch.int64), "int64"),
    (torch.eye(2).to_sparse(), "sparse"),
]


@pytest.mark.parametrize("theta, message", BAD_PARAMETERS)
def test_a_bad_parameter(theta, message):
    with pytest.raises(TypeError, match=f"each parameter must be dense .*{message}"):
        RMSprop([theta])
    optimizer = RMSprop(parameters([(2,)]))
    with pytest.raises(TypeError, match=message):
        optimizer.add_param_group({"params": [theta]})
    assert len(optimizer.param_groups) == 1


def test_a_group_out_of_range_is_not_added():
    optimizer = RMSprop(parameters([(2,)]))
    with pytest.raises(ValueError, match="momentum must be in"):
        optimizer.add_param_group({"params": parameters([(3,)]), "momentum": 1.0})
    assert len(optimizer.param_groups) == 1


def not_loaded(state, message):
    optimizer = trained(RMSprop, parameters([(2,)]), 1)
    before, groups = everything(optimizer), copy.deepcopy(optimizer.param_groups)
    with pytest.raises((TypeError, ValueError), match=message):
        optimizer.load_state_dict(state)
    torch.testing.assert_close(everything(optimizer), before, rtol=0, atol=0)
    assert str(optimizer.param_groups) == str(groups)


def test_what_does_not_fit_is_not_loaded():
    other_shape = trained(TORCH, parameters([(3,)]), 1).state_dict()
    not_loaded(other_shape, r"square_avg must have the shape \(2,\) .* got \(3,\)")
    out_of_range = TORCH(parameters([(2,)]), alpha=1.5).state_dict()
    not_loaded(out_of_range, r"alpha must be in \[0, 1\), got 1.5")
    other_method = trained(torch.optim.Adam, parameters([(2,)]), 1).state_dict()
    not_loaded(other_method, "alpha must be an int, a float or a tensor of one number, got None")
    for kept in ("step", "square_avg"):
        part = trained(TORCH, parameters([(2,)]), 1).state_dict()
        part["state"][0] = {kept: part["state"][0][kept]}
        not_loaded(part, rf"the state must have step and square_avg, got \['{kept}'\]")
    no_tensor = trained(TORCH, parameters([(2,)]), 1, momentum=0.9).state_dict()
    no_tensor["state"][0]["momentum_buffer"] = None
    not_loaded(no_tensor, "momentum_buffer must be a tensor, got None")


def test_what_others_add_to_a_state_does_not_matter():
    saved = trained(TORCH, parameters([(2,)]), 1).state_dict()
    saved["state"][0]["note"] = 7
    optimizers = [cls(parameters([(2,)])) for cls in (RMSprop, TORCH)]
    for optimizer in optimizers:
        optimizer.load_state_dict(copy.deepcopy(saved))
        go_on(optimizer, [1])
        (theta,) = optimizer.param_groups[0]["params"]
        assert optimizer.state[theta].pop("note") == 7
    assert_same_bits(*optimizers)
