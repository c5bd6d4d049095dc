"""The pages' sources keep the rules of CONTRIBUTING.md."""

import ast
import importlib
import re
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from book.pages import OUTPUTS, PAGES, ROOT, contents, lines, tags
from measure import visible
from test_form import LAST, NOTEBOOKS, TEACHING, each_notebook, folded

CONTENT = [page for page in PAGES if page.folder != "reference"]
SECTIONS = [page for page in CONTENT if page.name != "index"]
LESSONS = [page for page in SECTIONS if not page.folder and page.name != TEACHING]

each_page = pytest.mark.parametrize("page", PAGES, ids=repr)
each_content_page = pytest.mark.parametrize("page", CONTENT, ids=repr)
each_section = pytest.mark.parametrize("page", SECTIONS, ids=repr)
each_lesson = pytest.mark.parametrize("page", LESSONS, ids=repr)


def figures(page):
    """Yield each cell of a page that shows a figure, with its key."""
    for key, cell in zip(page.keys, page.cells, strict=True):
        shows = any(line.startswith("svg ") for line in page.recorded.get(key, []))
        if shows:
            yield f"{page.name}, {key}", cell.metadata.get("mystnb", {})


def test_contents_list_every_page():
    listed = contents()
    assert sorted(listed) == [page.path for page in PAGES]
    assert len(listed) == len(set(listed))


def test_no_notebook_is_stored_as_json():
    hidden = (".", "_build")
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*.ipynb")]
    assert [p for p in paths if not any(q.startswith(hidden) for q in p.parts)] == []


def test_records_belong_to_pages():
    records = {page.record for page in NOTEBOOKS}
    assert {path for path in OUTPUTS.rglob("*") if path.is_file()} <= records


@each_notebook
def test_record_belongs_to_cells(page):
    assert set(page.recorded) <= set(page.keys)


@each_page
def test_file_name(page):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", page.path.stem)


@each_content_page
def test_opening(page):
    opening = re.split(r"^## ", page.prose, flags=re.MULTILINE)[0]
    assert re.search(r"\bAfter this (section|page|chapter) you can\b", opening)
    assert re.search(r"\bAbout \d+ (minutes|hours)\b", opening)


@each_section
def test_closing(page):
    headings = [section.heading for section in page.sections]
    last = [heading for heading in headings if heading in LAST]
    assert headings[-len(last) :] == last and headings[-1] == "Sources"


@each_lesson
def test_a_lesson_has_a_summary_and_exercises(page):
    assert {section.heading for section in page.sections} >= LAST
    assert 3 <= len(page.exercises) <= 5
    assert page.exercises[0].title.startswith("check: ")


@each_section
def test_exercises(page):
    assert page.text.count("{exercise-start}") == len(page.exercises) <= 5
    prefixes = {re.fullmatch(r"(ex-[a-z]+)-[a-z-]+", e.label)[1] for e in page.exercises}
    assert len(prefixes) <= 1
    assert {e.title.partition(": ")[0] for e in page.exercises} <= {"check", "work", "research"}


@each_section
def test_solutions(page):
    """A solution is derived, and at least one of its cells can fail."""
    for exercise in page.exercises:
        assert len(exercise.solution) >= 200, f"{exercise.label}: derive it, directly below"
        assert any(re.search(r"^ *assert ", cell, re.M) for cell in exercise.cells)
        assert all("solution" in cell for cell in exercise.cells)


def test_most_exercises_ask_for_a_prediction():
    exercises = [exercise for page in SECTIONS for exercise in page.exercises]
    asking = [e.label for e in exercises if re.search(r"\b[Pp]redict|\b[Gg]uess", e.task)]
    assert len(asking) >= len(exercises) / 2


