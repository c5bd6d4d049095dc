"""What a step of RMSprop costs, beside torch.optim and the machine's own limit.

    python benchmarks/step.py           # print tables
    python benchmarks/step.py --save    # and write chapters/step.json, which the book reads

Each process takes the times of all rows in turn; each table has medians over five fresh
processes.  A ratio is against the faster of torch's two paths in the same process, and is
what carries over to other machines.  Run it on a machine that does nothing else: with two
threads, one that has to wait holds up the other.  Where a CUDA device is present the cases
run there too, and where a C++ compiler is, so does ``torch.compile``.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

from rmsprop.pytorch import RMSprop

PROCESSES, TIMES = 5, 15
LARGE = "10,000,000 weights"
CASES = {
    LARGE: [(10_000_000,)],
    "100 tensors of 64x64": 100 * [(64, 64)],
    "MLP 784-128-10": [(128, 784), (128,), (10, 128), (10,)],
}
SIZES = [100_000, 300_000, 1_000_000, 3_000_000, 8_000_000, 9_000_000, 30_000_000]
LOOP, FOREACH, OURS = "torch, for-loop", "torch, foreach", "rmsprop.pytorch"
KEPT, COMPILED = "for-loop, memory kept", "torch.compile"
COPY, PASS = "copy", "pass in place"
# Numbers for each weight that go through the processor, once for each pass over an array;
# the last four touch each array once.
WORDS = {LOOP: 13, FOREACH: 13, KEPT: 13, OURS: 13, COMPILED: 5, COPY: 2, PASS: 2}
# What the C library of Linux does with the memory of a temporary, and how to change that.
NEVER = 2**40
ALLOCATORS = {
    "as it comes": "",
    "huge pages": "glibc.malloc.hugetlb=1",
    "freed memory kept": f"glibc.malloc.mmap_threshold={NEVER}:glibc.malloc.trim_threshold={NEVER}",
}


def parameters(shapes, device):
    """Return parameters with gradients, the same at each call."""
    torch.manual_seed(0)
    params = [torch.randn(shape).to(device) for shape in shapes]
    for theta in params:
        theta.grad = torch.randn(theta.shape).to(device)
    return params


def plain(theta, v, lr=0.01, alpha=0.99, eps=1e-8, root=None):
    """Take a step as torch's for-loop does; put the root into `root`, if that is given."""
    g = theta.grad
    v.mul_(alpha).addcmul_(g, g, value=1 - alpha)
    theta.addcdiv_(g, torch.sqrt(v, out=root).add_(eps), value=-lr)


def rows(case, device):
    """Return for each row a function that takes a step, and the parameters that change."""
    shapes = CASES[case] if case in CASES else [(int(case),)]
    optimizers = {
        LOOP: torch.optim.RMSprop(parameters(shapes, device), foreach=False),
        FOREACH: torch.optim.RMSprop(parameters(shapes, device), foreach=True),
        OURS: RMSprop(parameters(shapes, device)),
    }
    steps = {name: optimizer.step for name, optimizer in optimizers.items()}
    changed = {name: o.param_groups[0]["params"] for name, o in optimizers.items()}
    if case == LARGE:
        changed |= {KEPT: parameters(shapes, device), COMPILED: parameters(shapes, device)}
        (kept,), (compiled,) = changed[KEPT], changed[COMPILED]
        v, w, root = (torch.zeros_like(kept) for _ in range(3))
        steps[KEPT] = lambda: plain(kept, v, root=root)
        if any(map(shutil.which, ("c++", "g++", "cl"))):
            fused = torch.compile(plain)
            steps[COMPILED] = lambda: fused(compiled, w)
        source, target = torch.ones_like(kept), torch.ones_like(kept)
        steps |= {COPY: lambda: target.copy_(source), PASS: lambda: source.mul_(1.0)}
    return steps, changed


