"""What is cut from the theme's styles and icons, and what is kept."""

import re

import pytest
import tinycss2

from book.pages import HTML
from unused import icons, kept, names

USED = {"fa-file", "card", "note", "open"}


def cut(style):
    return "".join(kept(tinycss2.parse_stylesheet(style), USED))


@pytest.mark.parametrize(
    ("style", "left"),
    [
        (".card{color:red}.modal{color:blue}", ".card{color:red}"),
        (".card,.modal{top:0}", ".card{top:0}"),
        (".card .modal{top:0}", ""),
        ("p>.card.open:hover{top:0}", "p>.card.open:hover{top:0}"),
        ("p:not(.modal){top:0}", "p:not(.modal){top:0}"),
        (":is(.modal,.card){top:0}", ":is(.modal,.card){top:0}"),
        ('a[href$=".modal"]{top:0}', 'a[href$=".modal"]{top:0}'),
        ("@media print{.modal{top:0}}", ""),
        ("@media print{.card{top:0}.modal{top:0}}", "@media print{.card{top:0}}"),
        ("@font-face{src:url(a.woff2)}", "@font-face{src:url(a.woff2)}"),
        ("/*! licence */ /* word */", "/*! licence */"),
    ],
)
def test_rules_that_may_apply_are_kept(style, left):
    assert cut(style) == left


def test_a_name_is_a_class_of_a_page_or_a_word_of_a_script():
    pages = ['<p class="note fa-file">prose</p>']
    assert names(pages, ['e.classList.add("open-1")']) >= {"note", "fa-file", "open-1"}
    assert "prose" not in names(pages, [])


def test_icons_that_rules_and_pages_write_are_kept():
    style = '.fa-file:before{content:"\\f15b"} html{--icon:"\uf064"}'
    assert icons(style, "\uf0c5") == {0xF15B, 0xF064, 0xF0C5}


@pytest.mark.usefixtures("build")
def test_the_theme_is_cut_once_and_asked_for_in_one_go():
    styles = HTML / "_static/styles"
    theme = (styles / "pydata-sphinx-theme.css").read_text("utf8")
    assert len(theme) < 150_000 and ".bd-article" in theme and ".carousel-inner" not in theme
    assert "MIT" in theme  # Bootstrap's licence
    assert "@import" not in (styles / "theme.css").read_text("utf8")


@pytest.mark.usefixtures("build")
def test_no_page_waits_for_a_script():
    for page in sorted((HTML / "chapters").glob("*.html")):
        for script in re.findall(r"<script\b[^>]*\bsrc=[^>]*>", page.read_text("utf8")):
            assert " defer" in script or " async" in script, (page.name, script)
