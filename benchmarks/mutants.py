"""Change the package a little, again and again, to see whether a test notices each time.

    python benchmarks/mutants.py                # 30 changes, drawn by a seed
    python benchmarks/mutants.py 100 --seed 1

A change swaps an operator or a comparison, or alters a number; each is tried on a copy of the
package with its doctests and the tests of ``tests/package``, those that are fast before those
that are slow, up to the first that fails. Survivors are listed at the end.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ["adagrad", "adam", "averages", "descent", "optimizer", "problems", "pytorch"]
MODULES += ["rmsprop", "sgd", "validation"]
SLOW = ["test_against_torch", "test_schedules", "test_pytorch", "test_libraries"]
LEFT_OUT = ["test_compare", "test_tasks"]  # of other modules
SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def places(tree):
    """Return the nodes of a module that can be changed, outside of strings and annotations."""
    found = []
    for node in ast.walk(tree):
        operator = getattr(node, "op", None) or getattr(node, "ops", [None])[0]
        number = isinstance(node, ast.Constant) and type(node.value) in (int, float, bool)
        if type(operator) in SWAPS or number:
            found.append(node)
    return found


def change(node):
    """Change a node in place."""
    if isinstance(node, ast.Constant):
        flip = isinstance(node.value, bool)
        node.value = not node.value if flip else (node.value * 2 or 1)
    elif isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    else:
        node.op = SWAPS[type(node.op)]()


def mutants(size, seed):
    """Yield a module's name, line and changed text for each change drawn."""
    drawn = [
        (name, index) for name in MODULES for index in range(len(places(ast.parse(source(name)))))
    ]
    for name, index in random.Random(seed).sample(drawn, size):
        tree = ast.parse(source(name))
        node = places(tree)[index]
        before = ast.unparse(node)
        change(node)
        yield name, f"line {node.lineno}: {before} -> {ast.unparse(node)}", ast.unparse(tree)


def source(name):
    """Return the text of a module of the package."""
    return (ROOT / f"code/rmsprop/{name}.py").read_text("utf8")


def survives(name, text):
    """Tell whether all tests of the package pass with a module's text replaced."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("code", "tests", "_ext", "benchmarks", "chapters", "assets"):
            shutil.copytree(ROOT / part, copy / part)
        for part in ("conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / part, copy)
        (copy / f"code/rmsprop/{name}.py").write_text(text, "utf8")
        names = [path.stem for path in sorted((copy / "tests/package").glob("test_*.py"))]
        fast = [test for test in names if test not in SLOW + LEFT_OUT]
        fast, slow = ([f"tests/package/{test}.py" for test in part] for part in (fast, SLOW))
        return passes(copy, ["code", *fast]) and passes(copy, slow)


def passes(folder, tests):
    """Tell whether tests pass in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "code")},
        capture_output=True,
    )
    return done.returncode == 0


def main():
    """Try the changes; say which survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("size", type=int, nargs="?", default=30)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    alive = []
    for number, (name, what, text) in enumerate(mutants(options.size, options.seed), start=1):
        lives = survives(name, text)
        outcome = "SURVIVES" if lives else "noticed"
        print(f"{number}/{options.size} {name}, {what}: {outcome}", flush=True)
        alive += [f"{name}, {what}"] if lives else []
    print(f"{options.size - len(alive)} of {options.size} noticed; survivors:", *alive, sep="\n")


if __name__ == "__main__":
    main()
