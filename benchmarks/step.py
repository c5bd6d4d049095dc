"""What a step of rmsprop.pytorch.RMSprop costs, beside torch's for-loop.

    python benchmarks/step.py                   # all cases; prints two tables
    python benchmarks/step.py resnet small      # only these

A ratio is the median over 15 pairs, ours and the loop's, that take turns step by step, so
that what else the machine does meets both; its range is the middle half.  Everything is
measured twice: as the machine is, and with one core kept busy by a process that this script
starts.  ``torch.compile(opt.step)``, with the rate as a tensor, takes part where a C++
compiler is.  The last table counts the weights whose bits are those of the loop after 1, 5
and 50 steps.  Nothing is written.
"""

import shutil
import subprocess
import sys
from contextlib import contextmanager
from statistics import quantiles
from time import perf_counter

import torch

from rmsprop.pytorch import RMSprop

PAIRS = 15
LEAST = 0.3  # seconds that one of a pair takes
LOOP, OURS, FOREACH = "torch's loop", "rmsprop.pytorch", "foreach=True"
COMPILED = "torch.compile(opt.step)"
CHECKED = 1, 5, 50


def resnet18():
    """Return the shapes of the weights of ResNet-18 for ImageNet."""

    def convolution(out, into, size):
        return [(out, into, size, size), (out,), (out,)]  # with its batch normalization

    shapes = convolution(64, 3, 7)
    for width, before in [(64, 64), (128, 64), (256, 128), (512, 256)]:
        shapes += convolution(width, before, 3) + 3 * convolution(width, width, 3)
        if width != before:
            shapes += convolution(width, before, 1)
    return [*shapes, (1000, 512), (1000,)]


CASES = {
    "large": ("10 million weights", [(10_000_000,)]),
    "resnet": ("ResNet-18's shapes", resnet18()),
    "many": ("100 of 64x64", 100 * [(64, 64)]),
    "small": ("784-128-10", [(128, 784), (128,), (10, 128), (10,)]),
}


def optimizers(shapes):
    """Return for each row its parameters, with gradients, and a function that takes a step."""
    made = {
        LOOP: lambda params: torch.optim.RMSprop(params, foreach=False),
        OURS: RMSprop,
        FOREACH: lambda params: torch.optim.RMSprop(params, foreach=True),
    }
    if any(map(shutil.which, ("c++", "g++", "cl"))):
        made[COMPILED] = lambda params: RMSprop(params, lr=torch.tensor(0.01))
    rows = {}
    for name, make in made.items():
        params = [torch.zeros(shape) for shape in shapes]
        renew(params, 0)
        step = make(params).step
        rows[name] = params, torch.compile(step) if name == COMPILED else step
    return rows


def renew(params, number):
    """Give the gradients of a step, the same for each row."""
    generator = torch.Generator().manual_seed(number)
    for theta in params:
        if theta.grad is None:
            theta.grad = torch.empty_like(theta)
        theta.grad.normal_(generator=generator)


def equal_bits(shapes):
    """Return for each row the share of weights that are the loop's after some steps."""
    rows, shares = optimizers(shapes), {}
    for number in range(1, CHECKED[-1] + 1):
        for params, step in rows.values():
            renew(params, number)
            step()
        if number in CHECKED:
            flat = {name: torch.cat([t.view(-1) for t in row[0]]) for name, row in rows.items()}
            for name, weights in flat.items():
                share = (weights == flat[LOOP]).double().mean().item()
                shares.setdefault(name, []).append(share)
    return shares


def seconds(steps, repeats):
    """Return the mean time of each of some steps, which take turns."""
    total = [0.0] * len(steps)
    for _ in range(repeats):
        for number, step in enumerate(steps):
            begin = perf_counter()
            step()
            total[number] += perf_counter() - begin
    return [time / repeats for time in total]


def ratios(shapes):
    """Return milliseconds of the loop, and for each row the quartiles of its ratio to it."""
    steps = {name: step for name, (_, step) in optimizers(shapes).items()}
    seconds(steps.values(), 3)  # compiles, makes the state
    (once,) = seconds([steps[LOOP]], 3)
    loop, found = [], {name: [] for name in steps if name != LOOP}
    for _ in range(PAIRS):
        for name, values in found.items():
            theirs, ours = seconds([steps[LOOP], steps[name]], max(1, int(LEAST / once)))
            loop.append(theirs)
            values.append(ours / theirs)
    quartiles = {name: quantiles(values, n=4) for name, values in found.items()}
    return quantiles(loop, n=4)[1] * 1e3, quartiles


@contextmanager
def one_core_busy():
    """Let another process count for as long as the block lasts."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        other.kill()
        other.wait()


def show_ratios(title, cases):
    """Print a table of ratios, a line as soon as it is known."""
    print(
        f"\n{title}\n\n| case | row | ms of the loop | ratio | middle half |\n|---|---|---|---|---|"
    )
    for name, shapes in cases:
        loop, quartiles = ratios(shapes)
        for row, (low, middle, high) in quartiles.items():
            line = [name, row, f"{loop:.3g}", f"{middle:.2f}", f"{low:.2f} to {high:.2f}"]
            print("| " + " | ".join(line) + " |", flush=True)


def main():
    """Measure and print."""
    cases = [CASES[name] for name in sys.argv[1:] or CASES]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads", end=", ")
    print(f"vectors {torch.backends.cpu.get_cpu_capability()}")
    show_ratios("As the machine is", cases)
    with one_core_busy():
        show_ratios("One core busy", cases)
    heads = " | ".join(f"after {number}" for number in CHECKED)
    print(f"\nWeights equal to the loop's\n\n| case | row | {heads} |\n|---|---|---|---|---|")
    for name, shapes in cases:
        for row, shares in equal_bits(shapes).items():
            print(f"| {name} | {row} | " + " | ".join(f"{s:.2%}" for s in shares) + " |")


if __name__ == "__main__":
    with torch.no_grad():
        main()
