"""Make the execution cache notice what the pages depend on.

Jupyter Book runs a page again only if its own cells change. A page also depends on
the package in ``code/``, on the assignments, on the installed versions, on data files
beside it, and on Python; a digest of all these names the folder of the cache. Changed
back, the old results are found again.
"""

import sys
from hashlib import sha256
from pathlib import Path

DATA = {".csv", ".json", ".npz", ".toml"}


def inputs(root):
    """Yield every file that a page's results may depend on, beside the page."""
    yield from (root / "requirements.txt", root / "constraints.txt")
    for path in sorted([*(root / "code").rglob("*"), *(root / "assignments").rglob("*")]):
        parts = path.relative_to(root).parts  # not where the book itself lies
        hidden = any(part.startswith((".", "__pycache__")) for part in parts)
        if path.is_file() and not hidden:
            yield path
    for path in sorted((root / "chapters").rglob("*")):
        if path.suffix in DATA:
            yield path


def name_cache(app, config):
    """Name the cache by the digest; a new one has every page read again."""
    root = Path(app.srcdir)
    digest = sha256(sys.version.encode())
    for path in inputs(root):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(sha256(path.read_bytes()).digest())
    config.inputs_digest = digest.hexdigest()[:12]
    cache = root / "_build" / ".jupyter_cache" / config.inputs_digest
    config.nb_execution_cache_path = str(cache)


def setup(app):
    """Run before myst_nb looks for its cache."""
    app.add_config_value("inputs_digest", "", "env", [str])
    app.connect("config-inited", name_cache, priority=0)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
