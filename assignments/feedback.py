"""Write a page of feedback for a submission: by question, in words, nothing of hidden inputs."""

from itertools import groupby

UNREADABLE = {
    "not gradable": "Your file could not be graded: {}. Hand in the notebook itself, as .ipynb.",
    "by hand": "A person will look at your file: {}.",
    "waiting": "Not graded yet.",
}


def page(assignment, result, marks=None):
    """Return the feedback on a submission."""
    outcomes = result["outcomes"]
    parts = [f"# {assignment.title}", headline(assignment, result, marks)]
    if result["status"] in UNREADABLE and result["why"]:
        parts.append(UNREADABLE[result["status"]].format(result["why"]))
    points = sum(outcome["points"] for outcome in outcomes)
    if outcomes and points == sum(outcome["possible"] for outcome in outcomes):
        parts.append(f"Everything that is checked is right: all {len(outcomes)} checks passed.")
    elif outcomes and all(outcome["state"] == "not answered" for outcome in outcomes):
        parts.append("No function is answered yet.")
    else:
        for number, some in groupby(outcomes, key=lambda outcome: outcome["question"]):
            parts.append(question(number, list(some)))
    if assignment.rubric:
        parts.append(written(assignment, result, marks))
    if result["notes"]:
        notes = "\n".join(f"- {note}" for note in result["notes"])
        parts.append(f"## What was noticed on the way\n\n{notes}")
    return "\n\n".join(parts) + "\n"


def headline(assignment, result, marks):
    """Return who it is and how many points there are."""
    points = sum(outcome["points"] for outcome in result["outcomes"])
    if not assignment.rubric:
        return f"{result['student']}: {points} of {assignment.possible} points."
    if marks is not None:
        return f"{result['student']}: {points + sum(marks):g} of {assignment.possible} points."
    most = assignment.possible - sum(assignment.rubric.values())
    return f"{result['student']}: {points} of {most} points; the written part is not read yet."


def question(number, outcomes):
    """Return what there is to say of a question."""
    points = sum(outcome["points"] for outcome in outcomes)
    possible = sum(outcome["possible"] for outcome in outcomes)
    head = f"## Question {number}: {points} of {possible}"
    if all(outcome["state"] == "not answered" and not outcome["why"] for outcome in outcomes):
        names = dict.fromkeys(name for outcome in outcomes for name in outcome["functions"])
        return f"{head}\n\nNot answered: {listed(names)}."
    return head + "\n\n" + "\n".join(lines(list(some)) for _, some in groupby(outcomes, same))


def same(outcome):
    """Return what outcomes have in common that one line can tell."""
    told_once = outcome["state"] in ("error", "not answered") and outcome["why"]
    return outcome["functions"], outcome["why"] if told_once else outcome["title"]


def lines(outcomes):
    """Return a line for each of some outcomes, or one for all that fail for the same reason."""
    if len(outcomes) == 1 or outcomes[0]["state"] not in ("error", "not answered"):
        return "\n".join(line(outcome) for outcome in outcomes)
    possible = sum(outcome["possible"] for outcome in outcomes)
    titles = "; ".join(outcome["title"] for outcome in outcomes)
    names, why = listed(outcomes[0]["functions"]), outcomes[0]["why"]
    return f"- 0 of {possible}: {names}. {why} So none of this: {titles}."


def line(outcome):
    """Return a line on a check: what it tests, and what came of it."""
    seen = "hidden check" if outcome["hidden"] else "check in your notebook"
    tested = f"{listed(outcome['functions'])}: {outcome['title']} ({seen})"
    points = f"{outcome['points']} of {outcome['possible']}"
    return f"- {points}: {tested}. {said(outcome)}"


def said(outcome):
    """Return what came of a check, in words."""
    state = {"passed": "Right.", "not answered": "Not answered."}.get(outcome["state"], "")
    return " ".join(filter(None, [state, outcome["why"]]))


def listed(names):
    """Return names of functions as a text."""
    return ", ".join(f"`{name}`" for name in names)


def written(assignment, result, marks):
    """Return what there is to say of the written part."""
    if not result["text"]:
        return "## Written part\n\nNo text was found."
    if marks is None:
        return "## Written part\n\nNot read yet."
    pairs = zip(marks, assignment.rubric.items(), strict=True)
    lines = [f"- {mark:g} of {most}: {criterion}" for mark, (criterion, most) in pairs]
    head = f"## Written part: {sum(marks):g} of {sum(assignment.rubric.values())}"
    return head + "\n\n" + "\n".join(lines)
