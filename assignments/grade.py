"""Grade submissions: each in a process and a sandbox of its own, several at a time."""

import json
import multiprocessing
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256

import numpy as np

from assignments.report import write
from assignments.sandbox import ERRORS, Student

LARGEST = 10 * 2**20  # bytes of a submission
CANVAS = re.compile(r"([^_/]+)_(?:LATE_)?(\d+)_\d+_")  # name and number of the student
# A code cell of a Markdown notebook: fence, metadata (not read: YAML can be a bomb), code, fence.
METADATA = r"(?>---\n(?s:.*?)^---\n|(?::.*\n){,99})"
CELL = re.compile(rf"^(`{{3,}})\{{code-cell\}}.*\n{METADATA}((?s:.*?))^\1`* *$", re.M)


def read(path):
    """Return the code cells of a submission; ValueError says what is wrong with the file."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("not a file")
    if path.stat().st_size > LARGEST:
        raise ValueError("larger than 10 MB: clear the outputs")
    if path.suffix not in (".ipynb", ".md"):
        raise ValueError("not a notebook: neither .ipynb nor .md")
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix == ".md":
            return [code for _, code in CELL.findall(text)]
        cells = json.loads(text)["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("not a notebook") from None


def examine(assignment, codes, student, seed):
    """Run a submission's cells, then the checks; return outcomes and notes.

    The checks run here, in the grader. The functions that they call are the student's: the
    arguments go to the kernel as plain data, and what comes back is plain data.
    """
    for code in assignment.setup(hidden=False):
        student.run(code)
    troubles = [(number, student.run(code)) for number, code in enumerate(codes, start=1)]
    notes = [tidy(f"code cell {number}: {trouble}") for number, trouble in troubles if trouble]
    space, outcomes = {}, []
    for code in assignment.setup(hidden=True):
        exec(code, space)
    space |= {name: partial(student.call, name) for name in assignment.functions}
    for number, (code, data) in enumerate(assignment.checks):
        points, why = data.points, ""
        try:
            exec(code, space | {"rng": np.random.default_rng([seed, number])})
        except Exception as error:
            points, why = 0, f"{reason(error)}. {data.hint}"
        outcomes.append([str(data.question), points, data.points, why])
    return outcomes, notes[:20]


def reason(error):
    """Say why a check failed, in words that give nothing of the check away."""
    name = type(error).__name__
    known = {"AssertionError": "Wrong result", "Lost": str(error)}
    unknown = f"{name if name in ERRORS else 'An error'}, raised by the code or by its result"
    return known.get(name, unknown)


def tidy(text):
    """Return what a submission says as one short line, without what is not for reading."""
    text = str(text)[:300].translate(str.maketrans("`;", "',"))
    return "".join(c if c.isprintable() else " " for c in text)


def work(assignment, path, limits, how, seed, result, target):
    """Grade one submission and write its result; runs in a process of its own."""
    student = Student(limits, how)
    try:
        result["outcomes"], result["notes"] = examine(assignment, read(path), student, seed)
    except ValueError as error:
        result["notes"] = [str(error)]
    finally:
        student.stop()
    result["late"] = student.late
    write(target, json.dumps(result))


def apart(context, job):
    """Run `work` in a process, and end it when it takes too long."""
    process = context.Process(target=work, args=job)
    process.start()
    process.join(job[2].seconds + 60)
    process.kill()
    process.join()


def submissions(folder, out):
    """Yield the path of each submission and the beginning of its result."""
    for path in sorted(folder.rglob("*")):
        file = path.relative_to(folder)
        hidden = any(part.startswith((".", "__MACOSX")) for part in file.parts)
        if hidden or path.is_relative_to(out) or (path.is_dir() and not path.is_symlink()):
            continue
        facts, canvas = path.lstat(), CANVAS.match(str(file))
        student = f"{canvas[1]} {canvas[2]}" if canvas else (*file.parts[:-1], file.stem)[0]
        readable = path.is_file() and not path.is_symlink() and os.access(path, os.R_OK)
        readable = readable and facts.st_size <= LARGEST
        digest = sha256(path.read_bytes() if readable else str(facts).encode()).hexdigest()
        code = sha256(os.fsencode(file)).hexdigest()[:16]
        key = re.sub(r"[^\w-]+", "_", student)[:40] + "-" + code
        result = {"file": tidy(file), "student": tidy(student), "key": key, "digest": digest}
        yield path, result | {"outcomes": [], "notes": ["the grader failed on it"], "late": False}


def batch(assignment, folder, out, limits, how="sandbox", seed=0, again=False):
    """Grade what is new or has changed in a folder; return the results of all of it."""
    settings = f"{sha256(assignment.path.read_bytes()).hexdigest()} {seed} {limits}"
    jobs, targets = [], []
    for path, result in submissions(folder, out):
        result["digest"] += settings
        target = out / "results" / f"{result['key']}.json"
        known = json.loads(target.read_text("utf8")) if target.exists() else {}
        if again or known.get("digest") != result["digest"]:
            jobs.append((assignment, path, limits, how, seed, result, target))
            write(target, json.dumps(result | {"digest": "unfinished"}))
        targets.append(target)
    context = multiprocessing.get_context("forkserver")
    heavy = ["torch._dynamo"] * ("import torch" in str(assignment.setup(hidden=False)))
    context.set_forkserver_preload(["assignments.grade", "assignments.source", *heavy])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(partial(apart, context), jobs), start=1):
            if sys.stderr.isatty():
                bar = "#" * (30 * done // len(jobs))
                end = "\n" * (done == len(jobs))
                print(f"\r[{bar:<30}] {done} of {len(jobs)}", end=end, file=sys.stderr)
    for job in jobs if len(jobs) > 1 else []:
        if json.loads(job[-1].read_text("utf8"))["late"]:
            apart(context, job)  # alone: a neighbour may have taken its time
    return [json.loads(target.read_text("utf8")) for target in targets]
