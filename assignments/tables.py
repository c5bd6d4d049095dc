"""Write the teacher's tables: all files, and one row a student for Canvas or Moodle."""

from assignments.feedback import page
from assignments.files import read_table, write_table

CANVAS, MOODLE = {"Student", "ID"}, {"Identifier", "Grade"}  # columns that tell them apart


def questions(assignment):
    """Return the numbers of the questions that have checks."""
    return list(dict.fromkeys(str(data.question) for _, data in assignment.checks))


def total(result, marks):
    """Return the points of a submission, or None if nothing of it could be graded."""
    if not result["outcomes"]:
        return None
    return sum(outcome["points"] for outcome in result["outcomes"]) + sum(marks or [])


def after_deduction(points, result, percent):
    """Return the points of a submission that may be late."""
    if points is None or not (result["late"] and percent):
        return points
    return round(points * (100 - percent) / 100, 2)


def counting(results, totals, count):
    """Return the keys of the submissions that count: each student's best, or last."""
    chosen = {}
    for result in results:
        whose = (result["student"], result["number"])
        points = totals[result["key"]]
        newest = (result["changed"], result["file"])
        rank = newest if count == "last" else (-1 if points is None else points, *newest)
        if whose not in chosen or rank > chosen[whose][0]:
            chosen[whose] = (rank, result["key"])
    return {key for _, key in chosen.values()}


def grades(assignment, results, marks, totals, count):
    """Return the rows of grades.csv, one for each file."""
    numbers, counts = questions(assignment), counting(results, totals, count)
    head = ["file", "student", "status", "late", "counts"]
    head += [*(f"question {number}" for number in numbers), "written", "total", "maximum", "notes"]
    rows = [head]
    for result in results:
        points = dict.fromkeys(numbers, 0 if result["outcomes"] else "")
        for outcome in result["outcomes"]:
            points[outcome["question"]] += outcome["points"]
        given, whole = marks[result["key"]], totals[result["key"]]
        rows.append(
            [
                result["file"],
                result["student"],
                result["status"],
                "late" if result["late"] else "",
                "yes" if result["key"] in counts else "",
                *points.values(),
                f"{sum(given):g}" if given is not None else "",
                f"{whole:g}" if whole is not None else "",
                assignment.possible,
                "; ".join(filter(None, [result["why"], *result["notes"]])),
            ]
        )
    return rows


def write_gradebook(assignment, gradebook, column, results, marks, totals, count, out):
    """Fill the grades into a table that Canvas or Moodle has exported; return where it is."""
    head, *rows = read_table(gradebook, as_is=True)  # the rest goes back as it came
    counts = counting(results, totals, count)
    found = {r["number"]: r for r in results if r["number"] and r["key"] in counts}
    if set(head) >= MOODLE:
        column, whose, path = column or "Grade", head.index("Identifier"), out / "moodle.csv"
    elif set(head) >= CANVAS:
        named = [name for name in head if name.startswith(assignment.title)]
        column = column or [*named, assignment.title][0]
        whose, path = head.index("ID"), out / "canvas.csv"
    else:
        raise SystemExit(f"{gradebook}: neither a gradebook of Canvas nor a worksheet of Moodle")
    if column not in head:
        head.append(column)
    place = head.index(column)
    for row in rows:
        row += [""] * (len(head) - len(row))
        digits = "".join(c for c in row[whose] if c.isdigit())
        result = found.get(digits)
        if result and totals[result["key"]] is not None:
            row[place] = f"{totals[result['key']]:g}"
            if "Feedback comments" in head:
                comment = page(assignment, result, marks[result["key"]])
                row[head.index("Feedback comments")] = comment
        elif "Points Possible" in row[0] and not row[place]:
            row[place] = str(assignment.possible)
    write_table(path, [head, *rows], as_is=True)
    return path
