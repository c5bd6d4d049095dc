"""Run the checks on a submission, and say in words what came of each.

The checks run here, in the grader. The functions that they call are the submission's: the
arguments go to its kernel as plain data, and what comes back is plain data.
"""

import builtins
import re
from functools import partial

from assignments.inside.values import packed
from assignments.recording import generator, kind
from assignments.source import check_title
from assignments.student import Lost

WORDS = {
    "NoneType": "nothing (None)",
    "str": "a text",
    "dict": "a dictionary",
    "list": "a list",
    "bool": "True or False",
    "int": "a whole number",
    "float": "a number",
    "array": "an array",
}


def run_checks(assignment, student, recordings, seed, space, code):
    """Return an outcome for each check; `code` is all that the submission has of code."""
    outcomes = []
    for number, (check, data) in enumerate(assignment.checks):
        recording = recordings[number]

        def attempt(tables, check=check, number=number, recording=recording):
            call = Calls(student, recording, tables)
            functions = {name: partial(call, name) for name in assignment.functions}
            try:
                exec(check, space | functions | {"rng": generator(seed, number)})
                return "passed", ""
            except Exception as error:
                return verdict(error, call, code)

        state, why = attempt({})
        if state != "passed" and recording.tables and attempt(recording.tables)[0] == "passed":
            names = " and ".join(f"`{name}`" for name in recording.tables)
            state, why = "carried", f"Right once {names} is: that error is not counted again."
        outcomes.append(
            {
                "question": str(data.question),
                "title": check_title(data),
                "functions": recording.functions,
                "hidden": "hidden" in data.tags,
                "points": data.points if state in ("passed", "carried") else 0,
                "possible": data.points,
                "state": state,
                "why": f"{why} {data.hint}" if state == "wrong" else why,
            }
        )
    return outcomes


class Calls:
    """The submission's functions, as a check calls them."""

    def __init__(self, student, recording, tables):
        self.student, self.recording, self.tables = student, recording, tables
        self.raised = None  # the last error that came from the submission, and where it arose
        self.misfit = ""  # of the first result that is of another kind than the reference's

    def __call__(self, name, *arguments, **options):
        """Call a function of the submission."""
        try:
            value = self.student.call(name, arguments, options, self.tables)
        except Exception as error:
            self.raised = (error, name, dict(self.student.last))
            raise
        due = self.recording.kinds.get((name, packed([list(arguments), options])))
        if due and not self.misfit:
            self.misfit = misfit(name, kind(value), due)
        return value


def misfit(name, got, due):
    """Say how a result is of another kind than it should be; nothing if it is not."""
    (word, shape), (word_due, shape_due) = got, due
    numbers = {"bool": 0, "int": 1, "float": 2}
    returned = f"`{name}` returned"
    if word == "NoneType" != word_due:
        return f"{returned} nothing (None). Is there a `return` at its end?"
    if word in numbers and word_due in numbers:
        if numbers[word] > numbers[word_due]:
            wanted = f"{WORDS[word_due]} is wanted (type {word_due})"
            return f"{returned} a number of type {word}, where {wanted}."
        return ""
    if {word, word_due} <= {"array", "list"}:
        if len(shape) != len(shape_due):
            return f"{returned} an array of {len(shape)} dimensions, not of {len(shape_due)}."
        if shape != shape_due:
            more = [a - b for a, b in zip(shape, shape_due, strict=True) if a != b][0]
            entries = f"{abs(more)} {'entry' if abs(more) == 1 else 'entries'}"
            return f"{returned} {entries} too {'many' if more > 0 else 'few'}."
        return ""
    if word != word_due:
        return f"{returned} {WORDS[word]}, where {WORDS[word_due]} is wanted."
    return ""


def verdict(error, call, code):
    """Return the state of a failed check, and why, in words that give nothing of it away."""
    if call.raised and call.raised[0] is error:
        return raised(*call.raised, code)
    if call.misfit:
        return "error", call.misfit
    if isinstance(error, AssertionError):
        return "wrong", "Wrong value."
    return "error", "What was returned could not be compared."


def raised(error, name, told, code):
    """Say what a function of the submission raised, as far as that is the submission's own text."""
    if isinstance(error, Lost):
        return "error", f"When `{name}` was called: {error}."
    what = told.get("raised", type(error).__name__)
    words = set(re.findall(r"\w+", code))
    where = f" in the line `{told['line']}`" if told.get("line") in lines(code) else ""
    if what == "Missing":
        return "not answered", f"There is no `{name}`."
    if isinstance(error, NotImplementedError):
        other = told.get("function", name)
        if other != name and other in words:
            return "not answered", f"It needs `{other}`, which is not answered."
        return "not answered", ""
    if isinstance(error, TimeoutError):
        return "error", f"`{name}` took too long."
    if what == "NotPlain":
        return "error", f"`{name}` returned something else than numbers, texts, lists or arrays."
    if what == "NameError" and told.get("name") in words:
        return "error", f"NameError in `{name}`: `{told['name']}` is not defined{where}."
    shown = what if what in ERRORS else "An error"
    return "error", f"{shown} in `{name}`{where}."


def lines(code):
    """Return the lines of a submission's code, without their indents, that are worth showing."""
    return {line.strip() for line in code.splitlines() if line.strip() and len(line) < 100}


def all_errors(error=Exception):
    """Return the names of Python's own errors."""
    return {error.__name__}.union(*(all_errors(below) for below in error.__subclasses__()))


ERRORS = {name for name in all_errors() if hasattr(builtins, name)}
