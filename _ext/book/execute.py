"""Run the pages: which kept results still hold, side by side, and which checks failed.

Jupyter Book runs a page again only if its own cells change. A page also depends on the
package in ``code/``, on the assignments, on the installed versions, on data files, and on
Python; a digest of all these names the folder of the cache. Changed back, the old results
are found again.

A cell tagged ``checks`` is tagged ``raises-exception`` too, so that a reader whose
experiment breaks it can go on. MyST-NB lets it pass without a word, and keeps its
traceback as a good result; so that a strict build fails nevertheless, what such cells
raised is kept with the page in Sphinx's environment and said at every build.
"""

import sys
from hashlib import sha256
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.util import logging

from .pages import Page, tags

log = logging.getLogger(__name__)

DATA = {".csv", ".json", ".jsonl", ".npz", ".toml"}
READER = {"name": "myst_nb_md", "type": "plugin"}  # the name that MyST-NB gives its reader


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


def name_cache(app, config):
    """Name the cache by the digest; a new one has every page read again."""
    root = Path(app.srcdir)
    config.inputs_digest = digest(root, inputs(root), sys.version)
    config.nb_execution_cache_path = str(root / "_build/.jupyter_cache" / config.inputs_digest)


def run_ahead(app, env, docnames):
    """Run those of the pages to be read that the cache does not have, side by side.

    One that fails is run again when Sphinx reads it, which reports the error at its place.
    """
    pages = [Page(Path(env.doc2path(name))) for name in docnames]
    notebooks = [str(page.path) for page in pages if page.executable]
    cache = get_cache(app.config.nb_execution_cache_path)
    for path in notebooks:
        cache.add_nb_to_project(path, read_data=READER)
    if cache.list_unexecuted(filter_uris=notebooks):
        executor = load_executor("local-parallel", cache)
        executor.run_and_cache(filter_uris=notebooks, timeout=app.config.nb_execution_timeout)


def executed(app, docname):
    """Return the notebook of a page with its outputs, which MyST-NB keeps in the cache only."""
    notebook = Page(Path(app.env.doc2path(docname))).read()
    cache = get_cache(app.config.nb_execution_cache_path)
    return cache.merge_match_into_notebook(notebook)[1]


def note_failures(app, doctree):
    """Keep with a page which of its checks failed, with their lines."""
    metadata = app.env.metadata[app.env.docname]  # is forgotten and merged with the page
    if "kernelspec" not in metadata:
        return
    notebook = executed(app, app.env.docname)
    metadata["failed_checks"] = [
        (line, f"{output['ename']}: {output['evalue']}")
        for line, cell in zip(notebook["metadata"]["source_map"], notebook["cells"], strict=True)
        if "checks" in tags(cell)
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]


def report_failures(app, error):
    """Warn, at every build, of each check that failed."""
    if error:
        return
    for docname, metadata in app.env.metadata.items():
        for line, message in metadata.get("failed_checks", []):
            log.warning("a check fails: %s", message, location=(docname, line))
