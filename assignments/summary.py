"""Sum up a class: how many passed each check, as a text and as a picture."""

from collections import Counter
from statistics import median

from assignments.files import write


def rates(results):
    """Return for each check its name, how many tried it, failed it and left it unanswered."""
    checks = {}
    for result in results:
        for number, outcome in enumerate(result["outcomes"]):
            names = ", ".join(outcome["functions"])
            name = f"{outcome['question']}. {names}: {outcome['title']}"
            states = checks.setdefault(number, (name, Counter()))[1]
            states[outcome["state"]] += 1
    found = []
    for name, states in checks.values():
        failed, blank = states["wrong"] + states["error"], states["not answered"]
        found.append((name, states.total() - blank, failed, states["carried"], blank))
    return found


def text(assignment, results, totals):
    """Return the summary of a class as Markdown, from one result for each student."""
    totals = [totals[result["key"]] for result in results]
    points = sorted(p for p in totals if p is not None)
    states = Counter(result["status"] for result in results)
    late = sum(result["late"] for result in results)
    said = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    files = f"{len(results)} students, each with the file that counts: {said}; {late} late."
    parts = [f"# {assignment.title}: the class", files]
    if points:
        low, high = points[len(points) // 4], points[-1 - len(points) // 4]
        parts.append(
            f"Points of {assignment.possible}: median {median(points):g}, "
            f"half of the students from {low:g} to {high:g}."
        )
    rows = ["| check | tried | failed | % | carried | unanswered |", "|---|---|---|---|---|---|"]
    for name, tried, failed, carried, blank in rates(results):
        share = f"{100 * failed / tried:.0f}" if tried else ""
        rows.append(f"| {name} | {tried} | {failed} | {share} | {carried} | {blank} |")
    parts.append("\n".join(rows))
    parts.append(
        "Failed: a wrong value or an error. Carried: right with the reference's earlier values, "
        "and counted as right. Unanswered is not counted among the tried."
    )
    return "\n\n".join(parts) + "\n"


def picture(assignment, results, path):
    """Draw the share of failures for each check, if there is Matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    found = [(name, failed / tried, tried) for name, tried, failed, *_ in rates(results) if tried]
    if not found:
        return
    figure = Figure(figsize=(9, 1.2 + 0.27 * len(found)), layout="constrained")
    axes = figure.subplots()
    names = [name if len(name) < 70 else name[:67] + "..." for name, *_ in found]
    places = range(len(found))
    axes.barh(places, [100 * share for _, share, _ in found], color="tab:blue")
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("failed, % of those who tried")
    axes.set_title(assignment.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def write_summary(assignment, results, totals, out):
    """Write the summary of a class and its picture."""
    write(out / "summary.md", text(assignment, results, totals))
    picture(assignment, results, out / "summary.svg")
