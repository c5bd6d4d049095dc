"""Given: runs the checks of this notebook and says at its end how far you are. Not graded."""

from contextlib import contextmanager
from inspect import unwrap

checked = {}


@contextmanager
def checking(question, title, points, hint):
    """Run a check; say what came of it instead of stopping the notebook."""
    try:
        yield
        verdict = "passed"
    except NotImplementedError:
        verdict = "not answered yet"
    except AssertionError:
        verdict = f"not right yet. {hint}"
    except Exception as error:
        verdict = f"stopped by {type(error).__name__}: {error}"
    checked[question, title] = verdict
    print(f"Question {question}, {title} ({points} of the points): {verdict}")


def is_answered(name):
    """Tell whether a function, or each method of a class, is there and has been written."""
    found = globals().get(name)
    parts = vars(found).values() if isinstance(found, type) else [found]
    codes = [unwrap(part).__code__ for part in parts if hasattr(part, "__code__")]
    blank = [c for code in codes for c in code.co_consts if str(c).endswith("is not answered yet")]
    return found is not None and not blank


def summary(**asked):
    """Say which functions are unanswered and which of the visible checks are passed."""
    left = [name for names in asked.values() for name in names if not is_answered(name)]
    print("Not answered yet:", ", ".join(left) if left else "nothing, every function is there")
    for question in dict.fromkeys(question for question, _ in checked):
        verdicts = [verdict for (q, _), verdict in checked.items() if q == question]
        passed = verdicts.count("passed")
        print(f"Question {question}: {passed} of {len(verdicts)} visible checks passed")
