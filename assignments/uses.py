"""Say what a submission uses although its assignment does not allow it."""

import sys

from assignments.files import tidy

ALWAYS = {"IPython", "matplotlib"}  # to look at things with
DYNAMIC = ("__import__", "importlib.import_module", "importlib.reload")


def not_allowed(assignment, told):
    """Return sentences; `told` has the names that the sandbox has found in the code."""
    allowed = assignment.imports | set(sys.stdlib_module_names) | ALWAYS
    imports = sorted({str(name) for name in told["imports"]} - allowed - {"", "."})
    found = [f"imports {name}, which is not allowed" for name in imports]
    names = {str(name) for name in told["names"]}
    for name in (*assignment.forbidden, *DYNAMIC):
        if any(is_or_has(used, name) for used in names):
            found.append(f"uses {name}, which is not allowed")
    return [tidy(sentence) for sentence in found[:10]]


def is_or_has(used, name):
    """Tell whether a dotted name is another, also from a module below, or something in it."""
    package, _, last = name.rpartition(".")
    below = package and used.startswith(f"{package}.") and last in used.split(".")
    return used == name or bool(below)
