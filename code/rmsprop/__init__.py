"""RMSprop and its relatives in NumPy, written to be read.

The package behind the chapter: four optimizers that share one loop
(:mod:`rmsprop.optimizer`), the exponential average they are made of
(:mod:`rmsprop.averages`), problems to try them on (:mod:`rmsprop.problems`), and
two ways to run them (:func:`descend` keeps everything of one run, :func:`sweep`
runs thousands of settings at once).

:mod:`rmsprop.pytorch` has RMSprop once more, for PyTorch; it is imported by its own name,
since that takes seconds.  What the rest leaves out: anything that needs a GPU, automatic
differentiation, and weight decay.
"""

from rmsprop import averages, problems
from rmsprop.adagrad import AdaGrad
from rmsprop.adam import Adam
from rmsprop.descent import Descent, Sweep, descend, sweep
from rmsprop.rmsprop import RMSprop
from rmsprop.sgd import SGD

__all__ = [
    "SGD",
    "AdaGrad",
    "RMSprop",
    "Adam",
    "descend",
    "sweep",
    "Descent",
    "Sweep",
    "averages",
    "problems",
]
