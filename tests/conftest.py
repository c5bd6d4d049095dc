"""The book, built once for all tests that look at it."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from filelock import FileLock
from hypothesis import settings

from book.pages import ROOT

settings.register_profile("fixed", derandomize=True)  # the same examples in every run
settings.load_profile("fixed")

JUPYTER_BOOK = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"


@pytest.fixture(scope="session")
def build(tmp_path_factory, worker_id):
    """Build the book as strictly as can be; only the execution cache is kept.

    Under ``pytest -n`` the first process that needs the book builds it for the others.
    """
    if worker_id == "master":
        return build_anew()
    shared = tmp_path_factory.getbasetemp().parent
    with FileLock(shared / "build.lock"):
        kept = shared / "build.json"
        if not kept.exists():
            kept.write_text(json.dumps(vars(build_anew())), "utf8")
        return SimpleNamespace(**json.loads(kept.read_text("utf8")))


def build_anew():
    """Return what the build said, and its exit code."""
    for folder in ("html", ".doctrees"):
        shutil.rmtree(ROOT / "_build" / folder, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", JUPYTER_BOOK, "build", ".", "-W", "-n", "--keep-going"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf8",
        errors="replace",
    )
    return SimpleNamespace(returncode=done.returncode, stdout=done.stdout)
