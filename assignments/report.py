"""Write grades and feedback, each file whole or not at all, and merge the rubric's marks."""

import csv
import io
import os


def write(path, text):
    """Write a file so that whoever looks sees the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    unfinished.write_text(text, "utf8", newline="\n")
    unfinished.replace(path)


def write_table(path, rows):
    """Write a CSV file in which nothing is a formula."""
    text = io.StringIO(newline="")
    rows = [[f"'{c}" if str(c).startswith(tuple("=+-@")) else c for c in row] for row in rows]
    csv.writer(text, lineterminator="\n").writerows(rows)
    write(path, text.getvalue())


def marks(path, rubric, files):
    """Return each file's marks in the rubric's table, None if some lack; add what is new to it."""
    fields, rows = ["file", *rubric], {}
    if path.exists():
        fields, *old = csv.reader(path.read_text("utf-8-sig").splitlines())
        rows = {row[0]: row for row in old}
    rows |= {file: [file] + [""] * (len(fields) - 1) for file in files if file not in rows}
    write_table(path, [fields, *rows.values()])
    given = {file: [rows[file][fields.index(criterion)] for criterion in rubric] for file in files}
    for file, row in given.items():
        for mark, most in zip(row, rubric.values(), strict=True):
            if mark and not (mark.replace(".", "", 1).isdigit() and float(mark) <= most):
                raise SystemExit(f"{path}: {file}: the mark {mark!r} is not from 0 to {most}")
    return {file: [float(m) for m in row] if all(row) else None for file, row in given.items()}


def report(assignment, results, out):
    """Write grades.csv, feedback for each submission, and a table for the rubric's marks."""
    given = marks(out / "rubric.csv", assignment.rubric, [result["file"] for result in results])
    numbers = dict.fromkeys(str(data.question) for _, data in assignment.checks)
    table = [["file", "student", *(f"question {n}" for n in numbers), "written", "total", "notes"]]
    for result in results:
        points, written, lines = dict.fromkeys(numbers, 0), given[result["file"]], []
        for question, got, possible, why in result["outcomes"]:
            points[question] += got
            lines.append(f"- Question {question}: {got} of {possible}. {why}")
        for number, (criterion, most) in enumerate(assignment.rubric.items()):
            mark = f"{written[number]:g} of {most}" if written else "not graded yet"
            lines.append(f"- Written part: {mark}. {criterion}")
        lines += [f"- Note: `{note}`" for note in result["notes"]]
        total = f"{sum(points.values()) + sum(written or []):g}"
        head = f"# {assignment.title}\n\n{result['student']}: {total} points\n\n"
        write(out / "feedback" / f"{result['key']}.md", head + "\n".join(lines) + "\n")
        row = [result["file"], result["student"], *points.values()]
        table.append([*row, sum(written) if written else "", total, "; ".join(result["notes"])])
    write_table(out / "grades.csv", table)
