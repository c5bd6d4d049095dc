"""Figures say what they show, and follow the page from light to dark."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from book import figures

SVG = "<svg><!-- Matplotlib --><metadata></metadata><text>3</text></svg>"


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Return a function that prepares a page with an image; it gives image, path and warnings."""
    warnings = []
    warn = lambda text, *values, location: warnings.append(text)  # noqa: E731
    monkeypatch.setattr(figures.log, "warning", warn)

    def run(svg, alt):
        (tmp_path / "cell.svg").write_text(svg, "utf8")
        document = new_document("page")
        image = nodes.image(uri="/cell.svg", alt=alt)
        document += image
        env = SimpleNamespace(relfn2path=lambda uri: (uri[1:], str(tmp_path / uri[1:])))
        app = SimpleNamespace(env=env, srcdir=tmp_path, outdir=tmp_path / "_build/html")
        (tmp_path / "_build").mkdir(exist_ok=True)
        figures.prepare(app, document)
        return image["uri"], (tmp_path / image["uri"][1:]).read_text("utf8"), warnings

    return run


def test_a_figure_of_a_cell_gets_dark_colours_and_an_address_of_its_own(prepared, tmp_path):
    uri, svg, warnings = prepared(SVG, alt="A three.")
    assert svg == SVG.replace("<metadata>", figures.DARK + "<metadata>")
    assert (tmp_path / "cell.svg").read_text("utf8") == SVG  # which the notebook shows
    other, *_ = prepared(SVG.replace("3", "4"), alt="A four.")
    assert uri != other and uri.startswith("/_build/figures/") and warnings == []


def test_other_images_stay(prepared):
    uri, svg, _ = prepared("<svg></svg>", alt="Nothing.")
    assert (uri, svg) == ("/cell.svg", "<svg></svg>")


@pytest.mark.parametrize("alt", ["", " "])
def test_no_text_alternative_is_a_warning(prepared, alt):
    *_, warnings = prepared(SVG, alt=alt)
    assert len(warnings) == 1
