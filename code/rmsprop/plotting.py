"""One look for every figure: a method has the same colour and dashes everywhere.

Helpers take an axes, draw one thing on it, and return it.
"""

import matplotlib as mpl
import numpy as np

__all__ = ["style", "look", "contours", "path"]

# Mid-tones, legible on white and on near-black; the dashes carry the same distinction
# for readers who see no colour.
LOOKS = {
    "SGD": {"color": "#7d7d7d", "linestyle": (0, (4, 2))},
    "momentum": {"color": "#a8782e", "linestyle": (0, (1, 1.2))},
    "AdaGrad": {"color": "#d55e00", "linestyle": (0, (6, 1.5, 1.2, 1.5))},
    "RMSprop": {"color": "#2a7de1", "linestyle": "-"},
    "centered": {"color": "#b05cc4", "linestyle": (0, (8, 2))},
    "Adam": {"color": "#1a9850", "linestyle": (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2))},
}

# For curves that are no method: other colours, so that nobody mistakes one for a method.
CYCLE = ["#008b8b", "#c2477f", "#868300", "#6a6fd8", "#8a6d5a"]
DASHES = ["-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (9, 3))]


def style():
    """Draw figures inline as reproducible SVG; call once at the top of a notebook.

    Examples
    --------
    >>> style()
    >>> mpl.rcParams["svg.hashsalt"]
    'rmsprop'
    """
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    set_matplotlib_formats("svg", bbox_inches="tight", metadata={"Date": None})
    mpl.rcParams.update(
        {
            "svg.hashsalt": "rmsprop",  # else the ids in the file are random
            "figure.figsize": (6, 3.5),
            "axes.prop_cycle": mpl.cycler(color=CYCLE, linestyle=DASHES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#8c8c8c",
            "grid.alpha": 0.3,
            "grid.linewidth": 0.6,
            "legend.frameon": False,
            "lines.linewidth": 1.7,
        }
    )


def look(method, **changes):
    """Return the colour and dashes of a method, and its name as the label.

    Parameters
    ----------
    method : str
        One of the keys of ``LOOKS``.
    **changes
        Further line properties of matplotlib, or other values for these.

    Raises
    ------
    ValueError
        If the method is unknown.

    Examples
    --------
    >>> look("RMSprop", label="rho = 0.9")
    {'color': '#2a7de1', 'linestyle': '-', 'label': 'rho = 0.9'}
    """
    if method not in LOOKS:
        raise ValueError(f"method must be one of {', '.join(LOOKS)}, got {method!r}")
    return {**LOOKS[method], "label": method, **changes}


def contours(ax, problem, levels=12):
    """Draw contours of the loss over the present limits of a two-dimensional axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Set its limits first; they stay.
    problem : problem
        Two-dimensional, with a loss of at least 0.
    levels : int
        How many contours; each is the next by the same factor, from the least loss on
        the grid or a 10,000th of the greatest, whichever is more.

    Returns
    -------
    matplotlib.axes.Axes
        The same axes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from rmsprop import problems
    >>> fig, ax = plt.subplots()
    >>> ax = contours(ax, problems.Quadratic([100, 1]))
    >>> ax.get_xlabel()
    '$x$'
    >>> plt.close(fig)
    """
    limits = ax.get_xlim(), ax.get_ylim()
    grid = np.meshgrid(*(np.linspace(*limit, 101) for limit in limits))
    loss = problem.loss(np.array(grid))
    low = max(loss.min(), loss.max() * 1e-4)
    ax.contour(
        *grid,
        loss,
        levels=np.geomspace(low, loss.max(), levels),
        colors="#8c8c8c",
        linewidths=0.7,
        alpha=0.7,
    )
    ax.set(xlim=limits[0], ylim=limits[1], xlabel="$x$", ylabel="$y$")
    return ax


def path(ax, theta, method, **changes):
    """Draw the path of a run in the plane, a dot for each step.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The axes of the plane.
    theta : array, shape (steps + 1, 2)
        The parameters of a :class:`rmsprop.Descent`.
    method : str
        As for :func:`look`.
    **changes
        As for :func:`look`.

    Returns
    -------
    matplotlib.axes.Axes
        The same axes.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots()
    >>> ax = path(ax, np.array([[0.0, 0.0], [1.0, 2.0]]), "SGD")
    >>> ax.lines[0].get_label()
    'SGD'
    >>> plt.close(fig)
    """
    dots = {"marker": ".", "markersize": 4}
    ax.plot(*np.transpose(theta), **dots | look(method, **changes))
    return ax
