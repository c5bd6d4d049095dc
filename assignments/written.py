"""The written part: find each text, gather them by criterion without names, and read the marks.

Marks are keyed by a digest of the text. A text that changes has no marks until it is read again.
"""

import re
from hashlib import sha256

from assignments.files import read_table, write, write_table
from assignments.handout import handout

NAME = re.compile(r"^\*\*Name:\*\*(.*)$", re.M)


def text_of(assignment, cells, student):
    """Return the paragraphs that a student has added, without the student's name."""
    if not assignment.rubric:
        return ""
    given = {p for cell in handout(assignment).cells for p in paragraphs(cell.source)}
    whole = "\n\n".join(source for kind, source in cells if kind == "markdown")
    names = set(re.findall(r"\w{3,}", " ".join([student, *NAME.findall(whole)])))
    whole = NAME.sub("", whole)
    for word in names - {"your", "name", "place", "these", "words"}:
        whole = re.sub(rf"\b{re.escape(word)}\b", "[name]", whole)
    return "\n\n".join(p for p in paragraphs(whole) if p not in given)


def paragraphs(text):
    """Return the paragraphs of a text, each with its blanks made one."""
    parts = re.split(r"\n\s*\n", text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def name_of(text):
    """Return a name for a text that says nothing of its author."""
    return sha256(text.encode()).hexdigest()[:12]


def gather(assignment, results, folder):
    """Write all texts once for each criterion, in an order that tells nothing; return the marks.

    The table of marks has a row for each text. A mark that is not from 0 to the most that the
    criterion gives is refused.
    """
    texts = sorted({result["text"] for result in results if result["text"]}, key=name_of)
    for number, (criterion, most) in enumerate(assignment.rubric.items(), start=1):
        parts = [f"# {number}. {criterion} ({most})"]
        parts += [f"## {name_of(text)}\n\n{text}" for text in texts]
        write(folder / f"criterion-{number}.md", "\n\n".join(parts) + "\n")
    path = folder / "marks.csv"
    rows = {name_of(text): [""] * len(assignment.rubric) for text in texts}
    for name, *row in read_table(path)[1:] if path.exists() else []:
        row += [""] * (len(assignment.rubric) - len(row))  # some drop empty cells at the end
        rows[name] = [mark.strip().replace(",", ".") for mark in row]
    for name, row in rows.items():
        for mark, most in zip(row, assignment.rubric.values(), strict=True):
            if mark and not (re.fullmatch(r"\d*\.?\d+", mark) and float(mark) <= most):
                raise SystemExit(f"{path}: {name}: the mark {mark} is not from 0 to {most}")
    write_table(path, [["text", *assignment.rubric], *([name, *row] for name, row in rows.items())])
    return {name: [float(mark) for mark in row] for name, row in rows.items() if all(row)}


def marks_of(result, marks):
    """Return the marks that a submission's text has, or None."""
    return marks.get(name_of(result["text"]))
