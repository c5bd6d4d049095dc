"""The arithmetic of RMSprop for lists of tensors, in place, with the bits of torch's for-loop.

``torch._foreach_mul_`` and its like are torch's own loops over a list of tensors, those
that ``torch.optim`` takes with ``foreach=True``: one call from Python for many tensors.
Their names begin with an underscore since torch does not promise to keep them.
"""

import torch


def update_(
    params,
    grads,
    squares,
    means=None,
    buffers=None,
    *,
    lr,
    alpha,
    eps,
    weight_decay=0.0,
    momentum=0.0,
    maximize=False,
    spare=(None, None),
):
    r"""Take one step of RMSprop in place, on each tensor of a list.

    .. math::

        \begin{aligned}
        g &\leftarrow \pm g + \lambda\theta, \qquad
        v \leftarrow \rho v + (1-\rho)\, g^2, \qquad
        \mu \leftarrow \mu + (1-\rho)(g - \mu), \\
        u &\leftarrow \gamma u + g / \bigl(\sqrt{\max(v - \mu^2, 0)} + \epsilon\bigr), \qquad
        \theta \leftarrow \theta - \eta\, u .
        \end{aligned}

    These are the operations of torch 2.13, in its order, so that each rounds as it does
    there.  Nothing is checked.

    Parameters
    ----------
    params, grads, squares : lists of tensors
        :math:`\theta`, :math:`g` (which stays as it is) and :math:`v`, in threes of one shape.
    means, buffers : lists of tensors, optional
        :math:`\mu` for the centered form, else it is 0; :math:`u` for momentum.
    lr, alpha, eps, weight_decay, momentum : float
        :math:`\eta, \rho, \epsilon, \lambda` and :math:`\gamma`.
    maximize : bool
        Whether to change the sign of the gradient.
    spare : pair of tensors, optional
        Memory to put intermediate results in, if the lists hold one flat tensor each.

    Examples
    --------
    >>> theta, g, v = torch.tensor([1.0]), torch.tensor([5.0]), torch.tensor([0.0])
    >>> update_([theta], [g], [v], lr=0.1, alpha=0.99, eps=0.0)
    >>> round(theta.item(), 4), round(v.item(), 4)
    (0.0, 0.25)
    """
    if maximize:
        grads = _new("neg", grads, out=spare[0])
    if weight_decay:
        grads = _new("add", grads, params, alpha=weight_decay, out=spare[0])
    _scale_(squares, alpha)
    torch._foreach_addcmul_(squares, grads, grads, value=1 - alpha)
    if means is None:
        roots = _new("sqrt", squares, out=spare[1])
    else:
        torch._foreach_lerp_(means, grads, 1 - alpha)
        roots = _new("addcmul", squares, means, means, value=-1, out=spare[1])
        torch._foreach_clamp_min_(roots, 0)  # rounding can make the difference negative
        torch._foreach_sqrt_(roots)
    torch._foreach_add_(roots, eps)
    if buffers is None:
        torch._foreach_addcdiv_(params, grads, roots, value=-lr)
    else:
        _scale_(buffers, momentum)
        torch._foreach_addcdiv_(buffers, grads, roots)
        torch._foreach_add_(params, buffers, alpha=-lr)


def _scale_(tensors, factor):
    """Multiply each tensor by a number, as `tensor.mul_` does.

    Given the number itself, torch's loop on the CPU would convert it for each tensor anew,
    and for 16-bit tensors to 16 bits.
    """
    wide = torch.promote_types(tensors[0].dtype, torch.float32)
    torch._foreach_mul_(tensors, torch.scalar_tensor(factor, dtype=wide, device="cpu"))


def _new(name, *lists, out, **options):
    """Apply an operation to each tensor of a list; the result is new, or lies in `out`."""
    if out is None:
        return getattr(torch, f"_foreach_{name}")(*lists, **options)
    block = [tensor for (tensor,) in lists]
    return [getattr(torch, name)(*block, **options, out=out[: len(block[0])])]
