"""Pages run ahead of the reading: the good ones are kept, the others left to Sphinx."""

from types import SimpleNamespace

import pytest
from jupyter_cache import get_cache
from myst_nb.core.read import read_myst_markdown_notebook

import ahead
from book.pages import ROOT

FRONT_MATTER = (ROOT / "chapters/index.md").read_text("utf8").split("\n# ")[0]


@pytest.fixture
def book(tmp_path):
    """Return a function that writes pages, runs them ahead, and tells which are kept."""
    config = SimpleNamespace(nb_execution_cache_path=str(tmp_path / "cache"))
    config.nb_execution_timeout = 60
    env = SimpleNamespace(doc2path=lambda name: str(tmp_path / f"{name}.md"))

    def kept(**cells):
        for name, cell in cells.items():
            page = f"{FRONT_MATTER}\n```{{code-cell}} ipython3\n{cell}\n```\n"
            (tmp_path / f"{name}.md").write_text(page, "utf8")
        (tmp_path / "plain.md").write_text("# No notebook\n", "utf8")
        ahead.run_ahead(SimpleNamespace(config=config), env, [*cells, "plain"])
        cache = get_cache(config.nb_execution_cache_path)
        outputs = {}
        for name in cells:
            path = tmp_path / f"{name}.md"
            notebook = read_myst_markdown_notebook(path.read_text("utf8"), path=path)
            try:
                _, merged = cache.merge_match_into_notebook(notebook)
                outputs[name] = [o.text for o in merged.cells[-1].outputs]
            except KeyError:
                outputs[name] = None
        return outputs

    return kept


def test_pages_run_and_are_kept_unless_they_fail(book):
    outputs = book(good="print(6 * 7)", bad="1 / 0", also="print('x')")
    assert outputs == {"good": ["42\n"], "bad": None, "also": ["x\n"]}


def test_a_single_page_is_left_to_sphinx(book):
    assert book(only="print(1)") == {"only": None}
