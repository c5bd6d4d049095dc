"""Run the checks on the reference first: they must pass, and what it returns is kept.

Of each check it is kept which functions it calls, of what kind the results are, and the values
of functions that these call in turn, so that errors can be carried forward. All of this happens
in the grader; the reference itself never enters a submission's process.
"""

import inspect
import io
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import wraps

import numpy as np

from assignments.inside.values import NotPlain, pack, packed, unpacked
from assignments.source import MARKED, check_title, classes

MOST_ROWS = 1000  # of a table of values


class FaultOfTheCheck(Exception):
    """A check fails on the reference, so nobody can be graded with it."""


@dataclass
class Recording:
    """What the reference does in one check."""

    functions: list = field(default_factory=list)  # that students wrote and the check calls
    kinds: dict = field(default_factory=dict)  # of results, by the call
    tables: dict = field(default_factory=dict)  # of values, by the function


def grader_space(assignment):
    """Return the names that checks see in the grader, without the functions of students."""
    space = {}
    for code in assignment.setup(hidden=True):
        exec(code, space)
    return space


def generator(seed, number):
    """Return the random generator of a check."""
    return np.random.default_rng([seed, number])


def record(assignment, seed):
    """Return a Recording for each check; FaultOfTheCheck if one fails on the reference."""
    names = {}
    with redirect_stdout(io.StringIO()):
        for code in [*assignment.setup(hidden=False), *assignment.answers]:
            exec(code, names)
    watch = Watch(assignment, names)
    ours, recordings = grader_space(assignment), []
    for number, (code, data) in enumerate(assignment.checks):
        watch.recording = Recording()
        try:
            exec(code, ours | watch.functions | {"rng": generator(seed, number)})
        except Exception as error:
            raise FaultOfTheCheck(
                f"{assignment.name}, question {data.question}, {check_title(data)}: the check "
                f"fails on the reference: {type(error).__name__}: {error}"
            ) from error
        recordings.append(watch.finished(assignment))
    return recordings


class Watch:
    """The reference's functions, each noted when it is called."""

    def __init__(self, assignment, names):
        self.given, self.inside = set(assignment.given), []
        self.recording = None
        self.functions = {}
        for name in assignment.functions:
            names[name] = self.functions[name] = self.watched(name, names[name])
        for code in assignment.answers:
            for name in classes(code) if MARKED.search(code) else []:
                self.watch_methods(names[name])

    def watch_methods(self, written):
        """Let what the methods of a class call be called from inside."""
        for name, method in list(vars(written).items()):
            if inspect.isfunction(method):
                setattr(written, name, self.noted(written.__name__, method))

    def noted(self, name, method):
        """Return a method that does the same, and during which we are inside a class."""

        @wraps(method)
        def call(*arguments, **options):
            self.inside.append(name)
            try:
                return method(*arguments, **options)
            finally:
                self.inside.pop()

        return call

    def watched(self, name, function):
        """Return a function that does the same and is noted."""
        signature = inspect.signature(function)

        def call(*arguments, **options):
            try:
                key = packed([list(arguments), options])
                bound = signature.bind(*arguments, **options)
                bound.apply_defaults()
                bound = pack(dict(bound.arguments)) if plain(signature) else None
            except (NotPlain, TypeError):
                key = bound = None
            if not self.inside:  # by the check, across the wall
                arguments, options = unpacked(packed([list(arguments), options]))
            direct = all(other in self.given for other in self.inside)
            self.inside.append(name)
            failure = None
            try:
                answer = {"value": function(*arguments, **options)}
            except ValueError as error:
                answer, failure = {"raised": type(error).__name__}, error
            finally:
                self.inside.pop()
            self.note(name, signature, key, bound, answer, direct)
            if failure:
                raise failure
            value = answer["value"]
            return value if self.inside else unpacked(packed(value))

        return call

    def note(self, name, signature, key, bound, answer, direct):
        """Note a call: its kind, if the check made it, its value, if another function did."""
        if direct:
            self.recording.functions.append(name)
            if "value" in answer and key is not None:
                self.recording.kinds[name, key] = kind(answer["value"])
        elif bound is not None:
            table = self.recording.tables.setdefault(name, empty_table(signature))
            known = [arguments for arguments, _ in table["rows"]]
            if bound not in known:
                table["rows"].append([bound, answer])

    def finished(self, assignment):
        """Return what was noted of a check, in a form that can be sent to a kernel."""
        recording, tables = self.recording, {}
        for name, table in recording.tables.items():
            if name in recording.functions or name in self.given:
                continue  # the check tests this one itself
            try:
                rows = [[known, sendable(answer)] for known, answer in table["rows"]]
            except NotPlain:
                continue
            if len(rows) <= MOST_ROWS:
                tables[name] = {**table, "rows": rows}
        written = [name for name in recording.functions if name not in self.given]
        if not written:  # a class, by way of given functions
            marked = [code for code in assignment.answers if MARKED.search(code)]
            written = [name for code in marked for name in classes(code)]
        recording.functions, recording.tables = list(dict.fromkeys(written)), tables
        return recording


def plain(signature):
    """Tell whether a function has neither * nor ** among its parameters."""
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return not any(parameter.kind in variable for parameter in signature.parameters.values())


def empty_table(signature):
    """Return a table for a function's values: how it is called, and no row yet."""
    parameters = signature.parameters.values()
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    return {"names": [p.name for p in parameters], "defaults": pack(defaults), "rows": []}


def sendable(answer):
    """Return an answer of the reference as plain data."""
    if "value" not in answer:
        return answer
    return {"value": pack(answer["value"]), "tuple": isinstance(answer["value"], tuple)}


def kind(value):
    """Return what sort of thing a value is: a word, and its shape where it has one."""
    if value is None or isinstance(value, (str, dict)):
        return type(value).__name__, ()
    try:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    except ValueError:
        return "list", (len(value),)
    if array.dtype.kind not in "biuf":
        return "list", array.shape[:1]
    if array.shape:
        return "array", array.shape
    return {"b": "bool", "i": "int", "u": "int", "f": "float"}[array.dtype.kind], ()
