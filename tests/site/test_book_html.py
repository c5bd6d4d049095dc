"""The book builds without a warning, and its pages hold together on their own."""

import json
import os
import re
import zipfile
from functools import cache
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

from book.notebooks import NEED_REPOSITORY
from book.pages import HTML, ROOT, contents
from book.pages import PAGES as SOURCES
from shown import differences, figure

PAGES = [path.relative_to(ROOT).with_suffix(".html").as_posix() for path in contents()]

# What a browser fetches by itself: the attributes that name it
FETCHED = {
    "script": ["src"],
    "img": ["src"],
    "source": ["src", "srcset"],
    "iframe": ["src"],
    "embed": ["src"],
    "object": ["data"],
    "video": ["src"],
    "audio": ["src"],
    "image": ["href"],
}
LINKED = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "manifest"}
LINKED |= {"modulepreload", "prefetch", "prerender", "apple-touch-icon"}
CODE, SPAN = re.compile(r"<pre>.*?</pre>", re.DOTALL), re.compile(r"</?span\b[^>]*>")
REMOTE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)

pytestmark = pytest.mark.usefixtures("build")
each_page = pytest.mark.parametrize("name", PAGES)


def test_build(build):
    warnings = [line for line in build.stdout.splitlines() if ": WARNING: " in line]
    assert build.returncode == 0, "\n".join(warnings) or build.stdout[-3000:]


@cache
def soup(path):
    """Parse a page; most of its elements would only colour code, and are left out."""
    text = CODE.sub(lambda code: SPAN.sub("", code[0]), path.read_text("utf8"))
    return BeautifulSoup(text, "html.parser")


def article(name):
    """Return what the author wrote of a page, without the theme's frame."""
    return soup(HTML / name).select_one("article.bd-article")


def written():
    """Yield every HTML file of the book, with its name."""
    for path in sorted(HTML.rglob("*.html")):
        name = path.relative_to(HTML).as_posix()
        # not the theme's templates, nor the page whose links start at the root of a site
        if not name.startswith("_static/") and name != "404.html":
            yield name, path


def test_nothing_is_fetched_from_elsewhere():
    found = []
    for name, path in written():
        page = soup(path)
        urls = [url for tag in page.find_all(True) for url in fetched(tag)]
        found += [f"{name}: {url}" for url in urls if REMOTE.match(url)]
        for script in page.select("script:not([src])"):
            found += re.findall(r"[\"'`](?:https?:)?//[^\"'`]+", script.get_text())
    for path in sorted(HTML.rglob("*.css")):
        urls = css_urls(path.read_text("utf8"))
        found += [f"{path.name}: {url}" for url in urls if REMOTE.match(url)]
    assert found == []


def fetched(tag):
    """Yield what a browser fetches because of a tag."""
    yield from (tag[key] for key in FETCHED.get(tag.name, []) if tag.has_attr(key))
    if tag.name == "link" and LINKED & set(tag.get("rel", [])):
        yield tag["href"]
    yield from css_urls(tag.get("style", ""))
    if tag.name == "style":
        yield from css_urls(tag.get_text())


def css_urls(css):
    """Return what a style sheet fetches."""
    urls = re.findall(r"url\(\s*[\"']?([^\"')]+)", css)
    return urls + re.findall(r"@import\s+[\"']([^\"']+)", css)


def test_every_link_leads_somewhere():
    broken = []
    for name, path in written():
        for tag in soup(path).find_all(["a", "img", "script", "link"]):
            url = tag.get("href") or tag.get("src") or ""
            if urlsplit(url).scheme or REMOTE.match(url) or url == "#":
                continue
            file, fragment = urldefrag(url)
            file = urlsplit(file).path  # without the ?v= of style sheets
            target = (path.parent / unquote(file)).resolve() if file else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file() or not has(target, fragment):
                broken.append(f"{name}: {url}")
    assert broken == []


@cache
def anchors(path):
    """Return every place on a page that a link can lead to."""
    named = soup(path).find_all("a", attrs={"name": True})
    return {tag["id"] for tag in soup(path).find_all(id=True)} | {tag["name"] for tag in named}


def has(path, fragment):
    """Tell whether a file has the place that a link names, if it names one."""
    return not (fragment and path.suffix == ".html") or unquote(fragment) in anchors(path)


