"""The data behind the folklore page is whole, and everything that it names exists."""

import posixpath
import re
import tomllib
from urllib.parse import urlsplit

import pytest
from docutils.nodes import make_id

from book.pages import PAGES, ROOT

TEXT = (ROOT / "chapters/data/claims.toml").read_text("utf8")
CLAIMS = tomllib.loads(TEXT)
# How the three write-ups were numbered; two numbers of the first were never given.
NUMBERS = {f"A{n:02}" for n in range(1, 83) if n not in (57, 66)} | {"A40b"}
NUMBERS |= {f"B{n:02}" for n in range(1, 21)} | {f"C{n:02}" for n in range(1, 19)}
VERDICTS = {
    "true",
    "true under conditions",
    "imprecise",
    "unsupported",
    "false",
}
KINDS = {"history", "wording", "recommendation"}
FIELDS = {"topic", "said", "claim", "verdict", "why", "decided"}
OPTIONAL = {"kind", "also", "same", "condition"}

each_claim = pytest.mark.parametrize(("number", "claim"), CLAIMS.items(), ids=CLAIMS)


# What stands at a place, by the first part of its label
THINGS = {"fig": "figure", "eq": "formula", "alg": "algorithm", "thm": "theorem"}
THINGS |= {"prop": "proposition", "ex": "exercise"}
LABEL = re.compile(r"^(?:\$\$ \(|\(|:label: | +name: )([\w-]+)", re.MULTILINE)


def places(page):
    """Yield all that a link into a page may name, with the words that say what stands there."""
    text = re.sub(r"^(\([\w-]+\)=)\n(##+ .*)$", r"\2\n\1", page.text, flags=re.MULTILINE)
    for part in re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]:
        heading = part.partition("\n")[0]
        yield make_id(heading), heading
        for label in LABEL.findall(part):
            thing = THINGS.get(label.partition("-")[0])
            yield label, f"{thing} in: {heading}" if thing else heading


PLACES = {f"{page.name}.md#{label}": words for page in PAGES for label, words in places(page)}
BIBLIOGRAPHY = (ROOT / "chapters/references.bib").read_text("utf8")
KEYS = set(re.findall(r"^@\w+\{([^,]+),", BIBLIOGRAPHY, re.MULTILINE))


def test_no_claim_is_missing():
    assert set(CLAIMS) == NUMBERS


def test_no_claim_is_told_twice():
    told = [claim["claim"].lower().strip(" .") for claim in CLAIMS.values()]
    assert sorted(told) == sorted(set(told))


@each_claim
def test_fields(number, claim):
    assert FIELDS <= set(claim) <= FIELDS | OPTIONAL
    assert claim["verdict"] in VERDICTS
    assert claim.get("kind", "history") in KINDS
    assert re.fullmatch("A?B?C?", claim["said"]) and number[0] in claim["said"]


@each_claim
def test_a_repeat_names_the_first_entry_of_its_kind(number, claim):
    if "same" in claim:
        first = CLAIMS[claim["same"]]
        assert list(CLAIMS).index(claim["same"]) < list(CLAIMS).index(number)
        assert "same" not in first
        assert (first["said"], first["verdict"]) == (claim["said"], claim["verdict"])


@each_claim
def test_sentences(number, claim):
    for sentence in claim["claim"], claim["why"]:
        assert sentence == " ".join(sentence.split())
        assert re.match(r"[^a-z]", sentence) or sentence.startswith(("ε", "100x"))
        assert re.search(r"[^.]\.$", sentence)
        assert "|" not in sentence  # would end a cell of the table
    assert not re.search(r"[.!?] [A-Z]", claim["why"]), "one sentence of why"


@each_claim
def test_what_decides_exists(number, claim):
    """A link says what stands where it leads; a key is one of the bibliography."""
    links = [re.fullmatch(r"\[(.*)\]\((.*)\)", decided) for decided in claim["decided"]]
    for link, key in zip(links, claim["decided"], strict=True):
        place = link and posixpath.normpath(posixpath.join("reference", link[2]))
        assert PLACES[place] == link[1] if link else key in KEYS, key
    # Only where no cell can decide may a source do so alone.
    assert any(links) or claim["decided"] and "kind" in claim


@each_claim
def test_other_texts_are_linked(number, claim):
    for name, url in claim.get("also", {}).items():
        assert name and urlsplit(url).scheme == "https" and urlsplit(url).path


def test_the_page_shows_the_file():
    (page,) = (page for page in PAGES if page.path.stem == "folklore")
    table = page.record.read_text("utf8")
    for number, claim in CLAIMS.items():
        assert f'<b id=\\"{number}\\">{number}</b> {claim["claim"]}' in table


def test_numbers_in_the_text_are_claims():
    (page,) = (page for page in PAGES if page.path.stem == "folklore")
    assert set(re.findall(r"\b[ABC]\d\db?\b", page.prose)) <= NUMBERS