def page_faults():
    """Return how many pages of memory this process has asked for; 0 on Windows."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@torch.no_grad()
def measure(case, device):
    """Return for each row milliseconds, page faults and the share of equal weights."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    steps, changed = rows(case, device)
    for step in steps.values():
        step()
    weights = sum(theta.numel() for theta in changed[LOOP])
    repeats = max(1, 400_000 // weights)
    found = {name: {"ms": []} for name in steps}
    for name in steps.keys() & changed.keys():
        pairs = zip(changed[name], changed[LOOP], strict=True)
        found[name]["equal"] = sum((a == b).sum().item() for a, b in pairs) / weights
    for _ in range(TIMES):
        for name, step in steps.items():
            wait()
            faults, begin = page_faults(), perf_counter()
            for _ in range(repeats):
                step()
            wait()
            found[name]["ms"].append((perf_counter() - begin) / repeats * 1e3)
            found[name]["faults"] = (page_faults() - faults) / repeats
    for row in found.values():
        row["ms"] = median(row["ms"])
    return found


def fresh(case, device="cpu", threads=1, tunables=""):
    """Measure in processes of their own; return medians, with ratios and their range."""
    runs = []
    for _ in range(PROCESSES):
        command = [sys.executable, __file__, "--one", str(case), device, str(threads)]
        environment = os.environ | {"GLIBC_TUNABLES": tunables}
        result = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
        runs.append(json.loads(result.stdout))
    best = [min(run[LOOP]["ms"], run[FOREACH]["ms"]) for run in runs]
    table = {}
    for name, row in runs[0].items():
        table[name] = {key: median(run[name][key] for run in runs) for key in row}
        ratios = [run[name]["ms"] / ms for run, ms in zip(runs, best, strict=True)]
        table[name] |= {"ratio": median(ratios), "least": min(ratios), "most": max(ratios)}
    return table


def show(title, table, words=False):
    """Print a table; with `words`, what a row moves and its share of the limit."""
    print(f"\n{title}\n")
    print("| row | ms | ratio | of five | page faults | equal weights | words | of the limit |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, row in table.items():
        cells = [name, f"{row['ms']:.3g}", f"{row['ratio']:.3f}"]
        cells += [f"{row['least']:.3f} to {row['most']:.3f}", f"{row['faults']:.0f}"]
        cells += [f"{row['equal']:.1%}" if "equal" in row else ""]
        if words:
            limit = table[PASS]["ms"] * WORDS[COMPILED] / WORDS[PASS]
            cells += [str(WORDS[name]), f"{limit / row['ms']:.0%}" if "equal" in row else ""]
        print("| " + " | ".join(cells) + " |", flush=True)


def main():
    """Measure everything, print it, and save it if that is asked for."""
    if "--one" in sys.argv:
        case, device, threads = sys.argv[2:]
        torch.set_num_threads(int(threads))
        print(json.dumps(measure(case, device)))
        return
    result = {
        "system": platform.system(),
        "library": " ".join(platform.libc_ver()).strip(),
        "torch": torch.__version__.split("+")[0],
        "vectors": torch.backends.cpu.get_cpu_capability(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "threads": {},
        "allocators": {},
        "sizes": {},
    }
    print(result)
    for threads in (1, 2):
        result["threads"][threads] = {case: fresh(case, threads=threads) for case in CASES}
        for case, table in result["threads"][threads].items():
            show(f"{case}, threads: {threads}", table, words=case == LARGE)
    if result["system"] == "Linux":
        for name, tunables in ALLOCATORS.items():
            result["allocators"][name] = fresh(LARGE, threads=2, tunables=tunables)
            show(f"{LARGE}, threads: 2, allocator: {name}", result["allocators"][name])
    for size in SIZES:
        result["sizes"][size] = fresh(size)
        show(f"{size:,} weights, threads: 1", result["sizes"][size])
    if torch.cuda.is_available():
        result["cuda"] = {case: fresh(case, "cuda") for case in CASES}
        for case, table in result["cuda"].items():
            show(f"{case}, CUDA", table, words=case == LARGE)
    if "--save" in sys.argv:
        file = Path(__file__).parents[1] / "chapters/step.json"
        file.write_text(json.dumps(result, indent=1) + "\n", "utf8", newline="\n")


if __name__ == "__main__":
    main()
