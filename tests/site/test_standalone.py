"""Pages as notebooks that need nothing of the book."""

import base64
import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

import standalone

NOTHING = {"names": {}, "glue": {}, "citations": {}}


def prose(text, **known):
    return standalone.prose(text, **NOTHING | known)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("{eq}`eq-a`", "(2.1)"),
        ("{numref}`fig-b`", "Fig. 2.3"),
        ("{numref}`see %s <fig-b>`", "Fig. 2.3"),
        ("{glue:text}`n` steps", "7 steps"),
        ("{cite:t}`one`", "Duchi et al. (2011)"),
        ("{cite:p}`one,two`", "[Duchi et al., 2011; Graves, 2013]"),
    ],
)
def test_roles_are_written_out(role, text):
    names = {"eq-a": "(2.1)", "fig-b": "Fig. 2.3"}
    citations = {"one": ("Duchi et al.", "2011"), "two": ("Graves", "2013")}
    assert prose(role, names=names, glue={"n": "7"}, citations=citations) == text


def test_an_equation_keeps_its_number():
    text = "$$\na = b\n$$ (eq-a)\n"
    assert prose(text, names={"eq-a": "(2.1)"}) == "$$\na = b\n\\tag{2.1}\n$$\n"


def test_links_lead_to_notebooks_and_labels_go():
    assert prose("(part)=\n## A [page](rmsprop.md#part)") == "## A [page](rmsprop.ipynb#part)"


def test_proofs_fold_and_statements_keep_their_title():
    text = ":::{dropdown} Proof\nText.\n:::\n\n::::{prf:lemma} Sums\n:label: x\n\nHolds.\n::::\n"
    after = prose(text)
    assert "<details><summary>Proof</summary>\n\nText.\n" in after
    assert "**Lemma (Sums).**\n\n\nHolds.\n" in after
    assert ":::" not in after


def test_exercises_and_solutions_keep_their_number():
    names = {"ex-a": "Exercise 3.1"}
    text = ":::{exercise-start} check: how far\n:label: ex-a\n:::\n\nHow far?\n\n"
    assert "**Exercise 3.1 (check: how far).**" in prose(text, names=names)
    text = ":::{exercise-end}\n:::\n\n:::{solution-start} ex-a\n:class: dropdown\n:::\n\nFar.\n"
    assert re.fullmatch(r"\s*\*\*Solution to Exercise 3.1.\*\*\s+Far.\n", prose(text, names=names))


def test_names_are_those_of_the_book():
    page = """<p><a class="reference internal" href="x.html#equation-eq-a">(1.4)</a></p>
    <span class="eqno">(2.1)<a class="headerlink" href="#equation-eq-b">#</a></span>
    <figure id="fig-c"><figcaption><span class="caption-number">Fig. 2.3 </span></figcaption>"""
    names = standalone.names_in(BeautifulSoup(page, "html.parser"))
    assert names == {"eq-a": "(1.4)", "eq-b": "(2.1)", "fig-c": "Fig. 2.3"}


@pytest.fixture
def page():
    """Return a page as it lies in the build."""
    kernel = {"name": "python3", "display_name": "Python 3"}
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    figure = {"name": "fig-c", "caption": "It {eq}`eq-a` falls."}
    glue = nbformat.v4.new_output("display_data", metadata={"scrapbook": {"name": "n"}})
    nb.cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nText {glue:text}`n`."),
        nbformat.v4.new_code_cell(
            "import sys\nimport numpy as np\nfrom sklearn.datasets import load_digits\n"
            "from myst_nb import glue\nfrom rmsprop import SGD\n"
            "from rmsprop import tasks",
            metadata={"tags": ["remove-cell"]},
            outputs=[glue],
        ),
        nbformat.v4.new_code_cell('open("runs.csv")', metadata={"mystnb": {"figure": figure}}),
    ]
    return json.loads(nbformat.writes(nb))


@pytest.fixture
def alone(page, tmp_path):
    """Return the notebook made of it."""
    wheel = tmp_path / "rmsprop-1-py3-none-any.whl"
    wheel.write_bytes(b"\0wheel")
    names = {"fig-c": "Fig. 2.3", "eq-a": "(2.1)"}
    data = [tmp_path / "runs.csv", tmp_path / "others.csv"]
    for path in data:
        path.write_text("a,b\n1,2\n")
    known = {"names": names, "glue": {"n": "7"}, "citations": {}}
    return standalone.notebook(page, **known, wheel=wheel, data=data)


def test_notebook_is_valid_and_says_what_the_page_says(alone):
    nbformat.validate(alone)
    texts = [cell["source"] for cell in alone["cells"]]
    assert texts[0] == "# Title\n\nText 7." and texts[-1] == "**Fig. 2.3.** It (2.1) falls."
    assert alone["cells"][2]["metadata"]["jupyter"] == {"source_hidden": True}
    assert alone["cells"][2]["outputs"] == []


def test_first_cell_brings_what_is_imported(alone):
    install = alone["cells"][1]["source"]
    assert "[('numpy', 'numpy'), ('sklearn', 'scikit-learn'), ('torch', 'torch')]" in install
    assert base64.b64encode(b"\0wheel").decode() in install
    compile(install, "install", "exec")


def test_first_cell_brings_the_data_that_is_read(alone, tmp_path, monkeypatch):
    install = alone["cells"][1]["source"]
    assert "others.csv" not in install
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    begin, end = install.index("for name, text in DATA"), install.index('if missing("myst_nb")')
    named = re.search("^DATA = .*$", install, re.MULTILINE)[0]
    exec("import base64, pathlib, zlib\n" + named + "\n" + install[begin:end], {})
    assert (tmp_path / "elsewhere/runs.csv").read_text() == "a,b\n1,2\n"
