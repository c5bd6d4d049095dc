"""Make the archive that Gradescope builds an autograder from: one assignment and the grader."""

import zipfile
from secrets import randbelow

from assignments.sandbox import CODE, HERE, PACKAGE

# What the grader needs; the versions are in constraints.txt.
NEEDED = ["ipykernel", "jupyter_client", "jupytext", "nbformat", "numpy", "psutil", "pyyaml"]
SCRIPTS = ["setup.sh", "run_autograder"]


def pack(assignment, path, options):
    """Write the archive; return where it is."""
    package = PACKAGE in assignment.imports
    needed = sorted({*NEEDED, *assignment.imports} - {PACKAGE})
    words = [f"--secret={options.secret}" if options.secret else f"--seed={randbelow(2**48)}"]
    words += [f"--set={name}={text}" for name, text in options.settings]
    texts = {
        "assignment": f"assignments/{assignment.path.name}\n",
        "arguments": "".join(f"{word}\n" for word in words),
        "requirements.txt": "".join(f"{name}\n" for name in needed),
    }
    files = {f"assignments/{p.relative_to(HERE)}": p for p in sorted(HERE.rglob("*.py"))}
    files |= {script: HERE / "gradescope" / script for script in SCRIPTS}
    files[f"assignments/{assignment.path.name}"] = assignment.path
    files["constraints.txt"] = HERE.parent / "constraints.txt"
    if package:
        folders = [CODE / "pyproject.toml", *sorted((CODE / PACKAGE).rglob("*"))]
        for found in folders:
            if found.is_file() and "__pycache__" not in found.parts:
                files[f"code/{found.relative_to(CODE)}"] = found
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
        for name, found in sorted(files.items()):
            archive.write(found, name)
    return path
