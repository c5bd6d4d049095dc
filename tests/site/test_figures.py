"""Figures follow the page from light to dark."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from book import figures

SVG = "<svg><!-- Matplotlib --><metadata></metadata><text>3</text></svg>"


@pytest.fixture
def darkened(tmp_path):
    """Return a function that darkens a page with an image; it gives its address and content."""

    def run(svg):
        (tmp_path / "cell.svg").write_text(svg, "utf8")
        document = new_document("page")
        image = nodes.image(uri="/cell.svg")
        document += image
        env = SimpleNamespace(relfn2path=lambda uri: (uri[1:], str(tmp_path / uri[1:])))
        app = SimpleNamespace(env=env, srcdir=tmp_path, outdir=tmp_path / "_build/html")
        (tmp_path / "_build").mkdir(exist_ok=True)
        figures.darken(app, document)
        return image["uri"], (tmp_path / image["uri"][1:]).read_text("utf8")

    return run


def test_a_figure_of_a_cell_gets_dark_colours_and_an_address_of_its_own(darkened, tmp_path):
    uri, svg = darkened(SVG)
    assert svg == SVG.replace("<metadata>", figures.DARK + "<metadata>")
    assert (tmp_path / "cell.svg").read_text("utf8") == SVG  # which the notebook shows
    other, _ = darkened(SVG.replace("3", "4"))
    assert uri != other and uri.startswith("/_build/figures/")


def test_other_images_stay(darkened):
    assert darkened("<svg></svg>") == ("/cell.svg", "<svg></svg>")
