"""A link may name any place of another page, and one that leads nowhere is a warning."""

from io import StringIO

import pytest
from docutils import nodes
from docutils.utils import new_document
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from book import text

OTHER = """
## A heading, first

(label)=
Text, and

$$
a = b
$$ (eq-here)
"""


def build(folder, link):
    """Build pages in two folders with a link to another; return both, and the warnings."""
    pages = {"index": f"[there]({link})", "in-depth/inner": f"[there](../{link})", "other": OTHER}
    for name, content in pages.items():
        (folder / name).parent.mkdir(exist_ok=True)
        front_matter = "---\norphan: true\n---\n# A page\n\n"
        (folder / f"{name}.md").write_text(front_matter + content, "utf8")
    warning = StringIO()
    out = folder / "out"
    config = {
        "extensions": ["myst_parser"],
        "myst_enable_extensions": ["dollarmath"],
        "source_suffix": {".md": "markdown"},  # Sphinx keeps that of an earlier test
    }
    with patch_docutils(folder), docutils_namespace():
        app = Sphinx(folder, None, out, out, "html", config, status=None, warning=warning)
        app.connect("doctree-read", text.note_places)
        app.build()
    pages = [(out / f"{name}.html").read_text("utf8") for name in ("index", "in-depth/inner")]
    return *pages, warning.getvalue()


@pytest.mark.parametrize(
    ("label", "anchor"),
    [
        ("a-heading-first", "a-heading-first"),
        ("label", "label"),
        ("eq-here", "equation-eq-here"),
    ],
)
def test_place(tmp_path, label, anchor):
    beside, above, warning = build(tmp_path, f"other.md#{label}")
    assert f'href="other.html#{anchor}"' in beside
    assert f'href="../other.html#{anchor}"' in above
    assert warning == ""


def test_no_place(tmp_path):
    *_, warning = build(tmp_path, "other.md#elsewhere")
    assert warning.count("local id not found") == 2 and "elsewhere" in warning


@pytest.mark.parametrize(
    ("before", "after", "together"),
    [
        ("Let ", ", and", ["x,"]),
        ("the rate (", "), which", ["(x),"]),
        ("the ", "-axis", ["x-"]),
        ("", ".", ["x."]),
        ("Let ", " be", []),
    ],
)
def test_a_formula_and_what_touches_it_are_one_word(before, after, together):
    line = nodes.paragraph("", before, nodes.math("x", "x"), nodes.Text(after))
    text.bind(line.next_node(nodes.math))
    assert [bound.astext() for bound in line.findall(nodes.inline)] == together
    assert line.astext() == f"{before}x{after}"


def test_a_number_and_its_per_cent_sign_are_one_word():
    document = new_document("")
    document += nodes.paragraph("", "At 38 % of ", nodes.literal("5 % 3", "5 % 3"))
    text.KeepTogether(document).run()
    assert document.astext() == "At 38\u00a0% of 5 % 3"


def test_a_long_formula_may_break():
    document = new_document("")
    document += nodes.paragraph("", "", nodes.math("", "x + " * 20), nodes.Text("."))
    text.KeepTogether(document).run()
    assert not list(document.findall(nodes.inline))
