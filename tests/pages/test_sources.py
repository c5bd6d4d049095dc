"""The pages' sources keep the rules of CONTRIBUTING.md."""

import importlib
import json
import re
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from book.pages import CELL, OUTPUTS, PAGES, ROOT, contents, lines, tags
from without_solutions import without_solutions

REFERENCE = {"notation", "glossary", "api", "bibliography", "errata", "status"}
CONTENT = [page for page in PAGES if page.name not in REFERENCE]
SECTIONS = [page for page in CONTENT if page.name != "index"]
EXECUTABLE = [page for page in PAGES if page.executable]
UNSEEN = {"remove-cell", "remove-output"}
FOLDED = {"remove-cell", "remove-input", "hide-cell", "hide-input"}

each_page = pytest.mark.parametrize("page", PAGES, ids=repr)
each_content_page = pytest.mark.parametrize("page", CONTENT, ids=repr)
each_section = pytest.mark.parametrize("page", SECTIONS, ids=repr)
each_executable_page = pytest.mark.parametrize("page", EXECUTABLE, ids=repr)


def recorded(page):
    """Return the reviewed outputs of a page, by the name of the cell."""
    path = OUTPUTS / f"{page.name}.json"
    return json.loads(path.read_text("utf8")) if path.exists() else {}


def figures(page):
    """Yield each cell of a page that shows a figure, with its name."""
    record = recorded(page)
    for number, cell in enumerate(page.cells):
        name = f"Cell {number}"
        shows = any(line.startswith("svg ") for line in record.get(name, []))
        draws = re.search(r"\bplt\.(subplots|figure)\(", cell.source)
        if (shows or draws) and not tags(cell) & UNSEEN and "glue(" not in cell.source:
            yield f"{page.name}, {name}", cell.metadata.get("mystnb", {})


def test_contents_list_every_page():
    listed = contents()
    assert sorted(listed) == [page.path for page in PAGES]
    assert len(listed) == len(set(listed))


def test_no_notebook_is_stored_as_json():
    hidden = (".", "_build")
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*.ipynb")]
    assert [p for p in paths if not any(q.startswith(hidden) for q in p.parts)] == []


def test_records_belong_to_pages():
    names = {page.name for page in EXECUTABLE}
    assert {path.stem for path in OUTPUTS.glob("*")} <= names


@each_executable_page
def test_record_belongs_to_cells(page):
    assert set(recorded(page)) <= {f"Cell {n}" for n in range(len(page.cells))}


@each_page
def test_file_name(page):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", page.name)


@each_executable_page
def test_front_matter(page):
    assert page.front_matter == {
        "jupytext": {
            "text_representation": {
                "extension": ".md",
                "format_name": "myst",
                "format_version": 0.13,
            }
        },
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
    }


@each_content_page
def test_opening(page):
    opening = re.split(r"^## ", page.prose, flags=re.MULTILINE)[0]
    assert re.search(r"\bAfter this (section|chapter) you can\b", opening)
    assert re.search(r"\bAbout \d+ (minutes|hours)\b", opening)


def test_the_first_page_lists_every_section_with_its_time():
    (index,) = (page for page in CONTENT if page.name == "index")
    row = re.compile(r"^\| \[[^]]*\]\(([\w-]+)\.md\) \|.*\| (\d+) \|$", re.MULTILINE)
    promised = {
        page.name: re.search(r"\bAbout (\d+) minutes", page.prose)[1] for page in SECTIONS
    }
    assert dict(row.findall(index.prose)) == promised
    hours = int(re.search(r"\bAbout (\d+) hours in all", index.prose)[1])
    assert abs(hours - sum(map(int, promised.values())) / 60) <= 0.5


@each_section
def test_closing(page):
    headings = re.findall(r"^## (.*)$", page.prose, re.MULTILINE)
    last = ["What to remember", "Exercises", "Sources"]
    assert headings[-len(last) :] == last


@each_section
def test_exercises(page):
    assert page.text.count("{exercise-start}") == len(page.exercises)
    assert 3 <= len(page.exercises) <= 6
    prefixes = {re.fullmatch(r"(ex-[a-z]+)-[a-z-]+", e.label)[1] for e in page.exercises}
    assert len(prefixes) == 1
    levels = [e.title.partition(": ")[0] for e in page.exercises]
    assert levels[0] == "check" and set(levels) <= {"check", "work", "research"}