@each_page
def test_headings(page):
    titles = re.findall(r"^# (.*)$", page.prose, re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", page.prose, re.MULTILINE)
    assert len(titles) == 1
    # A heading is also the page's title and an entry of menus, which show no math.
    assert [heading for heading in headings if "$" in heading] == []


@each_page
def test_a_reference_is_to_the_same_page(page):
    """JupyterLab shows the bare key of what stands on another page: link to its section."""
    drawn = [cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in page.cells]
    here = re.findall(r"^(?:\$\$ |:(?:label|name): |)\(?([\w-]+)\)?=?$", page.text, re.MULTILINE)
    referred = re.findall(r"\{(?:eq|numref|ref|prf:ref)\}`(?:[^`<]*<)?([\w-]+)>?`", page.text)
    assert set(referred) - set(here) - set(drawn) == set()


@each_page
def test_phrases(page):
    banned = r"\b(it can be shown|clearly|obviously|of course|trivially)\b"
    assert re.findall(banned, page.prose, re.IGNORECASE) == []


@each_page
def test_no_path_of_a_machine(page):
    record = page.record.read_text("utf8") if page.record.exists() else ""
    text = page.text + record
    assert str(ROOT) not in text
    assert str(Path.home()) not in text or Path.home() == Path("/")
    assert re.findall(r"(?<![\w.])/(?:home|Users|var|mnt)/|[A-Z]:\\\\", text) == []


@each_notebook
def test_cell_size(page):
    assert [len(lines(cell)) for cell in page.cells if len(lines(cell)) > 20] == []
    for cell in page.cells:
        width = 88 if folded(cell) else 79
        assert [line for line in lines(cell) if len(line) > width] == []


def test_median_cell_size():
    sizes = [len(lines(cell)) for page in LESSONS for cell in page.cells if visible(page, cell)]
    assert median(sizes or [0]) <= 5


@each_notebook
def test_every_cell_is_run(page):
    skipped = {"nbval-skip", "skip-execution"}
    assert [n for n, cell in enumerate(page.cells) if tags(cell) & skipped] == []


@each_notebook
def test_no_page_shows_what_it_reads_in_another(page):
    """The build does not run a page again when another has changed."""
    shown = [ast.parse(cell.source) for cell in page.cells if "checks" not in tags(cell)]
    texts = [node.value for tree in shown for node in ast.walk(tree) if is_text(node)]
    others = {other.path.name for other in PAGES} - {page.path.name}
    assert [text for text in texts if text.rpartition("/")[2] in others] == []


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@each_notebook
def test_figures_are_described(page):
    for where, mystnb in figures(page):
        figure, image = mystnb.get("figure", {}), mystnb.get("image", {})
        assert figure.get("name", "").startswith("fig-"), f"{where}: needs a name"
        assert figure.get("caption"), f"{where}: needs a caption"
        alt = image.get("alt", "")
        assert len(alt) >= 60, f"{where}: the alt text says too little"
        assert re.search(r"\d", alt), f"{where}: the alt text gives no number"
        assert "$" not in alt, f"{where}: alt text is read out, so it has no TeX"


def test_names_are_unique():
    names = [
        mystnb["figure"]["name"]
        for page in NOTEBOOKS
        for _, mystnb in figures(page)
        if "figure" in mystnb
    ]
    for page in PAGES:
        names += re.findall(r"^\$\$ \(([^)]+)\)$", page.text, re.MULTILINE)
        names += re.findall(r"^\(([\w-]+)\)=$", page.text, re.MULTILINE)
        names += re.findall(r"^:(?:label|name): (.+)$", page.text, re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize(
    "module",
    ["rmsprop", "rmsprop.averages", "rmsprop.problems", "rmsprop.plotting"]
    + ["rmsprop.compare", "rmsprop.tasks", "rmsprop.tracking", "rmsprop.pytorch"],
)
def test_api_page_has_every_public_name(module):
    page = next(page.text for page in PAGES if page.path.stem == "api")
    exported = importlib.import_module(module).__all__
    whole = re.search(rf"automodule:: {re.escape(module)}\n   :members:\n", page)
    named = re.findall(rf"auto\w+:: {re.escape(module)}\.(\w+)$", page, re.MULTILINE)
    assert whole or set(exported) <= set(named)