def test_search_knows_sections_and_no_code():
    text = (HTML / "searchindex.js").read_text("utf8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    assert "chapters/limits#a-falling-rate-removes-the-late-loss" in index["docnames"]
    assert {"floor", "half"} <= set(index["terms"])
    words = {"axhline", "frac", "linspac", "matplotlib.pyplot", "raises-except"}  # as stemmed
    assert words & set(index["terms"]) == set()


@each_page
def test_page_says_what_it_is(name):
    page = soup(HTML / name)
    assert page.html["lang"]
    assert page.title.get_text(strip=True)
    assert len(article(name).select("h1")) == 1


@each_page
def test_images(name):
    for image in article(name).select("img"):
        alt = image.get("alt", "").strip()
        assert urlsplit(image["src"]).path.endswith(".svg")
        assert alt and not re.search(r"\.\w{3,4}$", alt) and "/" not in alt.split()[0]


@each_page
def test_text_is_finished(name):
    assert re.findall(r"\bnp\.\w+\([^)]*\)", output_text(name)) == []
    # A role or directive that was not recognized stays as it was typed.
    typed = article(name).find_all(string=re.compile(r"\{[a-z:]+\}`"))
    assert [text for text in typed if not text.find_parent(["pre", "code"])] == []


@each_page
def test_solutions_are_folded_below_their_exercises(name):
    exercises = article(name).select("div.exercise")
    assert len(exercises) == len(article(name).select(".solution"))
    for exercise in exercises:
        solution = exercise.find_next_sibling()
        assert solution.name == "details" and not solution.has_attr("open")
        number = exercise.select_one(".caption-number").get_text(strip=True)
        assert re.fullmatch(r"Exercise (\d+\.)?\d+", number)
        assert solution.summary.get_text(strip=True) == f"Solution to {number}"


def output_text(name):
    """Return what the cells of a page printed."""
    return "\n".join(tag.get_text() for tag in article(name).select(".cell_output"))


def notebook(name):
    """Return the download of a page that is a notebook, None for others."""
    path = (HTML / "_sources" / name).with_suffix(".ipynb")
    return nbformat.read(path, 4) if path.exists() else None


NOTEBOOKS = [page for page in SOURCES if page.executable and page.path in contents()]
TAKEN = [page for page in NOTEBOOKS if page.path.stem not in NEED_REPOSITORY]


@pytest.mark.parametrize("page", TAKEN, ids=repr)
def test_page_can_be_taken_along_as_a_notebook(page):
    name = f"chapters/{page.name}"
    nb = notebook(f"{name}.html")
    nbformat.validate(nb)
    assert [cell for cell in nb.cells if cell.cell_type == "code" and not cell.source] == []
    drawn = [
        out for cell in nb.cells for out in cell.get("outputs", []) if "image/svg+xml" in str(out)
    ]
    assert len(drawn) >= page.text.count("  figure:\n")  # a reader may look before running
    prose = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    assert re.findall(r"\{[\w:]+\}`|^:{3,}|^`{3,}\{", prose, re.MULTILINE) == []
    links = set(re.findall(r"\]\(([\w./-]+\.(?:md|ipynb))(?:#[\w-]+)?\)", prose))
    folder = (HTML / "_sources" / name).parent
    assert {link for link in links if not (folder / link).exists()} == set()
    about = nb.cells[0].source.replace("’", "'")
    assert f"**{page.title}**" in about or f"[{page.title}](http" in about
    assert not re.search("slider|dragged", prose)  # what only the web page can do
    endings = ["", "-exercises"] if page.exercises else [""]
    up = "../" * name.count("/")
    assert downloads(f"{name}.html") == {f"{up}_sources/{name}{ending}.ipynb" for ending in endings}
    blank = notebook(f"{name}{endings[-1]}.html")
    assert ("Solution to" in "".join(cell.source for cell in nb.cells)) == (len(endings) > 1)
    assert "Solution to" not in "".join(cell.source for cell in blank.cells)


@pytest.mark.parametrize("name", NEED_REPOSITORY)
def test_page_that_needs_the_repository_is_not_taken_along(name):
    (page,) = [page for page in contents() if page.stem == name]
    name = page.relative_to(ROOT).with_suffix(".html").as_posix()
    assert notebook(name) is None
    assert downloads(name) == set()


def downloads(name):
    """Return the links of a page to notebooks."""
    return {link["href"] for link in soup(HTML / name).select("a[href^='..'][href$='.ipynb']")}


def test_book_and_notebooks_can_be_taken_along():
    with zipfile.ZipFile(HTML / "book.zip") as book:
        names = set(book.namelist())
    kept = {path for path in HTML.rglob("*") if path.is_file() and path.suffix != ".zip"}
    assert names == {f"rmsprop/{path.relative_to(HTML).as_posix()}" for path in kept}
    with zipfile.ZipFile(HTML / "notebooks.zip") as notebooks:
        taken = {f"notebooks/{page.name}.ipynb" for page in TAKEN}
        assert set(notebooks.namelist()) == taken


def test_nothing_leads_to_a_repository_that_is_not_known():
    if os.environ.get("GITHUB_REPOSITORY"):
        pytest.skip("left out: this build knows its repository")
    for name, path in written():
        texts = [tag.get_text() for tag in soup(path).select(".article-header-buttons a")]
        assert not {"Colab", "Binder", "Open issue"} & {text.strip() for text in texts}, name


def test_the_readme_shows_the_first_figure_of_the_book():
    """Copy the built figure to assets/steps.svg if the book's has changed."""
    image = article("chapters/index.html").select_one("#fig-index img")
    built = HTML / "chapters" / image["src"]
    kept = ROOT / "assets/steps.svg"
    new, old = (figure(path.read_text("utf8")) for path in (built, kept))
    assert list(differences(new, old)) == []
    assert f"![{image['alt']}](assets/steps.svg)" in (ROOT / "README.md").read_text("utf8")
