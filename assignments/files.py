"""Write files whole or not at all, and tables in which nothing of ours is a formula."""

import csv
import io
import os
import re


def write(path, text):
    """Write a file so that whoever looks sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}"[:100] + ".unfinished")
    unfinished.write_text(text, "utf8", errors="backslashreplace", newline="\n")
    unfinished.replace(path)


def write_table(path, rows, as_is=False):
    """Write a CSV file in which nothing is a formula; `as_is`, with all cells as they are."""
    text = io.StringIO(newline="")
    if not as_is:
        rows = [[f"'{c}" if str(c).startswith(tuple("=+-@'")) else c for c in row] for row in rows]
    csv.writer(text, lineterminator="\n").writerows(rows)
    write(path, text.getvalue())


def read_table(path, as_is=False):
    """Return the rows of a CSV file, with commas or, as some spreadsheets save it, semicolons.

    The apostrophes that keep cells from being formulas are left out, but not `as_is`.
    """
    text = path.read_text("utf-8-sig")
    head = text.splitlines()[0] if text.strip() else ""
    comma = ";" if re.match(r"[^,]*;", head) else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma) if any(row)]
    return rows if as_is else [[cell.removeprefix("'") for cell in row] for row in rows]


def tidy(text, most=300):
    """Return what a submission says as one short line, without what is not for reading."""
    text = str(text)[:most].translate(str.maketrans("`;", "',"))
    return "".join(c if c.isprintable() else " " for c in text)
