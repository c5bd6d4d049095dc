"""A folder of broken and hostile submissions, graded in one batch, costs nobody else a point.

Each submission is the reference, or a part of it, with something done to it. What it must get
is what it has honestly answered.
"""

import csv
import io
import json
import os
import socket
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from nbformat import writes

from assignments.batch import Batch, cores
from assignments.handout import handout
from assignments.recording import generator, grader_space
from assignments.report import report
from assignments.sandbox import INSIDE, Limits, why_not
from assignments.source import FOLDER, Assignment

ASSIGNMENT = Assignment(str(Path(__file__).with_name("01-averages.md")))  # that of version 0.1.0
Q1, Q2, Q3, Q4, Q5 = ASSIGNMENT.answers
PERFECT = [*ASSIGNMENT.setup(hidden=False), *ASSIGNMENT.answers]
LIMITS = Limits(seconds=30, cell=1, memory=600)
NAMES = ASSIGNMENT.functions
SECRET = "4f6d1c"  # what the hostile try to learn, or to leave behind

reason = why_not()
pytestmark = pytest.mark.skipif(bool(reason), reason=f"no submission is graded here: {reason}")


def notebook(*codes, **metadata):
    """Return a notebook's text."""
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**empty, "id": f"c{n}", "source": code} for n, code in enumerate(codes)]
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole)


def returning(expression):
    """Return a cell that makes every function return something."""
    return "\n".join(f"def {name}(*a, **k): return {expression}" for name in NAMES)


FORGE = """
import json, os
parent = os.getppid()
reply = json.dumps({"status": "ok", "user_expressions": {"answer": {"data": {"text/plain": "1"}}}})
for fd in os.listdir(f"/proc/{parent}/fd"):
    try:
        with open(f"/proc/{parent}/fd/{fd}", "wb", buffering=0) as pipe:
            pipe.write(reply.encode() + b"\\n")
    except OSError:
        pass
"""
STEAL = r"""
import json, os, re, sys
for path in ("{sources}/01-averages.md", "{submissions}/perfect.ipynb"):
    try:
        text = open(path).read()
    except OSError:
        continue
    if path.endswith("b"):
        codes = [cell["source"] for cell in json.loads(text)["cells"]]
    else:
        codes = re.findall(r"```.code-cell.*\n:tags: .answer.\n((?:.*\n)*?)```", text)
    exec("\n".join(codes))
for folder, _, files in os.walk("/"):
    if not folder.startswith(("/proc", "/sys", "/usr", sys.prefix, sys.base_prefix)):
        for file in files:
            try:
                text = open(os.path.join(folder, file), errors="replace").read(200_000)
            except OSError:
                continue
            if "def half_" + "life(rho):\n    return" in text:
                exec(text)
"""
OVERWRITE = """
import os
for folder in ("{out}", "{submissions}", "{sources}", "/tmp", os.getcwd()):
    for file in ("results/perfect.json", "grades.csv", "perfect.ipynb", "01-averages.md"):
        try:
            os.makedirs(os.path.dirname(os.path.join(folder, file)), exist_ok=True)
            open(os.path.join(folder, file), "w").write("SECRET")
        except OSError:
            pass
"""
NETWORK = """
import socket
from contextlib import suppress
for host, port in (("127.0.0.1", {port}), ("10.255.255.1", 80)):
    try:
        socket.create_connection((host, port), timeout=1).send(b"x")
    except OSError:
        pass
"""
LEAK = "def average(*a, **k): raise type('4f6d' '1c', (Exception,), {})('4f6d' '1c' + repr(a))"
LEAK_NAME = "def average(*a, **k): raise NameError(name='4f6d' '1c')"
FORK = "import os, time\nfor _ in range(100_000):\n    os.fork() or time.sleep(30)"

ALIASES = "\n".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 10)}]"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
YAML_BOMB = f"---\na: &a [x, x]\n{ALIASES}\n---\n\n```{{code-cell}}\n:tags: [x]\n\n{Q1}\n```\n"


