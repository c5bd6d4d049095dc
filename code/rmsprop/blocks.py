"""Cut tensors into lists that fit a processor's cache.

An optimizer makes several passes over its arrays.  Each pass over a large array fetches it
from main memory again; passes over a block of it find the block in the cache.
"""

from collections import defaultdict

import torch

BLOCK = 2**21  # bytes of one array: a block of each array of a step fits a usual cache
SMALL = 2**20  # bytes of tensors that are worked on together, each with new memory
NONE = None, None


def batches(rows, spares):
    """Yield lists of tensors to work on at a time, and spare memory for each list.

    Parameters
    ----------
    rows : list of tuples of tensors
        A parameter, its gradient and its state, all of one shape.
    spares : dict
        Keeps the spare memory from call to call; empty at first.

    Yields
    ------
    batch : list of tuples of tensors
        Small tensors of one dtype together; or a block of a large one, as a flat view.
        Off the CPU, all tensors of a device and dtype.
    spare : pair of tensors
        As large as a block; or of None, for tensors that are not cut.

    Examples
    --------
    >>> small, large = torch.zeros(3, 2), torch.zeros(600, 1000)
    >>> rows = [(small,), (large,), (small,)]
    >>> [[tuple(tensor.shape) for (tensor,) in batch] for batch, spare in batches(rows, {})]
    [[(524288,)], [(75712,)], [(3, 2), (3, 2)]]
    """
    together, filled = defaultdict(list), defaultdict(int)
    for row in rows:
        theta, size = row[0], row[0].nbytes
        kind = theta.device, theta.dtype
        if theta.is_cpu and size > SMALL:
            yield from _cut(row, spares)
            continue
        if theta.is_cpu and filled[kind] + size > SMALL:
            yield together.pop(kind), NONE
            filled[kind] = 0
        together[kind].append(row)
        filled[kind] += size
    for batch in together.values():
        yield batch, NONE


def _cut(row, spares):
    """Yield the blocks of a large tensor, or all of it where that would not be safe."""
    dtype = row[0].dtype
    # Torch rounds 16-bit numbers in two ways, one for what fills its vectors and one for
    # the rest: where a block ends would show in the last bit.
    if dtype.itemsize < 4 or not all(tensor.is_contiguous() for tensor in row):
        yield [row], NONE
        return
    size = BLOCK // dtype.itemsize
    if dtype not in spares:
        spares[dtype] = torch.empty(size, dtype=dtype), torch.empty(size, dtype=dtype)
    for block in zip(*(tensor.view(-1).split(size) for tensor in row), strict=True):
        yield [block], spares[dtype]
