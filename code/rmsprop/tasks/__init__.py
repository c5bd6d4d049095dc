"""Tasks that need no download: small networks with data, documented, seeded and fast.

Each is a problem for :func:`rmsprop.sweep` and :func:`rmsprop.descend`.  All methods of
the chapter are element-wise, so networks stacked along further axes of one array are
independent runs, and rates can be stacked like seeds: one call trains all of them.
Importing this module imports PyTorch, which finds the gradients.
"""

from rmsprop.tasks.adding import Adding
from rmsprop.tasks.delayed_copy import DelayedCopy
from rmsprop.tasks.digits import Digits
from rmsprop.tasks.drift import Drift, Scales
from rmsprop.tasks.sparse import Sparse
from rmsprop.tasks.task import Batch, Task

__all__ = ["Adding", "DelayedCopy", "Digits", "Drift", "Scales", "Sparse", "Task", "Batch"]
