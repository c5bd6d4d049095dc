"""Run the downloaded notebook of every page from top to bottom; name those that fail.

    python tests/site/run_downloads.py _build/html/_sources/chapters

It needs nbclient and ipykernel; a notebook installs the rest. Of each list of packages that
notebooks install, the first runs alone and installs them; the others run side by side. The
notebooks without solutions have the same cells, and are left out. A cell tagged
raises-exception lets a run go on, so error outputs are looked for here.
"""

import os
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def complaints(path):
    """Run a notebook in a folder of its own; return what went wrong, as a list of texts."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, path.parent.name)  # data of a page in depth lie beside its folder
        folder.mkdir()
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        try:
            client.execute()
        except CellExecutionError as error:
            return [str(error)]
    return [
        f"{output['ename']}: {output['evalue']}\n{cell['source']}"
        for cell in notebook.cells
        if cell["cell_type"] == "code"
        and ("checks" in tags(cell) or "raises-exception" not in tags(cell))
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]


def tags(cell):
    """Return the tags of a cell."""
    return cell["metadata"].get("tags", [])


def packages(path):
    """Return the line of a notebook that says what it installs."""
    return re.search(r"wanted = \[.*?\]", path.read_text("utf8"))[0]


def main(folder):
    """Run all notebooks below a folder; return whether one failed."""
    paths = [p for p in sorted(Path(folder).rglob("*.ipynb")) if "-exercises" not in p.name]
    first = {packages(path): path for path in reversed(paths)}.values()
    paths.sort(key=lambda path: path not in first)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [complaints(path) for path in paths[: len(first)]]
        found += pool.map(complaints, paths[len(first) :])
    wrong = {path: texts for path, texts in zip(paths, found, strict=True) if texts}
    for path, texts in wrong.items():
        print(f"{path}\n" + "\n".join(texts))
    print(f"{len(paths)} notebooks ran alone, {len(wrong)} failed")
    return bool(wrong) or not paths


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
