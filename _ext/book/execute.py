"""Run the pages: which kept results still hold, and which checks failed.

Jupyter Book runs a page again only if its own cells change. A page also depends on the
package in ``code/``, on the assignments, on the pinned versions, on data files, on
Python, and on what a processor is told to do; a digest of all these names the folder of the
cache. Changed back, the old results are found again. No page shows what it reads in another;
where a check reads one, the tests say whether it still holds, since they run every cell.

A cell tagged ``checks`` is tagged ``raises-exception`` too, so that a reader whose
experiment breaks it can go on. MyST-NB lets it pass without a word, and keeps its
traceback as a good result; so that a strict build fails nevertheless, what such cells
raised is kept with the page in Sphinx's environment and said at every build.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util import logging
from sphinx.util.console import strip_colors
from sphinx_proof.domain import ProofDomain

log = logging.getLogger(__name__)

PROCESSOR = ("ATEN_CPU_CAPABILITY", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES")
DATA = {".csv", ".json", ".jsonl", ".npz", ".toml"}


def inputs(root):
    """Yield every file that a page's results may depend on, beside the page."""
    yield from (root / "requirements.txt", root / "constraints.txt")
    for path in sorted([*(root / "code").rglob("*"), *(root / "assignments").rglob("*")]):
        parts = path.relative_to(root).parts  # not where the book itself lies
        hidden = any(part.startswith((".", "__pycache__")) for part in parts)
        if path.is_file() and not hidden:
            yield path
    yield from data_files(root)


def data_files(root):
    """Return the data that pages read."""
    return sorted(path for path in (root / "chapters").rglob("*") if path.suffix in DATA)


def digest(root, paths, more=""):
    """Return a short digest of files, of their names and of more text."""
    found = sha256(more.encode())
    for path in paths:
        found.update(path.relative_to(root).as_posix().encode())
        found.update(sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


def inputs_digest(root):
    """Return the digest of all that the results of pages may depend on, beside the pages."""
    settings = [f"{name}={os.environ.get(name)}" for name in PROCESSOR]
    return digest(root, inputs(root), "\n".join([sys.version, *settings]))


def cache_folder(root):
    """Return where the results of pages are kept."""
    return root / "_build/.jupyter_cache" / inputs_digest(root)


def name_cache(app, config):
    """Name the cache by the digest; a new one has every page read again."""
    root = Path(app.srcdir)
    config.inputs_digest = inputs_digest(root)
    config.nb_execution_cache_path = str(cache_folder(root))


# Beyond 1000 pages jupyter-cache would delete the oldest. It asks which in two queries, and
# deletes what another process has kept between them, however few there are.
JupyterCacheBase.truncate_caches = lambda cache: None


class Proofs(ProofDomain):
    """The domain of sphinx-proof, whose data the extension merges by itself."""

    def merge_domaindata(self, docnames, otherdata):
        """Merge nothing: the domain itself keeps none."""


def work_side_by_side(app, config):
    """Have Sphinx read pages, and so run them, in several processes, and write them so.

    Twice as many as there are cores: a process waits while its page runs. The pages compute
    with one thread each, since others would only wait for each other.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    app.parallel = 2 * (os.cpu_count() or 1)
    for name in ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering"):
        app.extensions[name].parallel_read_safe = True  # it does not say so, and keeps nothing


def open_cache(app, env, docnames):
    """Make the cache before several processes do."""
    get_cache(app.config.nb_execution_cache_path).db  # noqa: B018 - is made when asked for


def note_failures(app, doctree):
    """Keep with a page which of its checks failed, with their lines."""
    metadata = app.env.metadata[app.env.docname]  # is forgotten and merged with the page
    metadata["failed_checks"] = [
        (cell.line, output.astext())
        for cell in doctree.findall(nodes.container)
        if "tag_checks" in cell["classes"]
        for output in cell.findall(nodes.literal_block)
        if "traceback" in output["classes"]
    ]


def report_failures(app, error):
    """Warn, at every build, of each page that did not run through and each check that failed."""
    if error:
        return
    for docname, metadata in app.env.metadata.items():
        run = NbMetadataCollector.get_exec_data(app.env, docname) or {}
        if run.get("traceback"):
            text = strip_colors(run["traceback"])
            log.warning("the page does not run:\n%s", text, location=docname)
        for line, message in metadata.get("failed_checks", []):
            log.warning("a check fails:\n%s", message, location=(docname, line))
