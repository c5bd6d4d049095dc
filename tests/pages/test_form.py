"""The form of a page: what runs can be seen, checks stand apart, and the page is short.

CONTRIBUTING.md tells the form.
"""

import ast
import builtins
import re

import jupytext
import pytest
from jupytext.config import load_jupytext_config

from book.pages import PAGES, lines, tags
from measure import dropdown_words, measure

TEACHING = "teaching"
CORE = [page for page in PAGES if page.executable and not page.folder and page.name != TEACHING]
DEPTH = [page for page in PAGES if page.folder == "in-depth"]
NOTEBOOKS = [page for page in PAGES if page.executable]
LAST = {"What to remember", "Exercises", "Sources"}
MOST = {"words": 2200, "formulas": 10, "figures": 5, "code": 60, "minutes": 35}
CORE_MOST = {"words": 17000, "formulas": 75, "figures": 40, "minutes": 300}

each_notebook = pytest.mark.parametrize("page", NOTEBOOKS, ids=repr)
each_core_page = pytest.mark.parametrize("page", CORE, ids=repr)
each_depth_page = pytest.mark.parametrize("page", DEPTH, ids=repr)


def folded(cell):
    """Tell whether the code of a cell is folded away on the page."""
    return bool(tags(cell) & {"hide-cell", "hide-input"})


