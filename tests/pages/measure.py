"""What a page asks of its reader: words, formulas, figures, lines of code, minutes."""

import re

from book.pages import lines, tags

UNREAD = ("exercise", "solution", "admonition to-try", "tableofcontents", "toctree", "automodule")
ROLE = re.compile(r"\{[\w:]+\}`([^`]*)`")
WORD = re.compile(r"\w")


def main_lines(page):
    """Yield the lines of the main text: no exercise, no solution, no cell, no dropdown."""
    for section in page.sections:
        if section.heading == "Exercises":
            continue
        for line, within in section.lines:
            if not any(name.startswith(UNREAD) or "dropdown" in name for name in within):
                yield line, within


def captions(page):
    """Yield the caption of each figure that a cell of the main text draws."""
    for section in page.sections:
        for cell in section.cells:
            figure = cell.metadata.get("mystnb", {}).get("figure", {})
            if figure and section.heading != "Exercises":
                yield str(figure.get("caption", ""))


def split_formulas(text):
    """Return a text without its displayed formulas, and how many there are."""
    return re.subn(r"^\$\$\n.*?^\$\$[^\n]*$", "", text, flags=re.MULTILINE | re.DOTALL)


def count_words(text):
    r"""Return the number of words; an inline formula is one, and so is a citation.

    Examples
    --------
    >>> count_words("A rate of $\\eta / 2$ is [long](page.md#here), see {eq}`eq-one`.")
    8
    """
    text = re.sub(r"(?<!\\)\$[^$]+\$", " x ", text)
    text = ROLE.sub(" x ", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"^\([\w-]+\)=$|^\+\+\+.*$|^%.*$|^:?-{3,}.*$", "", text, flags=re.MULTILINE)
    return sum(1 for token in re.split(r"[\s|]+", text) if WORD.search(token))


def visible(page, cell):
    """Tell whether a reader of the main text sees the cell's code."""
    if tags(cell) & {"hide-cell", "hide-input", "solution"}:
        return False
    return not any(
        cell is other
        for section in page.sections
        if section.heading == "Exercises"
        for other in section.cells
    )


def measure(page):
    """Return words, formulas, figures, visible lines of code, and minutes.

    A minute has 130 words; a displayed formula takes one, a figure one and a half, a line of
    code four seconds.
    """
    read = list(main_lines(page))
    text = "\n".join(line for line, _ in read)
    text, formulas = split_formulas(text)
    words = count_words(text) + sum(count_words(caption) for caption in captions(page))
    figures = len(list(captions(page))) + page.text.count("```{figure}")
    code = sum(len(lines(cell)) for cell in page.cells if visible(page, cell))
    minutes = words / 130 + formulas + 1.5 * figures + code * 4 / 60
    return {
        "words": words,
        "formulas": formulas,
        "figures": figures,
        "code": code,
        "minutes": minutes,
    }


def dropdown_words(page):
    """Return the number of words in the dropdowns of the main text."""
    inside = [
        line
        for section in page.sections
        if section.heading != "Exercises"
        for line, within in section.lines
        if any("dropdown" in name for name in within)
    ]
    return count_words("\n".join(inside))


if __name__ == "__main__":
    from book.pages import PAGES

    for page in PAGES:
        row = measure(page)
        print(
            f"{page.name:40} {row['words']:6} words {row['formulas']:3} formulas "
            f"{row['figures']:2} figures {row['code']:3} lines {row['minutes']:4.0f} minutes, "
            f"dropdowns {dropdown_words(page)}"
        )
