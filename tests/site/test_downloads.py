"""Pages as notebooks that need nothing of the book."""

import base64
import re
from copy import deepcopy
from types import SimpleNamespace

import nbformat
import pytest

from book import notebooks
from book.notebooks import without_solutions
from book.pages import PAGES

NOTHING = {"names": {}, "citations": {}, "pages": set()}


def prose(text, **known):
    return notebooks.prose(text, **NOTHING | known)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("{eq}`eq-a`", "(2.1)"),
        ("{numref}`fig-b`", "Fig. 2.3"),
        ("{numref}`see %s <fig-b>`", "Fig. 2.3"),
        ("{cite:t}`one`", "Duchi et al. (2011)"),
        ("{cite:p}`one,two`", "(Duchi et al., 2011; Graves, 2013)"),
    ],
)
def test_roles_are_written_out(role, text):
    names = {"eq-a": "(2.1)", "fig-b": "Fig. 2.3"}
    citations = {"one": "Duchi et al., 2011", "two": "Graves, 2013"}
    assert prose(role, names=names, citations=citations) == text


def test_an_equation_keeps_its_number():
    text = "$$\na = b\n$$ (eq-a)\n"
    assert prose(text, names={"eq-a": "(2.1)"}) == "$$\na = b\n\\tag{2.1}\n$$\n"


def test_links_lead_to_notebooks_and_labels_go():
    pages = {"rmsprop", "../rmsprop"}
    text = "(part)=\n## A [page](rmsprop.md#part)"
    assert prose(text, pages=pages) == "## A [page](rmsprop.ipynb#part)"
    assert prose("[up](../rmsprop.md)", pages=pages) == "[up](../rmsprop.ipynb)"


def test_of_a_link_to_what_is_no_notebook_the_words_stay():
    assert prose("See [the\nstatus](reference/status.md#s).") == "See the\nstatus."
    assert prose("See [below](#guide).\n\n(guide)=\n## Guide") == "See below.\n\n## Guide"


def test_what_has_no_name_stays_as_it_is():
    assert prose("{cite:p}`typo` {eq}`eq-no`") == "(typo) eq-no"
    assert prose("$$\na\n$$ (eq-no)") == "$$\na\n\\tag{eq-no}\n$$"


def test_proofs_fold_and_statements_keep_their_title():
    text = ":::{dropdown} Proof\nText.\n:::\n\n::::{prf:lemma} Sums\n:label: x\n\nHolds.\n::::\n"
    after = prose(text)
    assert "<details><summary>Proof</summary>\n\nText.\n" in after
    assert "**Lemma (Sums).**\n\n\nHolds.\n" in after
    assert ":::" not in after


def test_what_the_web_page_alone_can_do_goes():
    text = ":::{admonition} To try on the web page\n:class: to-try\n\nMove it.\n:::"
    assert prose(f"Before.\n\n{text}\n\nAfter.").split() == ["Before.", "After."]
    other = ":::{admonition} To know\n:class: note\n\nStay.\n:::"
    assert "**Admonition (To know).**\n\n\nStay.\n" in prose(other)


def test_exercises_and_solutions_keep_their_number():
    names = {"ex-a": "Exercise 3.1"}
    text = ":::{exercise-start} check: how far\n:label: ex-a\n:::\n\nHow far?\n\n"
    assert "**Exercise 3.1 (check: how far).**" in prose(text, names=names)
    text = ":::{exercise-end}\n:::\n\n:::{solution} ex-a\n:class: dropdown\n\nFar.\n:::\n"
    folded = "<details><summary>Solution to Exercise 3.1</summary>\n\n\nFar.\n\n</details>"
    assert prose(text, names=names).strip() == folded


def test_names_are_those_of_the_book():
    equations, lemmas = {"equation-eq-b": (2, 1)}, {"lem-b": (2, 3)}
    numbers = {
        "chapters/index": {"figure": {"fig-a": (1,)}},
        "chapters/in-depth/b": {"displaymath": equations, "lemma": lemmas},
    }
    app = SimpleNamespace(
        config=SimpleNamespace(numfig_format={"figure": "Fig. %s", "lemma": "lemma %s"}),
        env=SimpleNamespace(toc_fignumbers=numbers),
    )
    names = {"fig-a": "Fig. 1", "eq-b": "(2.1)", "lem-b": "Lemma 2.3"}
    assert notebooks.names(app) == names


