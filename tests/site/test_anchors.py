"""A link may name any place of another page, and one that leads nowhere is a warning."""

from io import StringIO

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

OTHER = """# Other

## A heading, first

(label)=
Text, and

$$
a = b
$$ (eq-here)
"""


def build(folder, link):
    """Build two pages, the first with a link to the second; return page and warnings."""
    (folder / "index.md").write_text(f"# Index\n\n[there]({link})\n", "utf8")
    (folder / "other.md").write_text(f"---\norphan: true\n---\n{OTHER}", "utf8")
    warning = StringIO()
    out = folder / "out"
    config = {
        "extensions": ["myst_parser", "anchors"],
        "myst_enable_extensions": ["dollarmath"],
    }
    with patch_docutils(folder), docutils_namespace():
        Sphinx(folder, None, out, out, "html", config, status=None, warning=warning).build()
    return (out / "index.html").read_text("utf8"), warning.getvalue()


@pytest.mark.parametrize(
    ("label", "anchor"),
    [
        ("a-heading-first", "a-heading-first"),
        ("label", "label"),
        ("eq-here", "equation-eq-here"),
    ],
)
def test_place(tmp_path, label, anchor):
    page, warning = build(tmp_path, f"other.md#{label}")
    assert f'href="other.html#{anchor}"' in page
    assert warning == ""


def test_no_place(tmp_path):
    _, warning = build(tmp_path, "other.md#elsewhere")
    assert "local id not found" in warning and "elsewhere" in warning
