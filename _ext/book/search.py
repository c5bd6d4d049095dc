"""What the book's search finds: sections, by their headings, index entries and prose.

Sphinx's index has the page for its unit and takes in whatever stands there. Here each
section is fed as a document of its own, named ``page#section``, which ``search.js`` takes
apart again for the link. The heading counts, with the entries of ``{index}`` directives in
the section (words that readers type and the text does not use), and so does the prose.
Code, outputs, checks, formulas and solutions do not.
"""

from docutils import nodes
from sphinx import addnodes, search
from sphinx.util.docutils import new_document

QUESTIONS = {"can", "do", "does", "how", "my", "so", "too", "what", "when", "which", "why"}


class English(search.SearchEnglish):
    """English, where a question is asked by its other words."""

    stopwords = search.SearchEnglish.stopwords | QUESTIONS


class Sections(search.IndexBuilder):
    """Sphinx's index, fed with sections."""

    def feed(self, docname, filename, title, doctree):
        """Take in each section of a page."""
        for section in doctree.findall(nodes.section):
            if not section["ids"] or not isinstance(section[0], nodes.title):
                continue
            name, heading = docname, section[0].astext()
            shown = title
            if section.parent is not doctree:
                name, shown = f"{docname}#{section['ids'][0]}", f"{heading} – {title}"
            found = [node for child in section[1:] for node in inside(child)]
            entries = [
                (value.replace(";", ""), place if place.startswith("term-") else "", "main")
                for node in found
                if isinstance(node, addnodes.index)
                for _, value, place, *_ in node["entries"]
            ]
            words = " ".join(node for node in found if isinstance(node, nodes.Text))
            heavy = " ".join([heading, *(entry for entry, *_ in entries)])
            document = new_document("")
            document += [nodes.section("", nodes.title("", heavy)), nodes.paragraph("", words)]
            super().feed(name, filename, shown, document)
            self._all_titles[name] = []  # else each would be found twice
            self._index_entries[name] = entries

    def prune(self, docnames):
        """Keep the sections of these pages."""
        super().prune([name for name in self._titles if name.partition("#")[0] in docnames])


NO_PROSE = (nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.section)


def inside(node):
    """Yield the texts and the index entries in a node; of a cell, only its captions."""
    if isinstance(node, nodes.Text | addnodes.index):
        yield node
    elif not isinstance(node, NO_PROSE) and "solution" not in node["classes"]:
        parts = node.findall(nodes.caption) if "cell" in node["classes"] else node.children
        for part in parts:
            yield from inside(part)
