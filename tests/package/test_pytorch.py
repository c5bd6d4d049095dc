"""rmsprop.pytorch.RMSprop is torch.optim.RMSprop to the last bit, and safer at the edge."""

import copy
import io
import pickle
import re
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from rmsprop import blocks
from rmsprop.pytorch import RMSprop

TORCH = torch.optim.RMSprop
OPTIONS = [
    {"momentum": momentum, "centered": centered, "weight_decay": decay, "maximize": maximize}
    for momentum, centered, decay, maximize in product(
        (0, 0.9), (False, True), (0, 0.1), (False, True)
    )
]
ALL = OPTIONS[-1]
SHAPES = [(), (0,), (1,), (7,), (3, 5), (64, 65), (2, 3, 11, 13)]


@pytest.fixture
def small_blocks(monkeypatch):
    """Cut tensors of more than 256 numbers in float32, at no power of two."""
    monkeypatch.setattr(blocks, "SMALL", 1024)
    monkeypatch.setattr(blocks, "BLOCK", 8 * 131)


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
    for step in range(steps):
        gradients(params, step)
        optimizer.step()
    return optimizer


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


@pytest.mark.parametrize("foreach", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_option_in_blocks(options, dtype, foreach, small_blocks):
    ours = trained(RMSprop, parameters(dtype=dtype), **options)
    theirs = trained(TORCH, parameters(dtype=dtype), foreach=foreach, **options)
    assert_same_bits(ours, theirs)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [OPTIONS[0], ALL], ids=str)
