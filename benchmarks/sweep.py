"""What a run and step cost in a sweep, beside the plain loop a user would write.

    python benchmarks/sweep.py

Both find the same losses on the bowl in two dimensions.  The sweep does 10,000 runs of
200 steps at once and records the last state; the loop does as many runs as fit into a
moment.  Medians of five, in one process; the ratio is what carries over to other
machines.
"""

from math import sqrt
from statistics import median
from timeit import repeat

import numpy as np

from rmsprop import RMSprop, problems, sweep

RUNS, STEPS, REPEATS, LOOP_RUNS = 10_000, 200, 5, 25
BOWL, START = problems.Quadratic([100, 1]), [1.0, 10.0]
RATES = np.geomspace(1e-3, 1, RUNS)


def plain_loop(rate, rho=0.9, epsilon=1e-8):
    """RMSprop on the bowl with Python floats; returns the loss at the end."""
    (x, y), v_x, v_y = START, 0.0, 0.0
    for _ in range(STEPS):
        g_x, g_y = 100 * x, y
        v_x = rho * v_x + (1 - rho) * g_x * g_x
        v_y = rho * v_y + (1 - rho) * g_y * g_y
        x -= rate * g_x / (sqrt(v_x) + epsilon)
        y -= rate * g_y / (sqrt(v_y) + epsilon)
    return (100 * x * x + y * y) / 2


def nanoseconds(function, runs):
    """Median time of a call, for each run and step."""
    return median(repeat(function, number=1, repeat=REPEATS)) / (runs * STEPS) * 1e9


def main():
    """Measure both, check that they agree, and print a table."""
    some = np.linspace(0, RUNS - 1, LOOP_RUNS).astype(int)
    ours = sweep(RMSprop(RATES), BOWL, np.array(START), STEPS).loss[some]
    theirs = [plain_loop(rate) for rate in RATES[some]]
    # Runs that have begun to swing amplify rounding: compare the sizes of the losses.
    assert np.allclose(np.log1p(ours), np.log1p(theirs), rtol=1e-3, atol=1e-3)
    fast = nanoseconds(lambda: sweep(RMSprop(RATES), BOWL, np.array(START), STEPS), RUNS)
    slow = nanoseconds(lambda: [plain_loop(rate) for rate in RATES[some]], LOOP_RUNS)
    print("| method | ns a run and step | ratio |")
    print("| --- | --- | --- |")
    print(f"| plain Python loop | {slow:.0f} | 1 |")
    print(f"| `sweep`, {RUNS:,} runs at once | {fast:.1f} | {fast / slow:.3f} |")


if __name__ == "__main__":
    main()