def archive(*names, content=None):
    """Return an archive with a notebook under each of some names."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, notebook(*PERFECT) if content is None else content)
    return whole.getvalue()


def of_version_3(*codes):
    """Return a notebook as IPython 2 wrote it."""
    cells = [{"cell_type": "code", "input": c, "outputs": [], "language": "python"} for c in codes]
    whole = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}}
    return json.dumps({**whole, "worksheets": [{"cells": cells}]})


def remembered():
    """Return a cell whose functions know the inputs of the seed 0, and the answers."""
    names = {}
    for code in PERFECT:
        exec(code, names)
    tables = {name: {} for name in NAMES}

    def keep(name):
        def call(*arguments, **options):
            value = names[name](*arguments, **options)
            shown = value.tolist() if isinstance(value, np.ndarray) else value
            tables[name][repr((arguments, options))] = repr(shown)
            return value

        return call

    space = grader_space(ASSIGNMENT) | {name: keep(name) for name in NAMES}
    for number, (code, _) in enumerate(ASSIGNMENT.checks):
        exec(code, space | {"rng": generator(0, number)})
    return "\n".join(
        f"def {name}(*a, **k): return eval({tables[name]!r}[repr((a, k))], {{'np': np}})"
        for name in NAMES
    )


# name: (file, or code cells; points due; a part of what the teacher must see; status due)
WELL, HAND, NOT = "graded", "by hand", "not gradable"
CASES = {
    # ordinary
    "perfect.ipynb": (PERFECT, 20, "", WELL),
    "perfect-md.md": ("perfect, as Markdown", 20, "", WELL),
    "exported.md": ("perfect, as exported", 20, "", WELL),
    "percent.py": ("# %%\n" + "\n\n# %%\n".join(PERFECT), 20, "", WELL),
    "answers.py": ("\n\n".join(PERFECT), 20, "", WELL),
    "SHOUTED.IPYNB": (PERFECT, 20, "", WELL),
    "renamed.ipynb.txt": (PERFECT, 20, "", WELL),
    "old.ipynb": (of_version_3(*PERFECT), 20, "", WELL),
    "packed.zip": (archive("hw/a.ipynb", "__MACOSX/hw/._a.ipynb"), 20, "", WELL),
    "blank.ipynb": ("the handout", 0, "", WELL),
    "wrong.ipynb": ([*PERFECT, ASSIGNMENT.wrong[2][0]], ASSIGNMENT.wrong[2][1].score, "", WELL),
    "wrong-first.ipynb": ([*PERFECT, "def average(*a, **k): return 7.0"], 16, "", WELL),
    "missing-first.ipynb": ([PERFECT[0], Q2, Q3, Q4, Q5], 16, "", WELL),
    "floor-of-steps.ipynb": (
        [*PERFECT, "old = settled\ndef settled(*a): return np.ceil(old(*a) - 0.5)"],
        19,
        "",
        WELL,
    ),
    "misspelt.ipynb": (
        [*PERFECT, "def weights(rho, n): return rho ** np.arrange(n)"],
        18,
        "",
        WELL,
    ),
    "no-return.ipynb": ([*PERFECT, "def weights(rho, n):\n    w = rho**n"], 18, "", WELL),
    "syntax-error.ipynb": ([*PERFECT[:2], Q2 + "\n)", Q3, Q4, Q5], 16, "SyntaxError", WELL),
    "deleted-cells.ipynb": ([PERFECT[0], Q1, Q5], 8, "", WELL),
    "deleted-setup.ipynb": ([Q1, Q2, Q3, Q4, Q5], 20, "", WELL),
    "duplicated.ipynb": ([*PERFECT, Q1, Q1, Q5], 20, "", WELL),
    "reordered.ipynb": ([Q5, Q4, Q3, Q2, Q1], 20, "", WELL),
    "Kopie von assignment (2).ipynb": (PERFECT, 20, "", WELL),
    "async.ipynb": ([*PERFECT, "import asyncio\nawait asyncio.sleep(0)"], 20, "", WELL),
    "timed.ipynb": ([PERFECT[0], *("%%time\n" + code for code in PERFECT[1:])], 20, "", WELL),
    "strict-warnings.ipynb": (
        ["import warnings\nwarnings.simplefilter('error')", *PERFECT],
        20,
        "",
        WELL,
    ),
    "asks.ipynb": ([*PERFECT, "input('Ready?')"], 20, "StdinNotImplementedError", WELL),
    "shadowed.ipynb": (
        [*PERFECT, "exec = dict = vars = globals = json = repr = type = sys = calls = 1"],
        20,
        "",
        WELL,
    ),
    "reset-first.ipynb": (["%reset -f", *PERFECT], 20, "deletes all names", WELL),
    "leaves.ipynb": ([*PERFECT[:3], "exit()", *PERFECT[3:], "quit()"], 20, "", WELL),
    "=1+1.ipynb": (PERFECT, 20, "", WELL),
    "doejane_LATE_4711_99_averages-2.ipynb": (PERFECT, 20, "", WELL),
    "Ann Doe_4712_assignsubmission_file/hw.ipynb": (PERFECT, 20, "", WELL),
    "folder of Ann/a.ipynb": (PERFECT, 20, "", WELL),
    "folder of Ann/b.ipynb": (PERFECT[:2], 4, "", WELL),
    "x" * 240 + ".ipynb": (PERFECT, 20, "", WELL),
    "\U0001d4b6" * 60 + ".ipynb": (PERFECT, 20, "", WELL),
    "two\nlines.ipynb": (PERFECT, 20, "", WELL),
    "same-ids.ipynb": (notebook(*PERFECT).replace('"c1"', '"c0"'), 20, "", WELL),
    "odd-metadata.ipynb": (
        notebook(*PERFECT, kernelspec={"name": "bash"}, seed=[[]]),
        20,
        "",
        WELL,
    ),
    # for a person, or for nobody
    "essay.pdf": ("%PDF-1.4 not a notebook", 0, "a PDF", HAND),
    "report.html": ("<html></html>", 0, "a web page", HAND),
    "answers.docx": (archive("word/document.xml"), 0, "a Word document", HAND),
    "no-cells.ipynb": ([], 0, "no code", HAND),
    "two.zip": (archive("a.ipynb", "b.ipynb"), 0, "2 notebooks", HAND),
    "imports-package.ipynb": (
        [PERFECT[0], "from rmsprop.averages import average, weights, half_life, mean_age"],
        0,
        "imports rmsprop, which is not allowed",
        HAND,
    ),
    "imports-torch.ipynb": ([*PERFECT, "import torch"], 20, "imports torch", HAND),
    "imports-by-name.ipynb": (
        [*PERFECT, "import importlib\nimportlib.import_module('tor' + 'ch')"],
        20,
        "uses importlib.import_module",
        HAND,
    ),
    "empty-file.ipynb": ("", 0, "an empty file", NOT),
    "half.ipynb": (notebook(*PERFECT)[:400], 0, "not a notebook", NOT),
    "list.ipynb": ("[[1], {}]", 0, "not a notebook", NOT),
    "deep.ipynb": ("[" * 200_000, 0, "not a notebook", NOT),
    "binary.ipynb": (bytes(range(128, 256)) * 8, 0, "not a notebook", NOT),
    "broken.zip": (archive("a.ipynb")[:300], 0, "broken or encrypted", NOT),
    "bomb.zip": (archive("a.ipynb", content="0" * 11_000_000), 0, "larger than 10 MB", NOT),
    "huge.ipynb": (notebook(*PERFECT, "#" + "x" * 11_000_000), 0, "larger than 10 MB", NOT),
    "bomb.md": (YAML_BOMB, 0, "", NOT),
    # that take too much
    "endless-loop.ipynb": (
        [*PERFECT[:2], Q2 + "\nwhile True: pass", Q3, Q4, Q5],
        20,
        "Timeout",
        WELL,
    ),
    "endless-in-function.ipynb": (
        [*PERFECT, "def last_average(*a, **k):\n    while True: pass"],
        18,
        "",
        WELL,
    ),
    "endless-first.ipynb": (
        [*PERFECT, "def average(*a, **k):\n    while True: pass"],
        16,
        "",
        WELL,
    ),
    "stubborn-loop.ipynb": (
        [
            *PERFECT[:2],
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
            *PERFECT[2:],
        ],
        20,
        "could not be interrupted",
        WELL,
    ),
    "sleeper.ipynb": ([*PERFECT[:3], "import time; time.sleep(999)", *PERFECT[3:]], 20, "", WELL),
    "endless-printing.ipynb": ([*PERFECT, "while True: print('x' * 1000)"], 20, "Timeout", WELL),
    "printing-below.ipynb": (
        [*PERFECT, "import os\nwhile True: os.write(1, b'x' * 10_000)"],
        20,
        "Timeout",
        WELL,
    ),
    "forking.ipynb": ([*PERFECT, FORK], 20, "", WELL),
    "threads.ipynb": (
        [
            *PERFECT,
            "import threading, time\nwhile True: "
            "threading.Thread(target=time.sleep, args=[60]).start()",
        ],
        20,
        "can't start new thread",
        WELL,
    ),
    "memory.ipynb": (
        [*PERFECT, "x = [bytearray(3 * 10**8) for _ in range(100)]"],
        20,
        "MemoryError",
        WELL,
    ),
    "memory-of-children.ipynb": (
        [
            *PERFECT,
            "import os, time\nfor _ in range(9):\n    if not os.fork():\n"
            "        x = bytearray(b'x') * 10**8; time.sleep(30)\ntime.sleep(30)",
        ],
        20,
        "MB of memory",
        WELL,
    ),
    "disk.ipynb": (
        [*PERFECT, "for i in range(99):\n    open(f'/tmp/{i}', 'wb').write(bytes(10**7))"],
        20,
        "OSError",
        WELL,
    ),
    # that end their kernel
    "exit.ipynb": ([*PERFECT[:2], "import os; os._exit(0)", *PERFECT[2:]], 20, "kernel died", WELL),
    "exit-in-function.ipynb": (
        [*PERFECT, "def half_life(rho): os._exit(0)\nimport os"],
        18,
        "",
        WELL,
    ),
    "exit-and-die.ipynb": (
        [*PERFECT[:3], "exit()", *PERFECT[3:], "def half_life(rho): os._exit(0)\nimport os"],
        18,
        "",
        WELL,
    ),
    "sys-exit.ipynb": (
        [*PERFECT[:2], "import sys; sys.exit()", *PERFECT[2:]],
        20,
        "SystemExit",
        WELL,
    ),
    "becomes-another.ipynb": (
        [*PERFECT, "import os; os.execv('/bin/true', ['true'])"],
        20,
        "kernel died",
        WELL,
    ),
    "closes-files.ipynb": ([*PERFECT, "import os; os.closerange(0, 200)"], 20, "", WELL),
    "killed-relay.ipynb": (
        [*PERFECT, "import os; os.kill(os.getppid(), 9)"],
        20,
        "kernel died",
        WELL,
    ),
    "stopped-relay.ipynb": (
        [*PERFECT, "def mean_age(rho):\n    import os; os.kill(os.getppid(), 19)"],
        19,
        "",
        WELL,
    ),
    "surrogate.ipynb": (
        [*PERFECT, "raise ValueError('\\ud800', '\ud800')"],
        20,
        "kernel died",
        WELL,
    ),
    # that want points for nothing
    "remembered.ipynb": ([PERFECT[0], remembered()], 5, "", WELL),
    "patched-asserts.ipynb": (
        [
            returning("1.0"),
            "import builtins, sys, numpy\nbuiltins.AssertionError = type('X', (Exception,), {})\n"
            "numpy.allclose = numpy.array_equal = close = lambda *a, **k: True\n"
            "builtins.all = builtins.any = lambda *a: True\nsys.excepthook = lambda *a: None",
        ],
        1,
        "",
        WELL,
    ),
    "patched-kernel.ipynb": (
        [
            "import IPython, json\nip = get_ipython()\nip.user_expressions = lambda e: {'answer': {"
            "'status': 'ok', 'metadata': {}, 'data': {'text/plain': '{\"value\": {}}'}}}\n"
            "json.dumps = lambda *a, **k: '0'\n"
            "ip.kernel.do_execute = None\nimport calls\ncalls.call = lambda *a: 1"
        ],
        0,
        "",
        HAND,
    ),
    "lying-result.ipynb": (
        [
            "class Yes(float):\n"
            "    def __eq__(self, other): return True\n"
            "    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__\n"
            "    def __repr__(self): return '[' * 100_000\n"
            "    def __array__(self, *a, **k): import numpy; return numpy.array(float('nan'))\n"
            + returning("Yes('nan')")
        ],
        0,
        "",
        WELL,
    ),
    "huge-result.ipynb": (
        [*PERFECT, "def mean_age(rho): return [1.0] * 1_000_000"],
        19,
        "",
        WELL,
    ),
    "huge-number.ipynb": ([*PERFECT, "def mean_age(rho): return 10**5000"], 19, "", WELL),
    "not-plain.ipynb": ([*PERFECT, "def mean_age(rho): return {object()}"], 19, "", WELL),
    "contains-itself.ipynb": (
        [*PERFECT, "def mean_age(rho): a = []; a.append(a); return a"],
        19,
        "",
        WELL,
    ),
    "forged-replies.ipynb": ([FORGE, returning("None")], 0, "", WELL),
    "reading-the-grader.ipynb": ([STEAL], 0, "", WELL),
    "overwriting-results.ipynb": ([OVERWRITE, Q1], 4, "", WELL),
    "leaking.ipynb": ([*PERFECT, LEAK], 16, "", WELL),
    "leaking-names.ipynb": ([*PERFECT, LEAK_NAME], 16, "", WELL),
    "network.ipynb": ([*PERFECT, NETWORK], 20, "", WELL),
    "formula.ipynb": (
        [*PERFECT, r"raise ValueError('=cmd|A0`\n\n# 20 points \u202e;=HYPERLINK(1);')"],
        20,
        "ValueError",
        WELL,
    ),
}


def text_of(content, words):
    """Return a submission's bytes."""
    if isinstance(content, bytes):
        return content
    if content == "the handout":
        content = writes(handout(ASSIGNMENT))
    elif content == "perfect, as Markdown":
        front = Path(FOLDER, "01-averages.md").read_text("utf8").split("# Assignment")[0]
        cells = [f"```{{code-cell}} ipython3\n{code}\n```\n" for code in PERFECT]
        content = front + "\n".join(cells)
    elif content == "perfect, as exported":
        content = "# Mine\n\n" + "\n".join(f"```python\n{code}\n```\n" for code in PERFECT)
    elif isinstance(content, list):
        for word, value in words.items():
            content = [code.replace(word, str(value)) for code in content]
        content = notebook(*content)
    return content.encode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the folder once; return the results by file, and the two folders."""
    folder, out = tmp_path_factory.mktemp("submissions"), tmp_path_factory.mktemp("out")
    words = {"{sources}": FOLDER, "{submissions}": folder, "{out}": out, "SECRET": SECRET}
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        words["{port}"] = server.getsockname()[1]
        for name, (content, *_) in CASES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(text_of(content, words))
        (folder / "link.ipynb").symlink_to(folder / "perfect.ipynb")
        (folder / "loop").symlink_to(folder)
        os.mkfifo(folder / "pipe.ipynb")
        (folder / ".hidden.ipynb").write_text("x")
        batch = Batch(ASSIGNMENT, folder, out, seed=7, limits=LIMITS)
        assert batch.run(jobs=cores())
        report(ASSIGNMENT, batch.results(), out)
        with pytest.raises(TimeoutError):  # nobody has called
            server.accept()
    return {result["file"]: result for result in batch.results()}, folder, out


def points(result):
    return sum(outcome["points"] for outcome in result["outcomes"])


def test_there_are_many():
    assert len(CASES) >= 80


@pytest.mark.parametrize("name", CASES, ids=lambda name: name[:30].replace("\n", " "))
def test_each_gets_what_it_has_answered(graded, name):
    result = graded[0][name.replace("\n", " ")]
    _, due, note, status = CASES[name]
    assert (points(result), result["status"]) == (due, status), result
    assert note in "; ".join([result["why"], *result["notes"]])


def why(result):
    return [outcome["why"] for outcome in result["outcomes"] if outcome["why"]]


def test_what_is_too_long_is_not_read(graded):
    (said,) = why(graded[0]["huge-result.ipynb"])
    assert not said.startswith("Wrong value")  # which would mean that it was looked at


def test_errors_of_name_and_type_are_told_as_such(graded):
    hints = [data.hint for _, data in ASSIGNMENT.checks]
    said = {
        "floor-of-steps": "`settled` returned a number of type float, "
        "where a whole number is wanted (type int).",
        "no-return": "`weights` returned nothing (None). Is there a `return` at its end?",
        "misspelt": "AttributeError in `weights` in the line "
        "`def weights(rho, n): return rho ** np.arrange(n)`.",
        "missing-first": "There is no `average`.",
        "not-plain": "`mean_age` returned something else than numbers, texts, lists or arrays.",
        "endless-in-function": "`last_average` took too long.",
    }
    for name, due in said.items():
        found = [text for text in why(graded[0][f"{name}.ipynb"]) if not text.startswith("Right")]
        assert set(found) == {due}
        assert not [hint for hint in hints if hint in str(found)]


def test_an_error_is_not_counted_twice(graded):
    result = graded[0]["wrong-first.ipynb"]
    carried = [o for o in result["outcomes"] if o["state"] == "carried"]
    assert carried and {o["functions"][0] for o in carried} == {"corrected"}
    assert carried[0]["why"] == "Right once `average` is: that error is not counted again."


def test_nobody_is_left_out(graded):
    results, _, out = graded
    special = {"link.ipynb", "loop", "pipe.ipynb"}
    assert set(results) == {name.replace("\n", " ") for name in CASES} | special
    assert all(results[name]["why"] == "not a file" for name in special)
    with (out / "grades.csv").open(encoding="utf8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    totals = {row["file"].lstrip("'"): float(row["total"] or 0) for row in rows}
    assert totals == {name: points(result) for name, result in results.items()}
    assert all(
        (row["total"] == "") == (not results[f]["outcomes"])
        for row in rows
        for f in [row["file"].lstrip("'")]
    )
    assert {row["maximum"] for row in rows} == {"20"}
    assert len(rows) == len(results) == len(list((out / "feedback").glob("*.md")))


def test_students_are_named_as_their_files_are(graded):
    named = {file: result["student"] for file, result in graded[0].items()}
    assert named["doejane_LATE_4711_99_averages-2.ipynb"] == "doejane"
    assert named["Ann Doe_4712_assignsubmission_file/hw.ipynb"] == "Ann Doe"
    assert named["folder of Ann/a.ipynb"] == named["folder of Ann/b.ipynb"] == "folder of Ann"
    assert named["perfect.ipynb"] == "perfect"
    late = [file for file, result in graded[0].items() if result["late"]]
    assert late == ["doejane_LATE_4711_99_averages-2.ipynb"]


def test_feedback_tells_hints_and_nothing_of_a_hidden_check(graded):
    results, _, out = graded
    hidden = [code for code, data in ASSIGNMENT.tagged("hidden")]
    lines = {line.strip() for code in hidden for line in code.splitlines()}
    lines = {line for line in lines if len(line) > 20}
    visible = "\n".join(cell.source for cell in handout(ASSIGNMENT).cells)
    for path in [*out.rglob("*.md"), out / "grades.csv"]:
        text = path.read_text("utf8")
        assert SECRET not in text
        assert [line for line in lines if line in text and line not in visible] == []
        assert not [c for c in text if not c.isprintable() and c != "\n"]
    leaking = (out / "feedback" / f"{results['leaking.ipynb']['key']}.md").read_text("utf8")
    assert "An error in `average`" in leaking
    formula = (out / "feedback" / f"{results['formula.ipynb']['key']}.md").read_text("utf8")
    assert [line for line in formula.splitlines() if line.startswith("#")] == [
        "# Assignment 1: averages that forget",
        "## What was noticed on the way",
    ]


@pytest.mark.parametrize("comma", [",", ";"])
def test_no_cell_of_the_table_is_a_formula(graded, comma):
    with (graded[2] / "grades.csv").open(encoding="utf8", newline="") as lines:
        cells = [cell for row in csv.reader(lines, delimiter=comma) for cell in row]
    assert "'=1+1.ipynb" in str(cells) and "HYPERLINK" in str(cells)
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_nothing_goes_on_running(graded):
    """Neither a process of this batch nor one that has lost its grader; others may grade beside."""
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # it has just ended
            if str(INSIDE / "relay.py") in process.cmdline():
                above = process.parents()
                graders = [p for p in above if p.name().startswith("python")]
                if psutil.Process() in above or not graders:
                    left.append(process)
    assert left == []


def test_nothing_was_written_but_results(graded):
    results, folder, out = graded
    keys = {result["key"] for result in results.values()}
    coded = {result["key"] for result in results.values() if result["code"]}
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    whole = {f"feedback/{key}.md" for key in keys} | {f"code/{key}.py" for key in coded}
    whole |= {f"results/{key}.json" for key in keys}
    assert written == whole | {"grades.csv", "summary.md", "summary.svg"}
    assert not list(folder.rglob("grades.csv")) and not list(FOLDER.rglob("grades.csv"))
