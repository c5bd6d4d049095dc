"""RMSprop for PyTorch: the bits of ``torch.optim.RMSprop``, in less time.

The class checks its input and keeps the state.  The arithmetic is in
:mod:`rmsprop.foreach`; :mod:`rmsprop.blocks` cuts the tensors into pieces for it.
"""

from math import inf
from numbers import Real

import torch
from torch.optim import Optimizer

from rmsprop.blocks import batches
from rmsprop.foreach import update_
from rmsprop.validation import flag, in_range

__all__ = ["RMSprop"]

RANGES = {"lr": inf, "alpha": 1, "eps": inf, "weight_decay": inf, "momentum": 1}
FLAGS = "centered", "maximize"
NOT_OFFERED = "capturable", "differentiable", "foreach"
ONE = torch.tensor(1.0, device="cpu")


class RMSprop(Optimizer):
    r"""RMSprop with the names, order and defaults of ``torch.optim.RMSprop``.

    .. math::

        v_t = \rho v_{t-1} + (1-\rho)\, g_t^2, \qquad
        \theta_t = \theta_{t-1} - \eta\, g_t / (\sqrt{v_t} + \epsilon)

    On a CPU parameters and state are equal in every bit to those of torch's for-loop, its
    default there, with one exception: where rounding makes the centered
    :math:`v_t - \mu_t^2` negative, torch goes on with NaN and this class with 0.  Each can
    load what the other has saved, if it was made with settings that both offer.

    Parameters
    ----------
    params : iterable of tensors or dicts
        Dense and of real floating-point numbers; or groups with settings of their own.
    lr : float
        :math:`\eta \ge 0`, in units of the parameter.
    alpha : float
        Decay :math:`\rho` of the averages, in [0, 1).
    eps : float
        :math:`\epsilon \ge 0`, in units of the gradient.
    weight_decay : float
        :math:`\lambda \ge 0`; :math:`\lambda\theta` is added to the gradient.
    momentum : float
        :math:`\gamma` in [0, 1); the buffer :math:`u_t = \gamma u_{t-1} +
        g_t / (\sqrt{v_t} + \epsilon)` then takes the place of the scaled gradient.
    centered : bool
        Divide by the root of :math:`v_t - \mu_t^2`, where :math:`\mu_t` is the running
        mean of the gradient.
    maximize : bool
        Go uphill.

    Raises
    ------
    TypeError, ValueError
        If a setting is no number or out of range, or a gradient sparse or complex; at the
        start, in a new group or at a step.  Nothing has changed then.

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
        *,
        maximize=False,
    ):
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        _settings(defaults)
        self._spares = {}  # memory for blocks
        super().__init__(params, defaults)

    def add_param_group(self, param_group):
        """Add a group of parameters; after an error the groups are as they were."""
        super().add_param_group(param_group)
        try:
            group = self.param_groups[-1]
            _settings(group)
            _check_real("parameter", group["params"])
        except (TypeError, ValueError):
            self.param_groups.pop()
            raise

    def __setstate__(self, state):
        """Take over a state that was saved or copied, if it fits."""
        for group in state["param_groups"]:
            missing = [name for name in (*RANGES, *FLAGS) if name not in group]
            if missing:
                raise ValueError(f"a group needs {', '.join(missing)}, got {', '.join(group)}")
            _settings(group)
            for theta in group["params"]:
                for name, tensor in state["state"].get(theta, {}).items():
                    if name != "step" and tensor.shape != theta.shape:
                        raise ValueError(
                            f"{name} must have the shape {tuple(theta.shape)} of its "
                            f"parameter, got {tuple(tensor.shape)}"
                        )
        super().__setstate__(state)
        self._spares = {}

    @torch.no_grad()
    def step(self, closure=None):
        """Take one step; return the loss of `closure`, which computes the gradients anew."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # All checks come before all changes.
        work = [(_settings(group), *_with_gradient(group)) for group in self.param_groups]
        for settings, thetas, grads in work:
            lists = {"params": thetas, "grads": grads}
            lists["squares"] = self._memory("square_avg", thetas)
            if settings.pop("centered"):
                lists["means"] = self._memory("grad_avg", thetas)
            if settings["momentum"]:
                lists["buffers"] = self._memory("momentum_buffer", thetas)
            if thetas:
                torch._foreach_add_(self._memory("step", thetas), ONE, alpha=1)
            for batch, spare in batches(zip(*lists.values(), strict=True), self._spares):
                part = dict(zip(lists, zip(*batch, strict=True), strict=True))
                update_(**part, **settings, spare=spare)
        return loss

    def _memory(self, name, thetas):
        """Return one part of the state of each parameter; it is zero at first."""
        try:
            return [self.state[theta][name] for theta in thetas]
        except KeyError:
            for theta in thetas:
                self.state[theta].setdefault(name, _zero(name, theta))
            return [self.state[theta][name] for theta in thetas]


def _zero(name, theta):
    if name != "step":
        return torch.zeros_like(theta)
    dtype = torch.promote_types(torch.get_default_dtype(), torch.float32)
    return torch.zeros((), dtype=dtype, device="cpu")


def _settings(group):
    """Return the settings of a group, checked."""
    for name in NOT_OFFERED:
        if group.get(name):
            raise TypeError(f"{name} is not offered here: leave it out, got {group[name]!r}")
    for name in RANGES:
        if type(group[name]) is not float and not isinstance(group[name], Real):
            raise TypeError(f"{name} must be a real number, got {group[name]!r}")
    numbers = {name: in_range(name, group[name], below) for name, below in RANGES.items()}
    return numbers | {name: flag(name, group[name]) for name in FLAGS}


def _with_gradient(group):
    """Return the parameters of a group that have a gradient, and the gradients, checked."""
    thetas = [theta for theta in group["params"] if theta.grad is not None]
    grads = [theta.grad for theta in thetas]
    _check_real("gradient", grads)
    return thetas, grads


def _check_real(what, tensors):
    for tensor in tensors:
        if tensor.layout is not torch.strided or not tensor.dtype.is_floating_point:
            raise TypeError(
                f"each {what} must be dense and of real floating-point numbers, got "
                f"{tensor.layout}, {tensor.dtype} for one of shape {tuple(tensor.shape)}"
            )
