"""Turn what the grader has found into what Gradescope shows: ``results.json``."""

import json
import sys
from pathlib import Path

from assignments.feedback import said
from assignments.files import write
from assignments.tables import total


def best_of(results):
    """Return the result that counts where several files were handed in."""
    return max(results, key=lambda result: (total(result, None) or 0, result["file"]))


def tests_of(result):
    """Return a test for each check, with a name of its own."""
    tests = []
    for number, outcome in enumerate(result["outcomes"], start=1):
        functions = ", ".join(outcome["functions"])
        tests.append(
            {
                "number": f"{outcome['question']}.{number}",
                "name": f"{number}. Question {outcome['question']}, "
                f"{functions}: {outcome['title']}",
                "score": outcome["points"],
                "max_score": outcome["possible"],
                "output": said(outcome),
                "visibility": "after_published" if outcome["hidden"] else "visible",
            }
        )
    return tests


def results_of(folder):
    """Return what Gradescope reads, from the folder that the grader has written."""
    found = [json.loads(p.read_text("utf8")) for p in sorted(folder.glob("results/*.json"))]
    if not found:
        return {"score": 0, "output": "No notebook was handed in.", "tests": []}
    best = best_of(found)
    notes = [best["why"], *best["notes"]]
    if len(found) > 1:
        notes.insert(0, f"Of {len(found)} files the best counts: {best['file']}")
    tests = tests_of(best)
    score = sum(test["score"] for test in tests)
    return {"score": score, "output": "\n".join(filter(None, notes)), "tests": tests}


if __name__ == "__main__":
    write(Path(sys.argv[2]), json.dumps(results_of(Path(sys.argv[1]))))