@each_section
def test_solutions(page):
    """A solution is derived, and at least one of its cells can fail."""
    for exercise in page.exercises:
        assert exercise.solution, f"{exercise.label}: no dropdown solution directly below"
        assert any(re.search(r"^ *assert ", cell, re.M) for cell in exercise.cells)
        assert len(CELL.sub("", exercise.solution)) >= 200, f"{exercise.label}: derive it"


def test_most_exercises_ask_for_a_prediction():
    exercises = [exercise for page in PAGES for exercise in page.exercises]
    asking = [e.label for e in exercises if re.search(r"\b[Pp]redict|\b[Gg]uess", e.task)]
    assert len(asking) > len(exercises) / 2


@each_page
def test_headings(page):
    titles = re.findall(r"^# (.*)$", page.prose, re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", page.prose, re.MULTILINE)
    assert len(titles) == 1
    # A heading is also the page's title and an entry of menus, which show no math.
    assert [heading for heading in headings if "$" in heading] == []


@each_page
def test_phrases(page):
    banned = r"\b(it can be shown|clearly|obviously|of course|trivially)\b"
    assert re.findall(banned, page.prose, re.IGNORECASE) == []


@each_page
def test_no_path_of_a_machine(page):
    record = OUTPUTS / f"{page.name}.json"
    text = page.text + (record.read_text("utf8") if record.exists() else "")
    assert str(ROOT) not in text
    assert str(Path.home()) not in text or Path.home() == Path("/")
    assert re.findall(r"(?<![\w.])/(?:home|Users|var|mnt)/|[A-Z]:\\\\", text) == []


@each_executable_page
def test_cell_size(page):
    assert [len(lines(cell)) for cell in page.cells if len(lines(cell)) > 20] == []
    for cell in page.cells:
        width = 88 if tags(cell) & FOLDED else 79
        assert [line for line in lines(cell) if len(line) > width] == []


def test_median_cell_size():
    cells = [cell for page in CONTENT for cell in without_solutions(page.notebook)]
    cells = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    assert median(len(lines(cell)) for cell in cells if not tags(cell) & FOLDED) <= 4


@each_executable_page
def test_every_cell_is_run(page):
    skipped = {"nbval-skip", "skip-execution"}
    assert [n for n, cell in enumerate(page.cells) if tags(cell) & skipped] == []


@each_executable_page
def test_figures_are_described(page):
    for where, mystnb in figures(page):
        figure, image = mystnb.get("figure", {}), mystnb.get("image", {})
        assert figure.get("name", "").startswith("fig-"), f"{where}: needs a name"
        assert figure.get("caption"), f"{where}: needs a caption"
        alt = image.get("alt", "")
        assert len(alt) >= 60, f"{where}: the alt text says too little"
        assert re.search(r"\d", alt), f"{where}: the alt text gives no number"
        assert "$" not in alt, f"{where}: alt text is read out, so it has no TeX"


@each_content_page
def test_glued_figures_are_described(page):
    for options in re.findall(r"^```\{glue:figure\}.*\n((?::.*\n)*)", page.text, re.M):
        assert {":name:", ":alt:"} <= set(re.findall(r"^:\w+:", options, re.MULTILINE))


def test_names_are_unique():
    names = [
        mystnb["figure"]["name"]
        for page in EXECUTABLE
        for _, mystnb in figures(page)
        if "figure" in mystnb
    ]
    for page in PAGES:
        names += re.findall(r"^\$\$ \(([^)]+)\)$", page.text, re.MULTILINE)
        names += re.findall(r"^\(([\w-]+)\)=$", page.text, re.MULTILINE)
        names += re.findall(r"^:(?:label|name): (.+)$", page.text, re.MULTILINE)
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_glued_names_are_unique():
    glued = [
        name
        for page in EXECUTABLE
        for cell in page.cells
        for name in re.findall(r"\bglue\(\s*[\"']([^\"']+)", cell.source)
    ]
    assert [name for name, count in Counter(glued).items() if count > 1] == []


@pytest.mark.parametrize(
    "module",
    ["rmsprop", "rmsprop.averages", "rmsprop.problems", "rmsprop.plotting"]
    + ["rmsprop.compare", "rmsprop.tasks", "rmsprop.pytorch"],
)
def test_api_page_has_every_public_name(module):
    page = (ROOT / "chapters/api.md").read_text("utf8")
    exported = importlib.import_module(module).__all__
    whole = re.search(rf"automodule:: {re.escape(module)}\n   :members:\n", page)
    named = re.findall(rf"auto\w+:: {re.escape(module)}\.(\w+)$", page, re.MULTILINE)
    assert whole or set(exported) <= set(named)