@pytest.fixture
def page():
    """Return a page as it lies in the build."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    figure = {"name": "fig-c", "caption": "It {eq}`eq-a` falls."}
    nb.cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nText {eq}`eq-a`."),
        nbformat.v4.new_code_cell(
            "import sys\nimport numpy as np\nfrom sklearn.datasets import load_digits\n"
            "from rmsprop import SGD\nfrom rmsprop import tasks",
            metadata={"tags": ["hide-cell"], "mystnb": {"code_prompt_show": "Set-up"}},
        ),
        nbformat.v4.new_code_cell(
            'open("runs.csv")', metadata={"mystnb": {"figure": figure}, "explorable": {}}
        ),
    ]
    return nb


@pytest.fixture
def alone(page, tmp_path):
    """Return the notebook made of it."""
    names = {"fig-c": "Fig. 2.3", "eq-a": "(2.1)"}
    data = {f"../data/2026/{name}": tmp_path / name for name in ("runs.csv", "others.csv")}
    for path in data.values():
        path.write_text("a,b\n1,2\n")
    known = {**NOTHING, "names": names, "about": "From a book."}
    return notebooks.notebook(page, **known, wheel=("a.whl", b"\0wheel"), data=data)


def test_notebook_is_valid_and_says_what_the_page_says(alone):
    nbformat.validate(alone)
    texts = [cell["source"] for cell in alone["cells"]]
    assert texts[0] == "From a book." and texts[2] == "# Title\n\nText (2.1)."
    assert texts[-1] == "**Fig. 2.3.** It (2.1) falls."


def test_a_folded_cell_is_folded_in_jupyterlab_and_in_colab(alone):
    setup, figure = alone["cells"][3], alone["cells"][4]
    assert setup["source"].startswith("# @title Set-up\nimport sys\n")
    folded = {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-cell"]}
    assert setup["metadata"] == folded
    answer = notebooks.code(code("2", "hide-cell", "solution"))
    assert answer["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert figure["metadata"] == {} and figure["source"] == 'open("runs.csv")'


@pytest.mark.parametrize("address", ["", "https://ada.github.io/book/"])
def test_first_cell_says_what_the_notebook_is(address):
    config = SimpleNamespace(html_baseurl=address, project="B", version="1.2", author="Ada")
    config.book_year = 2031
    text = notebooks.about(config, "chapters/limits", "Ask")
    said = ("a page of *B*, version 1.2", "CC BY 4.0", "Ada, “Ask”", "2031")
    assert all(part in text for part in said)
    assert ("[Ask](https://ada.github.io/book/chapters/limits.html)" in text) == bool(address)


def test_first_cell_brings_what_is_imported(alone):
    install = alone["cells"][1]["source"]
    assert "[('sklearn', 'scikit-learn'), ('torch', 'torch')]" in install
    assert base64.b64encode(b"\0wheel").decode() in install
    compile(install, "install", "exec")


def test_first_cell_brings_the_data_that_is_read(alone, tmp_path, monkeypatch):
    install = alone["cells"][1]["source"]
    assert "others.csv" not in install
    (tmp_path / "elsewhere/in-depth").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere/in-depth")
    begin = install.index("for name, text in DATA")
    named = re.search("^DATA = .*$", install, re.MULTILINE)[0]
    exec("import base64, pathlib, zlib\n" + named + "\n" + install[begin:], {})
    assert (tmp_path / "elsewhere/data/2026/runs.csv").read_text() == "a,b\n1,2\n"


WORDS = ":::{solution} ex-a\n:class: dropdown\n\nDerive.\n:::"


def markdown(*blocks):
    return {"cell_type": "markdown", "source": "\n\n".join(blocks)}


def code(source, *tags):
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}}


def sources(*cells):
    return [cell["source"] for cell in without_solutions(list(cells))]


def test_no_solution():
    assert sources(markdown("Text."), code("1"), code("")) == ["Text.", "1", ""]


def test_a_solution_and_its_cells():
    cells = [markdown("Ask.", WORDS), code("2", "hide-cell", "solution"), code("3", "solution")]
    assert sources(*cells, code("4"), markdown("Go on.")) == ["Ask.", "", "4", "Go on."]


def test_solutions_in_one_cell():
    text = markdown("Ask.", WORDS, "Ask more.", WORDS, "Go on.")
    assert sources(text) == ["Ask.", "", "Ask more.", "", "Go on."]


def test_a_solution_may_hold_another_directive():
    words = "::::{solution} ex-a\n:class: dropdown\n:::{note}\nDerive.\n:::\nDone.\n::::"
    assert sources(markdown(words, "Go on.")) == ["", "Go on."]


def test_a_directive_is_one_only_at_the_start_of_a_line():
    text = "Write `:::{solution} ex-a`, the words, and `:::`."
    assert sources(markdown(text)) == [text]


def test_the_given_cells_stay():
    cells = [markdown("Ask.", WORDS), code("2", "solution")]
    before = deepcopy(cells)
    without_solutions(cells)
    assert cells == before


@pytest.mark.parametrize("page", [p for p in PAGES if p.exercises], ids=repr)
def test_pages(page):
    cells = without_solutions(page.notebook)
    text = "\n\n".join(cell["source"] for cell in cells)
    assert "{solution" not in text
    assert [exercise.task in text for exercise in page.exercises] == [True] * len(page.exercises)
    assert sum(cell["source"] == "" for cell in cells) == len(page.exercises)
    solved = sum(len(exercise.cells) for exercise in page.exercises)
    asked = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    assert len(asked) == len(page.cells) - solved
