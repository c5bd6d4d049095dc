"""Write all that comes of a batch: tables, feedback, texts to be read, the code, a summary."""

from assignments.feedback import page
from assignments.files import write, write_table
from assignments.summary import write_summary
from assignments.tables import after_deduction, counting, grades, total, write_gradebook
from assignments.written import gather, marks_of


def report(assignment, results, out, *, count="best", late=0, gradebook=None, column=None):
    """Write the report into a folder; return the paths that a teacher looks at first."""
    known = gather(assignment, results, out / "written") if assignment.rubric else {}
    marks = {r["key"]: marks_of(r, known) if assignment.rubric else None for r in results}
    totals = {}
    for result in results:
        points = total(result, marks[result["key"]])
        totals[result["key"]] = after_deduction(points, result, late)
        feedback = page(assignment, result, marks[result["key"]])
        write(out / "feedback" / f"{result['key']}.md", feedback)
        if result["code"]:
            write(out / "code" / f"{result['key']}.py", result["code"] + "\n")
    write_table(out / "grades.csv", grades(assignment, results, marks, totals, count))
    counts = counting(results, totals, count)
    write_summary(assignment, [r for r in results if r["key"] in counts], totals, out)
    paths = [out / "grades.csv", out / "summary.md"]
    if gradebook:
        table = (assignment, gradebook, column, results, marks, totals, count, out)
        paths.append(write_gradebook(*table))
    return paths
