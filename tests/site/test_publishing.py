"""What a published book needs: its address, and workflows that run what README says."""

import re
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document

from book import publish
from book.notebooks import NEED_REPOSITORY
from book.pages import ROOT

README = (ROOT / "README.md").read_text("utf8")
WORKFLOWS = {path.stem: path.read_text("utf8") for path in ROOT.glob(".github/workflows/*.yml")}


def configured(monkeypatch, *, environment="", line=""):
    """Return the configuration of a book with an address from here or there."""
    monkeypatch.setenv("GITHUB_REPOSITORY", environment)
    config = SimpleNamespace(book_repository=line, html_baseurl="", html_theme_options={})
    publish.set_address(None, config)
    return config


def test_no_address_no_buttons(monkeypatch):
    config = configured(monkeypatch)
    assert config.html_theme_options == {} and config.html_baseurl == ""


@pytest.mark.parametrize(
    "known", [{"environment": "Ada/book"}, {"line": "Ada/book"}], ids=["Actions", "_config.yml"]
)
def test_address_from_either_place(monkeypatch, known):
    config = configured(monkeypatch, **known)
    assert config.html_baseurl == "https://ada.github.io/book/"
    assert config.html_theme_options["repository_url"] == "https://github.com/Ada/book"
    assert config.notfound_urls_prefix == "/book/"


def test_the_environment_comes_first(monkeypatch):
    config = configured(monkeypatch, environment="fork/book", line="Ada/book")
    assert config.book_repository == "fork/book"


@pytest.mark.parametrize("line", ["book", "https://github.com/Ada/book", "Ada/book/tree", "a b/c"])
def test_bad_address(monkeypatch, line):
    with pytest.raises(ValueError, match=f"owner/name, got {re.escape(repr(line))}"):
        configured(monkeypatch, line=line)


def directed(name):
    """Return the buttons of a notebook, as they are directed."""
    launch = [{"text": "Binder", "url": "https://b"}, {"text": "Colab", "url": "x.md"}]
    source = [{"label": "source-edit-button"}, {"label": "source-issues-button"}]
    groups = {"launch-buttons": launch, "source-buttons": source}
    groups = [{"label": label, "buttons": buttons} for label, buttons in groups.items()]
    env = SimpleNamespace(metadata={name: {"kernelspec": {}}})
    app = SimpleNamespace(config=SimpleNamespace(book_repository="Ada/book"), env=env)
    context = {"header_buttons": [*groups, {"label": "fullscreen-button"}]}
    publish.direct_buttons(app, name, "", context, None)
    return launch, source


def test_buttons_lead_to_the_notebook_and_to_the_form():
    (binder, colab), (edit, issue) = directed("chapters/limits")
    assert colab["url"].endswith("Ada/book/blob/gh-pages/_sources/chapters/limits.ipynb")
    assert binder["url"] == "https://b" and "url" not in edit
    assert "template=error.yml&page=chapters%2Flimits" in issue["url"]


@pytest.mark.parametrize("name", NEED_REPOSITORY)
def test_a_page_that_needs_the_repository_is_offered_on_binder_alone(name):
    launch, _ = directed(f"chapters/{name}")
    assert [button["text"] for button in launch] == ["Binder"]


def test_a_changed_style_sheet_has_every_page_written_again(tmp_path):
    """Its address changes with its content, and stands on every page."""
    digests = set()
    (tmp_path / "assets/math").mkdir(parents=True)
    for name, content in (("book.css", "1"), ("math/math.css", "1"), ("book.css", "2")):
        (tmp_path / "assets" / name).write_text(content)
        config = SimpleNamespace()
        publish.note_assets(SimpleNamespace(srcdir=tmp_path), config)
        digests.add(config.assets_digest)
    assert len(digests) == 3


def test_a_card_says_what_the_book_is(monkeypatch):
    config = configured(monkeypatch, environment="Ada/book")
    config.html_theme_options["extra_footer"] = ""
    publish.read_citation(SimpleNamespace(srcdir=ROOT), config)
    (tag,) = config.ogp_custom_meta_tags
    assert 'property="og:description" content="A chapter on RMSprop' in tag


def test_a_card_shows_no_tex(monkeypatch):
    card = pytest.importorskip("sphinxext.opengraph").get_description
    config = configured(monkeypatch, environment="Ada/book")
    page = new_document("")
    page += nodes.paragraph("", "A larger ", nodes.math(r"\epsilon", r"\epsilon"))
    assert card(page, config.ogp_description_length) == ""


def test_citation_names_page_version_and_address():
    config = SimpleNamespace(html_baseurl="https://ada.github.io/book/", author="Ada", project="B")
    config.version, config.book_year = "1.2", 2031
    entry = publish.bibtex(config, "chapters/limits", "Ask")
    assert "@misc{rmsprop-limits," in entry and "title = {Ask}" in entry
    assert "In: B, version 1.2" in entry and "year = {2031}" in entry
    assert "url = {https://ada.github.io/book/chapters/limits.html}" in entry
    config.html_baseurl = ""
    assert "url" not in publish.bibtex(config, "chapters/limits", "Ask")


def command(marker, language):
    """Return a command of README, by its marker and the language of its block."""
    part = README[README.index(f"<!-- {marker} -->") :]
    return re.search(rf"```{language}\n(.*?)\n```", part, re.DOTALL)[1]


@pytest.mark.parametrize(
    ("workflow", "job", "marker", "language"),
    [
        ("test", "windows", "build", "powershell"),
        ("test", "windows", "test", "powershell"),
        ("publish", "publish", "build", "sh"),
    ],
)
def test_workflows_run_what_readme_says(workflow, job, marker, language):
    steps = yaml.safe_load(WORKFLOWS[workflow])["jobs"][job]["steps"]
    lines = [line for step in steps for line in (step.get("run") or "").splitlines()]
    assert command(marker, language) in lines


def test_a_command_that_fails_on_windows_fails_its_step():
    steps = yaml.safe_load(WORKFLOWS["test"])["jobs"]["windows"]["steps"]
    several = [step["run"] for step in steps if ";" in (step.get("run") or "")]
    stop = "$PSNativeCommandUseErrorActionPreference = $true\n"
    assert len(several) == 2 and all(run.startswith(stop) for run in several)


def test_every_check_runs_on_the_oldest_and_newest_python():
    jobs = yaml.safe_load(WORKFLOWS["test"])["jobs"]
    assert {".ci/run"} <= {step.get("run") for step in jobs["everything"]["steps"]}
    project = (ROOT / "code/pyproject.toml").read_text("utf8")
    low, below = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project).groups()
    for job in ("everything", "windows"):
        pythons = jobs[job]["strategy"]["matrix"]["python"]
        assert pythons == [f"3.{low}", f"3.{int(below) - 1}"]


def test_form_for_errors_takes_the_page():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/error.yml").read_text("utf8"))
    assert "page" in {part.get("id") for part in form["body"]}


def test_binder_has_the_versions_of_the_book():
    pinned = re.findall(r"^[\w-]+==\S+", (ROOT / "binder/requirements.txt").read_text(), re.M)
    files = [(ROOT / name).read_text() for name in ("requirements.txt", "constraints.txt")]
    assert set(pinned) <= set("\n".join(files).split())
    needed = {"torch", "numpy", "matplotlib", "scikit-learn", "myst-nb"}
    assert needed <= {pin.partition("==")[0] for pin in pinned}