def test_blocks_of_the_usual_size(options, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    shapes = [(1_300_001,), (300, 1000), (5,)]
    ours = trained(RMSprop, parameters(shapes), 3, **options)
    theirs = trained(TORCH, parameters(shapes), 3, **options)
    torch.set_num_threads(before)
    assert_same_bits(ours, theirs)


@pytest.mark.parametrize("size", [*range(250, 300), 393, 394, 1000])
def test_sizes_around_a_block(size, small_blocks):
    ours = trained(RMSprop, parameters([(size,)]), 3, **ALL)
    theirs = trained(TORCH, parameters([(size,)]), 3, **ALL)
    assert_same_bits(ours, theirs)


# Torch rounds these in another way at the end of a tensor than within: they stay whole.
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_half_precision(dtype, options, small_blocks):
    options = options | {"eps": 1e-3, "alpha": 0.9}  # 1e-8 is 0 in float16
    ours = trained(RMSprop, parameters(dtype=dtype), **options)
    theirs = trained(TORCH, parameters(dtype=dtype), **options)
    assert_same_bits(ours, theirs)


def test_dtypes_side_by_side(small_blocks):
    def mixed():
        return parameters() + parameters(dtype=torch.float64) + parameters(dtype=torch.bfloat16)

    assert_same_bits(trained(RMSprop, mixed(), **ALL), trained(TORCH, mixed(), **ALL))


LAYOUTS = {
    "transposed": lambda t: t.t(),
    "every other": lambda t: t[:, ::2],
    "as it is": lambda t: t,
}


@pytest.mark.parametrize("of_gradient", LAYOUTS)
@pytest.mark.parametrize("of_parameter", LAYOUTS)
def test_memory_layouts(of_parameter, of_gradient, small_blocks):
    def params():
        base = torch.randn(44, 44, generator=torch.Generator().manual_seed(0))
        if of_parameter == "every other":
            base = base.repeat_interleave(2, dim=1)
        return [LAYOUTS[of_parameter](base).requires_grad_()]

    def strided(params, step):
        g = torch.randn(44, 44, generator=torch.Generator().manual_seed(step))
        if of_gradient == "every other":
            g = g.repeat_interleave(2, dim=1)
        params[0].grad = LAYOUTS[of_gradient](g)

    ours = trained(RMSprop, params(), gradients=strided, **ALL)
    theirs = trained(TORCH, params(), gradients=strided, **ALL)
    assert_same_bits(ours, theirs)
    assert params()[0].is_contiguous() == (of_parameter == "as it is")


def test_channels_last(small_blocks):
    def params():
        (weight,) = parameters([(8, 6, 3, 3)])
        return [weight.detach().to(memory_format=torch.channels_last).requires_grad_()]

    ours, theirs = trained(RMSprop, params(), **ALL), trained(TORCH, params(), **ALL)
    assert_same_bits(ours, theirs)
    (theta,) = ours.param_groups[0]["params"]
    assert ours.state[theta]["square_avg"].stride() == theta.stride()


@given(
    shape=st.lists(st.integers(0, 9), max_size=4),
    lr=st.floats(0, 1e3),
    alpha=st.floats(0, 1, exclude_max=True),
    eps=st.floats(1e-8, 1e3),
    weight_decay=st.floats(0, 10),
    momentum=st.floats(0, 1, exclude_max=True),
    maximize=st.booleans(),
    double=st.booleans(),
)
@settings(deadline=None)
def test_any_setting(shape, double, **options):
    dtype = torch.float64 if double else torch.float32
    ours = trained(RMSprop, parameters([shape], dtype), 3, **options)
    theirs = trained(TORCH, parameters([shape], dtype), 3, **options)
    assert_same_bits(ours, theirs)


def both(**options):
    return [cls(parameters(), **options) for cls in (RMSprop, TORCH)]


def test_groups_with_settings_of_their_own():
    optimizers = []
    for cls in (RMSprop, TORCH):
        first, second, third, *rest = parameters()
        groups = [
            {"params": [first, second], "lr": 0.1, "centered": True},
            {"params": third, "momentum": 0.5, "maximize": True},
        ]
        optimizer = cls(groups, weight_decay=0.01)
        for step in range(6):
            if step == 3:
                optimizer.add_param_group({"params": iter(rest), "alpha": 0.5})
            for group in optimizer.param_groups:
                gradients(group["params"], step)
            optimizer.step()
        optimizers.append(optimizer)
    assert len(optimizers[0].param_groups) == 3
    assert_same_bits(*optimizers)


def test_named_parameters():
    optimizers = []
    for cls in (RMSprop, TORCH):
        model = torch.nn.Linear(3, 2)
        optimizers.append(cls(model.named_parameters()))
    assert optimizers[0].param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizers[1].param_groups[0]["param_names"] == ["weight", "bias"]


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


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    optimizers = both(momentum=0.9)
    for optimizer in optimizers:
        schedule = SCHEDULES[name](optimizer)
        for step in range(10):
            gradients(optimizer.param_groups[0]["params"], step)
            optimizer.step()
            schedule.step()
    assert_same_bits(*optimizers)
    assert optimizers[0].param_groups[0]["lr"] == optimizers[1].param_groups[0]["lr"]


def test_momentum_may_begin_later():
    optimizer = trained(RMSprop, parameters(), 2)
    optimizer.param_groups[0]["momentum"] = 0.9  # torch would miss the buffer
    params = optimizer.param_groups[0]["params"]
    gradients(params, 2)
    optimizer.step()
    assert all(torch.isfinite(theta).all() for theta in params)
    assert "momentum_buffer" in optimizer.state[params[0]]


def saved_and_read(optimizer):
    file = io.BytesIO()
    torch.save(optimizer.state_dict(), file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("before", [RMSprop, TORCH])
@pytest.mark.parametrize("after", [RMSprop, TORCH])
@pytest.mark.parametrize("options", [OPTIONS[0], ALL], ids=str)
def test_each_loads_what_the_other_saved(before, after, options):
    reference = trained(TORCH, parameters(), 12, **options)
    first = trained(before, parameters(), 6, **options)
    second = after([theta.detach().requires_grad_() for theta in first.param_groups[0]["params"]])
    second.load_state_dict(saved_and_read(first))
    for step in range(6, 12):
        gradients(second.param_groups[0]["params"], step)
        second.step()
    assert_same_bits(second, reference)
    assert second.param_groups[0]["alpha"] == 0.99


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_a_copy_goes_on_alone(copied):
    optimizer = trained(RMSprop, parameters([(300_000,)]), 2, **ALL)
    twin = copied(optimizer)
    for each in (optimizer, twin):
        gradients(each.param_groups[0]["params"], 2)
        each.step()
    assert_same_bits(twin, optimizer)


@pytest.mark.parametrize("default", [torch.float64, torch.bfloat16])
def test_other_default_dtypes(default):
    torch.set_default_dtype(default)
    try:
        ours, theirs = trained(RMSprop, parameters()), trained(TORCH, parameters())
    finally:
        torch.set_default_dtype(torch.float32)
    assert_same_bits(ours, theirs)


def test_the_default_device_plays_no_part():
    optimizer = RMSprop(parameters(), momentum=0.9)
    params = optimizer.param_groups[0]["params"]
    for step in range(2):
        gradients(params, step)
        with torch.device("meta"):
            optimizer.step()
    assert_same_bits(optimizer, trained(TORCH, parameters(), 2, momentum=0.9))


def test_off_the_cpu_tensors_are_neither_cut_nor_split_up(small_blocks):
    rows = [(torch.empty(1000, device="meta", dtype=dtype),) for dtype in 2 * [torch.float32]]
    rows += [(torch.empty(3, device="meta", dtype=torch.float64),)]
    assert list(blocks.batches(rows, {})) == [(rows[:2], blocks.NONE), (rows[2:], blocks.NONE)]


def test_small_tensors_are_worked_on_together_and_large_ones_in_blocks(small_blocks):
    rows = [(theta,) for theta in parameters([(100,), (100,), (300,), (100,), (100,), (100,)])]
    sizes = [[len(tensor) for (tensor,) in batch] for batch, _ in blocks.batches(rows, {})]
    assert sizes == [[262], [38], [100, 100], [100, 100], [100]]


def test_spare_memory_is_kept():
    optimizer = trained(RMSprop, parameters([(300_000,)]), 1)
    (kept,) = optimizer._spares.values()
    gradients(optimizer.param_groups[0]["params"], 1)
    optimizer.step()
    assert optimizer._spares[torch.float32] is kept


def test_hooks_and_profiles_of_torch():
    optimizer, seen = RMSprop(parameters()), []
    optimizer.register_step_pre_hook(lambda *_: seen.append("before"))
    optimizer.register_step_post_hook(lambda *_: seen.append("after"))
    gradients(optimizer.param_groups[0]["params"], 0)
    optimizer.step()
    optimizer.zero_grad()
    assert seen == ["before", "after"]
    assert all(theta.grad is None for theta in optimizer.param_groups[0]["params"])


def test_the_signature_is_that_of_the_contract():
    assert repr(RMSprop.__init__.__defaults__) == "(0.01, 0.99, 1e-08, 0, 0, False)"
    assert RMSprop.__init__.__kwdefaults__ == {"maximize": False}
    ours, theirs = both()
    assert ours.defaults == {name: theirs.defaults[name] for name in ours.defaults}


def test_no_torch_without_need():
    code = "import rmsprop, sys; print('torch' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


# Where the two part: a variance that rounding has made negative.


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


NUMBERS = {"lr": "inf", "alpha": "1", "eps": "inf", "weight_decay": "inf", "momentum": "1"}


@pytest.mark.parametrize("name, below", list(NUMBERS.items()))
@pytest.mark.parametrize("value", [-1e-9, -1, float("nan"), float("inf"), float("-inf")])
def test_a_number_out_of_range(name, below, value):
    message = rf"{name} must be in \[0, {below}\), got {re.escape(str(value))}"
    with pytest.raises(ValueError, match=message):
        RMSprop(parameters(), **{name: value})
    with pytest.raises(ValueError, match=message):
        RMSprop([{"params": parameters(), name: value}])
    with pytest.raises(ValueError, match=message):  # a default that no group falls back on
        RMSprop([{"params": parameters(), name: 0.5}], **{name: value})
    optimizer = RMSprop(parameters())
    optimizer.param_groups[0][name] = value
    assert_step_changes_nothing(optimizer, ValueError, message)


@pytest.mark.parametrize("name", ["alpha", "momentum"])
def test_a_decay_of_one_or_more(name):
    for value in (1, 1.0, 1.5):
        with pytest.raises(ValueError, match=rf"{name} must be in \[0, 1\), got {value}"):
            RMSprop(parameters(), **{name: value})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["1", None, 1j, True, torch.tensor(0.1), np.array([0.1, 0.2])])
def test_no_number(name, value):
    message = f"{name} must be a real number"
    with pytest.raises(TypeError, match=message):
        RMSprop(parameters(), **{name: value})
    optimizer = RMSprop(parameters())
    optimizer.param_groups[0][name] = value
    assert_step_changes_nothing(optimizer, TypeError, message)


@pytest.mark.parametrize("name", ["centered", "maximize"])
def test_a_flag_that_is_no_bool(name):
    with pytest.raises(TypeError, match=f"{name} must be True or False, got 1"):
        RMSprop(parameters(), **{name: 1})


@pytest.mark.parametrize("name", ["capturable", "differentiable", "foreach"])
def test_what_is_not_offered(name):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        RMSprop(parameters(), **{name: True})
    with pytest.raises(TypeError, match=f"{name} is not offered here"):
        RMSprop([{"params": parameters(), name: True}])
    optimizer, saved = RMSprop(parameters()), TORCH(parameters()).state_dict()
    saved["param_groups"][0][name] = True
    with pytest.raises(TypeError, match=f"{name} is not offered here"):
        optimizer.load_state_dict(saved)
    assert name not in optimizer.param_groups[0]


def everything(optimizer):
    groups = [[theta.detach().clone() for theta in g["params"]] for g in optimizer.param_groups]
    return groups, copy.deepcopy(optimizer.state_dict()["state"])


def assert_step_changes_nothing(optimizer, error, message):
    for group in optimizer.param_groups:
        for number, theta in enumerate(group["params"]):
            if theta.grad is None:
                gradients(group["params"][number : number + 1], 7)
    before = everything(optimizer)
    with pytest.raises(error, match=message):
        optimizer.step()
    torch.testing.assert_close(everything(optimizer), before, rtol=0, atol=0)


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
    optimizer = trained(RMSprop, groups, 0, **ALL)
    for step in range(steps):
        gradients(params, step)
        optimizer.step()
    for theta in params:
        theta.grad = None
    spoil(params[2])
    message = r"each gradient must be dense and of real .* for one of shape \(3, 3\)"
    assert_step_changes_nothing(optimizer, TypeError, message)


BAD_PARAMETERS = [
    (torch.ones(2, dtype=torch.complex64), TypeError, "complex64"),
    (torch.ones(2, dtype=torch.int64), TypeError, "int64"),
    (torch.eye(2).to_sparse(), TypeError, "sparse"),
]


@pytest.mark.parametrize("theta, error, message", BAD_PARAMETERS)
def test_a_bad_parameter(theta, error, message):
    with pytest.raises(error, match=f"each parameter must be dense .*{message}"):
        RMSprop([theta])
    optimizer = RMSprop(parameters([(2,)]))
    with pytest.raises(error, match=message):
        optimizer.add_param_group({"params": [theta]})
    assert len(optimizer.param_groups) == 1


def test_a_group_out_of_range_is_not_added():
    optimizer = RMSprop(parameters([(2,)]))
    with pytest.raises(ValueError, match="momentum must be in"):
        optimizer.add_param_group({"params": parameters([(3,)]), "momentum": 1.0})
    assert len(optimizer.param_groups) == 1


def test_a_state_of_another_shape_is_not_loaded():
    optimizer = trained(RMSprop, parameters([(2,)]), 1)
    before = everything(optimizer)
    saved = trained(TORCH, parameters([(3,)]), 1).state_dict()
    with pytest.raises(ValueError, match=r"square_avg must have the shape \(2,\) .* got \(3,\)"):
        optimizer.load_state_dict(saved)
    torch.testing.assert_close(everything(optimizer), before, rtol=0, atol=0)


def test_a_state_of_another_method_or_without_a_setting_is_not_loaded():
    optimizer = RMSprop(parameters())
    with pytest.raises(ValueError, match="a group needs alpha, momentum, centered, got lr, betas"):
        optimizer.load_state_dict(torch.optim.Adam(parameters()).state_dict())
    saved = optimizer.state_dict()
    del saved["param_groups"][0]["maximize"]
    with pytest.raises(ValueError, match="a group needs maximize, got lr"):
        optimizer.load_state_dict(saved)


def test_settings_out_of_range_are_not_loaded():
    optimizer, saved = RMSprop(parameters()), TORCH(parameters(), alpha=1.5).state_dict()
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\), got 1.5"):
        optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["alpha"] == 0.99
