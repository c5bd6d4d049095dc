"""Run the pages that have to run side by side, before Sphinx reads them one by one.

A page that is in the execution cache already costs nothing. One that fails here is run
again when Sphinx reads it, which then reports the error at its place.
"""

import asyncio
import os
from pathlib import Path
from time import perf_counter

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellTimeoutError, DeadKernelError
from sphinx.util import logging

log = logging.getLogger(__name__)


def run_ahead(app, env, docnames):
    """Execute those of the pages to be read that the cache does not have."""
    cache = get_cache(app.config.nb_execution_cache_path)
    missing = {}
    for name in docnames:
        path = Path(env.doc2path(name))
        text = path.read_text("utf8")
        if not is_myst_markdown_notebook(text):
            continue
        notebook = read_myst_markdown_notebook(text, path=path)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            missing[path] = notebook
    workers = min(os.cpu_count() or 1, len(missing))
    if workers < 2:  # nothing to gain
        return
    log.info("executing %s pages, %s at a time", len(missing), workers)

    for path, seconds in asyncio.run(execute(missing, workers, app.config.nb_execution_timeout)):
        bundle = CacheBundleIn(missing[path], str(path), data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


async def execute(notebooks, workers, timeout):
    """Run notebooks in place, some at a time; return (path, seconds) of those that went well."""
    gate = asyncio.Semaphore(workers)
    done = []

    async def run(path):
        client = NotebookClient(
            notebooks[path],
            timeout=timeout,
            record_timing=False,  # times in the cells would name another cache entry
            extra_arguments=["--log-level=ERROR"],  # no word on how the kernel is reached
            resources={"metadata": {"path": str(path.parent)}},
        )
        async with gate:
            started = perf_counter()
            try:
                await client.async_execute()
            except (CellControlSignal, CellTimeoutError, DeadKernelError):
                return
            done.append((path, perf_counter() - started))

    await asyncio.gather(*map(run, notebooks))
    return done


def setup(app):
    """Run when it is known which pages are out of date."""
    app.connect("env-before-read-docs", run_ahead)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
