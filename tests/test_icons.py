"""The icon font keeps what the book shows."""

from icons import characters

STYLES = """
.fa-file:before{content:"\\f15b"} .fa-bell:before,.fa-ring:before{content:"\\f0f3"}
.admonition:after{content:"\\f0eb"} html{--pst-icon-share:"\uf064"}
.fa-moon:before{content:"\\f186"}
.plain{color:red}
"""


def test_icons_in_use_are_kept():
    found = characters(STYLES, '<i class="fa-solid fa-file"></i> <i class="fa-ring">')
    assert found == {0xF15B, 0xF0F3, 0xF0EB, 0xF064}
