"""RMSprop for PyTorch, in one file: the bits of ``torch.optim.RMSprop``, and safer at the edge.

The page "The class from scratch" builds it line by line.
"""

from fractions import Fraction
from math import inf
from numbers import Real

import torch
from torch.optim import Optimizer

__all__ = ["RMSprop"]

BELOW = {"lr": inf, "alpha": 1, "eps": inf, "weight_decay": inf, "momentum": 1}
NOT_OFFERED = {"capturable": False, "foreach": None, "differentiable": False}
ABSENT_ONCE = {"momentum": 0, "centered": False, "maximize": False} | NOT_OFFERED


class RMSprop(Optimizer):
    r"""Stand in for ``torch.optim.RMSprop``: same arguments, same state, same bits.

    The bits are those of torch's for-loop, its default on a CPU, with one exception: where
    rounding makes a centered :math:`v - \mu^2` negative, torch goes on with NaN and this
    class with 0.  A NaN in a gradient is passed on.

    Parameters
    ----------
    params : iterable of tensors, of named tensors, or of groups (dicts)
        Dense, of real floating-point numbers.
    lr, alpha, eps, weight_decay, momentum : float or tensor of one number
        :math:`\eta, \rho, \epsilon, \lambda, \gamma`: finite, not negative, :math:`\rho` and
        :math:`\gamma` below 1.
    centered, maximize : bool
        Subtract the square of the running mean from :math:`v`; go uphill.
    capturable, foreach, differentiable : False or None
        Accepted so that calls carry over; True raises a TypeError.

    Raises
    ------
    TypeError, ValueError
        For a bad setting, parameter, gradient or saved state.  Nothing has changed then.

    Examples
    --------
    >>> theta = torch.zeros(2, requires_grad=True)
    >>> optimizer = RMSprop([theta], lr=0.1)
    >>> (theta * torch.tensor([5.0, -0.01])).sum().backward()
    >>> optimizer.step()
    >>> [round(x, 4) for x in theta.tolist()]
    [-1.0, 1.0]
    """

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        defaults = dict(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)
        defaults |= dict(momentum=momentum, centered=centered, maximize=maximize)
        defaults |= dict(capturable=capturable, foreach=foreach, differentiable=differentiable)
        _check_settings(defaults)
        super().__init__(params, defaults)

    def add_param_group(self, param_group):
        """Add a group of parameters; after an error the groups are as they were."""
        super().add_param_group(param_group)
        try:
            _check_settings(self.param_groups[-1])
            _check_real("parameter", self.param_groups[-1]["params"])
        except (TypeError, ValueError):
            self.param_groups.pop()
            raise

    def __setstate__(self, state):
        """Take over what was saved or copied, also by an old torch, if it fits."""
        for group in state["param_groups"]:
            group |= ABSENT_ONCE | group
            _check_settings(group)
            for theta in group["params"]:
                if memory := state["state"].get(theta):
                    _check_memory(memory, theta)
                    if not isinstance(memory["step"], torch.Tensor):
                        memory["step"] = _counter(memory["step"])
        super().__setstate__(state)

    @torch.no_grad()
    def step(self, closure=None):
        """Take one step; return the loss of `closure`, which computes the gradients anew."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:  # all checks come before all changes
            _check_settings(group)
            grads = [theta.grad for theta in group["params"] if theta.grad is not None]
            _check_real("gradient", grads)
        for group in self.param_groups:
            for theta in group["params"]:
                if theta.grad is not None:
                    _update(theta, self._memory(theta, group), group)
        return loss

    def _memory(self, theta, group):
        """Return the state of a parameter; each part is zero when it is first needed."""
        memory = self.state[theta]
        if "step" not in memory:
            memory["step"] = _counter(0)
            memory["square_avg"] = torch.zeros_like(theta)
        if group["momentum"] and "momentum_buffer" not in memory:
            memory["momentum_buffer"] = torch.zeros_like(theta)
        if group["centered"] and "grad_avg" not in memory:
            memory["grad_avg"] = torch.zeros_like(theta)
        return memory


def _update(theta, memory, group):
    """Change a parameter and its state: torch's operations, in torch's order."""
    lr, alpha, momentum = group["lr"], group["alpha"], group["momentum"]
    g, v = theta.grad, memory["square_avg"]
    memory["step"] += 1
    if g.dtype != theta.dtype:  # bfloat16 gradients of float32 parameters
        g = g.to(torch.promote_types(g.dtype, theta.dtype))
    if group["maximize"]:
        g = -g
    if group["weight_decay"]:
        g = g.add(theta, alpha=group["weight_decay"])
    v.mul_(alpha).addcmul_(g, g, value=1 - alpha)
    if group["centered"]:
        mean = memory["grad_avg"].lerp_(g, 1 - alpha)
        root = v.addcmul(mean, mean, value=-1).clamp_(min=0).sqrt_()
    else:
        root = v.sqrt()
    root.add_(group["eps"])
    if momentum:
        u = memory["momentum_buffer"].mul_(momentum).addcdiv_(g, root)
        theta.add_(u, alpha=-lr)
    else:
        theta.addcdiv_(g, root, value=-lr)


def _counter(start):
    dtype = torch.promote_types(torch.get_default_dtype(), torch.float32)
    return torch.tensor(float(start), dtype=dtype, device="cpu")


def _check_settings(group):
    """Check the settings of a group, and make a tensor of one number a scalar."""
    for name, below in BELOW.items():
        value = group.get(name)
        tensor = isinstance(value, torch.Tensor)
        number = isinstance(value, Real) and not isinstance(value, Fraction)
        if not (value.numel() == 1 if tensor else number):
            kinds = "an int, a float or a tensor of one number"
            raise TypeError(f"{name} must be {kinds}, got {value!r}")
        if tensor and value.ndim:  # torch's operations take a number only
            group[name] = value = value.squeeze()
        if tensor and torch.compiler.is_compiling():  # its value is not known yet
            continue
        if not 0 <= value < below:
            raise ValueError(f"{name} must be in [0, {below}), got {value!r}")
    for name in NOT_OFFERED:
        if group[name]:
            raise TypeError(f"{name}=True is not offered here: leave it out, or use torch.optim")


def _check_memory(memory, theta):
    if not {"step", "square_avg"} <= memory.keys():
        raise ValueError(f"the state must have step and square_avg, got {list(memory)}")
    for name in memory.keys() & {"square_avg", "momentum_buffer", "grad_avg"}:
        if not isinstance(memory[name], torch.Tensor):
            raise TypeError(f"{name} must be a tensor, got {memory[name]!r}")
        shape, due = tuple(memory[name].shape), tuple(theta.shape)
        if shape != due:
            raise ValueError(f"{name} must have the shape {due} of its parameter, got {shape}")


def _check_real(what, tensors):
    for tensor in tensors:
        if tensor.layout is not torch.strided or not tensor.is_floating_point():
            raise TypeError(
                f"each {what} must be dense and of real floating-point numbers, got "
                f"{tensor.layout}, {tensor.dtype} for one of shape {tuple(tensor.shape)}"
            )