def names(cell, context):
    """Return the names that a cell loads or stores, whatever the scope."""
    walk = ast.walk(ast.parse(re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE)))
    if context is ast.Load:
        return {n.id for n in walk if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    bound = set()
    for node in walk:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    return bound


@each_notebook
def test_nothing_is_hidden(page):
    assert "{glue" not in page.text
    for cell in page.cells:
        assert not tags(cell) & {"remove-cell", "remove-input", "remove-output"}
        assert not folded(cell) or cell.metadata.get("jupyter", {}).get("source_hidden") is True


@each_notebook
def test_front_matter(page):
    assert page.text.startswith(
        "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n"
        "    format_version: 0.13\nkernelspec:\n  name: python3\n"
        "  display_name: Python 3 (ipykernel)\n  language: python\n---\n"
    )


@each_notebook
def test_saving_changes_nothing(page):
    config = load_jupytext_config(str(page.path))
    notebook = jupytext.reads(page.text, fmt="md:myst", config=config)
    assert jupytext.writes(notebook, fmt="md:myst", config=config) == page.text


@each_notebook
def test_set_up_comes_first(page):
    first = page.cells[0]
    assert tags(first) == {"hide-cell"}
    assert first.metadata["mystnb"] == {"code_prompt_show": "Set-up"}


@each_notebook
def test_visible_cells_use_what_can_be_seen(page):
    known = set(dir(builtins)) | {"display", "get_ipython"} | names(page.cells[0], ast.Store)
    for cell in page.cells[1:]:
        if not folded(cell):
            assert names(cell, ast.Load) - names(cell, ast.Store) - known == set(), cell.source
            known |= names(cell, ast.Store)


@each_notebook
def test_checks_stand_apart(page):
    """Nothing outside a checks cell uses its names, nor does it draw from a stream outside."""
    known = set(dir(builtins)) | {"display", "get_ipython"}
    streams = set()
    for cell in page.cells:
        if "checks" in tags(cell):
            assert names(cell, ast.Load) & (streams - names(cell, ast.Store)) == set()
            continue
        assert names(cell, ast.Load) - names(cell, ast.Store) - known == set(), cell.source
        known |= names(cell, ast.Store)
        streams |= set(re.findall(r"^(\w+) = .*default_rng\(", cell.source, re.MULTILINE))


@each_notebook
def test_checks_cells(page):
    for section in page.sections:
        checks = [cell for cell in section.cells if "checks" in tags(cell)]
        assert len(checks) <= 1, f"{section.heading}: one checks cell a section"
        for cell in checks:
            assert tags(cell) == {"hide-cell", "checks", "raises-exception"}
            assert cell.metadata["mystnb"] == {"code_prompt_show": "Checks of this section"}
            assert re.search(r"^ *assert ", cell.source, re.MULTILINE)
            assert section.cells[-1] is cell, f"{section.heading}: checks come last"
    total = sum(len(lines(cell)) for cell in page.cells if "checks" in tags(cell))
    assert total <= 120 or page not in CORE


@each_core_page
def test_each_section_says_what_to_do(page):
    if page.name in ("index", "summary"):
        return
    for section in page.sections[1:]:
        if section.heading not in LAST:
            text = "\n".join(line for line, _ in section.lines)
            assert "**What to do.**" in text, section.heading
            if section.cells:
                assert "checks" in tags(section.cells[-1]), section.heading


@each_core_page
def test_core_budget(page):
    found = measure(page)
    assert {key: found[key] for key in MOST if found[key] > MOST[key]} == {}
    assert dropdown_words(page) <= 300


def test_whole_core_budget():
    found = [measure(page) for page in CORE]
    total = {key: sum(one[key] for one in found) for key in CORE_MOST}
    assert {key: total[key] for key in CORE_MOST if total[key] > CORE_MOST[key]} == {}


@each_depth_page
def test_depth_budget(page):
    assert measure(page)["words"] <= 3500


@pytest.mark.parametrize("page", CORE + DEPTH, ids=repr)
def test_minutes(page):
    stated = int(re.search(r"\bAbout (\d+) minutes", page.prose)[1])
    assert abs(stated - measure(page)["minutes"]) <= 2.5


@each_notebook
def test_outputs_are_labelled(page):
    for key, shown in page.recorded.items():
        bare = [line for line in shown if re.match(r"[\[(].*[\])]$|(True|False|None)$", line)]
        assert bare == [], key


@each_notebook
def test_outputs_fit(page):
    """JupyterLab breaks a longer line of output where it happens to end."""
    for key, shown in page.recorded.items():
        text = [line for line in shown if not line.startswith(("svg ", "|"))]
        assert [line for line in text if len(line) > 92] == [], key


@each_notebook
def test_a_record_has_all_outputs_that_are_named(page):
    """A figure that is captioned is drawn."""
    for cell, key in zip(page.cells, page.keys, strict=True):
        if "figure" in cell.metadata.get("mystnb", {}):
            assert any(line.startswith("svg ") for line in page.recorded.get(key, [])), key


@each_notebook
def test_the_number_of_a_figure_stands_in_brackets(page):
    """JupyterLab shows its key there, so a sentence has to read without it."""
    before = [
        line[: found.start()]
        for line in page.prose.splitlines()
        for found in re.finditer(r"\{numref\}", line)
    ]
    assert [text[-60:] for text in before if text.count("(") <= text.count(")")] == []


@each_notebook
def test_what_is_imported_is_used(page):
    """An import that nobody needs slows every kernel, and has a reader look for its use."""
    found = [node for cell in page.cells for node in ast.walk(ast.parse(cell.source))]
    imports = [node for node in found if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [name.asname or name.name for node in imports for name in node.names]
    imported = {name.partition(".")[0] for name in names}
    assert imported <= {node.id for node in found if isinstance(node, ast.Name)}


@each_notebook
def test_figure_cells_draw(page):
    for cell in page.cells:
        if "figure" in cell.metadata.get("mystnb", {}) and "solution" not in tags(cell):
            assert tags(cell) == {"hide-input"}


@each_notebook
def test_folded_cells_say_what_they_are(page):
    for cell in page.cells[1:]:
        if "hide-cell" in tags(cell):
            assert cell.metadata.get("mystnb", {}).get("code_prompt_show")
        if folded(cell):  # JupyterLab takes outputs_hidden away when it runs a cell
            assert cell.metadata["jupyter"] == {"source_hidden": True}


def test_contents_follow_the_titles():
    """The index names each core page as its title does."""
    index = next(page for page in PAGES if page.name == "index")
    titles = {page.path.name: page.title for page in CORE + DEPTH}
    for text, file in re.findall(r"\[([^]]+)\]\(([\w/-]+\.md)\)", index.prose):
        title = titles.get(file.rpartition("/")[2])
        if title:
            assert text in (title, title.partition(":")[0]), file


def test_index_is_short_and_tells_the_time_of_each_page():
    index = next(page for page in PAGES if page.name == "index")
    assert measure(index)["words"] <= 700
    row = r"^\| \[[^]]+\]\(([\w-]+\.md)\) \|.* (About \d+ minutes) \|$"
    told = dict(re.findall(row, index.text, re.MULTILINE))
    for page in CORE:
        if page is not index:
            assert told[page.path.name] in page.text, page.name
