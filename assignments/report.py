"""Write grades and feedback, each file whole or not at all, and merge the rubric's marks."""

import csv
import io
import os
import re


def write(path, text):
    """Write a file so that whoever looks sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    unfinished.write_text(text, "utf8", newline="\n")
    unfinished.replace(path)


def write_table(path, rows):
    """Write a CSV file in which nothing is a formula."""
    text = io.StringIO(newline="")
    rows = [[f"'{c}" if str(c).startswith(tuple("=+-@'")) else c for c in row] for row in rows]
    csv.writer(text, lineterminator="\n").writerows(rows)
    write(path, text.getvalue())


def marks(path, rubric, results):
    """Return the marks of each file that has all, from the rubric's table; add new files to it."""
    rows = {result["file"]: [""] * len(rubric) for result in results}
    if path.exists():
        head, *lines = path.read_text("utf-8-sig").splitlines()
        comma = ";" if head.startswith("file;") else ","  # as spreadsheets save where 0,5 is half
        for file, *row in filter(None, csv.reader(lines, delimiter=comma)):
            row += [""] * (len(rubric) - len(row))  # some drop empty cells at the end
            rows[file.removeprefix("'")] = [mark.strip().replace(",", ".") for mark in row]
    for file, row in rows.items():
        for mark, most in zip(row, rubric.values(), strict=True):
            if mark and not (re.fullmatch(r"\d*\.?\d+", mark) and float(mark) <= most):
                raise SystemExit(f"{path}: {file}: the mark {mark} is not from 0 to {most}")
    write_table(path, [["file", *rubric], *([file, *row] for file, row in rows.items())])
    return {file: [float(mark) for mark in row] for file, row in rows.items() if all(row)}


def report(assignment, results, out):
    """Write grades.csv, feedback for each submission, and a table for the rubric's marks."""
    rubric = assignment.rubric
    given = marks(out / "rubric.csv", rubric, results) if rubric else {}
    numbers = dict.fromkeys(str(data.question) for _, data in assignment.checks)
    table = [["file", "student", *(f"question {n}" for n in numbers), "written", "total", "notes"]]
    for result in results:
        points, written, lines = dict.fromkeys(numbers, 0), given.get(result["file"]), []
        for question, got, possible, why in result["outcomes"]:
            points[question] += got
            lines.append(f"- Question {question}: {got} of {possible}. {why}")
        for number, (criterion, most) in enumerate(rubric.items()):
            mark = f"{written[number]:g} of {most}" if written else "not graded yet"
            lines.append(f"- Written part: {mark}. {criterion}")
        lines += [f"- Note: `{note}`" for note in result["notes"]]
        total = f"{sum(points.values()) + sum(written or []):g}"
        head = f"# {assignment.title}\n\n{result['student']}: {total} points\n\n"
        write(out / "feedback" / f"{result['key']}.md", head + "\n".join(lines) + "\n")
        row = [result["file"], result["student"], *points.values()]
        table.append([*row, sum(written) if written else "", total, "; ".join(result["notes"])])
    write_table(out / "grades.csv", table)
