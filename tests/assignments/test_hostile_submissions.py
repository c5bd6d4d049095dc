"""A folder of broken and hostile submissions, graded in one batch, costs nobody else a point.

Each submission is the reference, or a part of it, with something done to it. What it must get
is what it has honestly answered.
"""

import csv
import json
import os
import socket
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from nbformat import writes

from assignments.grade import batch
from assignments.handout import handout
from assignments.report import report
from assignments.sandbox import Limits, why_not
from assignments.source import FOLDER, Assignment

ASSIGNMENT = Assignment(str(Path(__file__).with_name("01-averages.md")))  # that of version 0.1.0
Q1, Q2, Q3, Q4, Q5 = ASSIGNMENT.answers
PERFECT = [*ASSIGNMENT.setup(hidden=False), *ASSIGNMENT.answers]
LIMITS = Limits(seconds=60, cell=3, memory=600)
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
LEAK = "def average(*a, **k): raise type('SECRET' + repr(a), (Exception,), {})('SECRET' + repr(a))"
FORK = "import os, time\nfor _ in range(100_000):\n    os.fork() or time.sleep(30)"

ALIASES = "\n".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 10)}]"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
YAML_BOMB = f"---\na: &a [x, x]\n{ALIASES}\n---\n\n```{{code-cell}}\n:tags: [x]\n\n{Q1}\n```\n"

# name: (text, or code cells; points due; a part of the reason that the teacher must see)
CASES = {
    "perfect.ipynb": (PERFECT, 20, ""),
    "perfect-md.md": ("perfect, as Markdown", 20, ""),
    "blank.ipynb": ("the handout", 0, "NotImplementedError"),
    "wrong.ipynb": ([*PERFECT, ASSIGNMENT.wrong[0][0]], ASSIGNMENT.wrong[0][1].score, ""),
    "empty-file.ipynb": ("", 0, "not a notebook"),
    "no-cells.ipynb": ([], 0, ""),
    "syntax-error.ipynb": ([*PERFECT[:2], Q2 + "\n)", Q3, Q4, Q5], 16, "SyntaxError"),
    "endless-loop.ipynb": ([*PERFECT[:2], Q2 + "\nwhile True: pass", Q3, Q4, Q5], 20, "Timeout"),
    "endless-in-function.ipynb": (
        [*PERFECT, "def last_average(*a, **k):\n    while True: pass"],
        18,
        "",
    ),
    "stubborn-loop.ipynb": (
        [
            *PERFECT[:2],
            "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
            *PERFECT[2:],
        ],
        20,
        "could not be interrupted",
    ),
    "exit.ipynb": ([*PERFECT[:2], "import os; os._exit(0)", *PERFECT[2:]], 20, "kernel died"),
    "exit-in-function.ipynb": ([*PERFECT, "def half_life(rho): os._exit(0)\nimport os"], 18, ""),
    "sys-exit.ipynb": ([*PERFECT[:2], "import sys; sys.exit()", *PERFECT[2:]], 20, "SystemExit"),
    "endless-printing.ipynb": ([*PERFECT, "while True: print('x' * 1000)"], 20, "Timeout"),
    "printing-below.ipynb": (
        [*PERFECT, "import os\nwhile True: os.write(1, b'x' * 10_000)"],
        20,
        "Timeout",
    ),
    "deleted-cells.ipynb": ([PERFECT[0], Q1, Q5], 8, ""),
    "deleted-setup.ipynb": ([Q1, Q2, Q3, Q4, Q5], 20, ""),
    "duplicated.ipynb": ([*PERFECT, Q1, Q1, Q5], 20, ""),
    "reordered.ipynb": ([Q5, Q4, Q3, Q2, Q1], 20, ""),
    "Kopie von assignment (2).ipynb": (PERFECT, 20, ""),
    "essay.pdf": ("%PDF-1.4 not a notebook", 0, "not a notebook"),
    "answers.py": ("\n\n".join(PERFECT), 0, "not a notebook"),
    "half.ipynb": (notebook(*PERFECT)[:400], 0, "not a notebook"),
    "list.ipynb": ("[[1], {}]", 0, "not a notebook"),
    "deep.ipynb": ("[" * 200_000, 0, "not a notebook"),
    "bomb.md": (YAML_BOMB, 4, ""),
    "same-ids.ipynb": (notebook(*PERFECT).replace('"c1"', '"c0"'), 20, ""),
    "binary.ipynb": (os.urandom(1000), 0, "not a notebook"),
    "huge.ipynb": (notebook(*PERFECT, "#" + "x" * 11_000_000), 0, "larger than 10 MB"),
    "odd-metadata.ipynb": (notebook(*PERFECT, kernelspec={"name": "bash"}, seed=[[]]), 20, ""),
    "patched-asserts.ipynb": (
        [
            returning("1.0"),
            "import builtins, sys, numpy\nbuiltins.AssertionError = type('X', (Exception,), {})\n"
            "numpy.allclose = numpy.array_equal = close = lambda *a, **k: True\n"
            "builtins.all = builtins.any = lambda *a: True\nsys.excepthook = lambda *a: None",
        ],
        1,
        "",
    ),
    "patched-kernel.ipynb": (
        [
            "import IPython, json\nip = get_ipython()\nip.user_expressions = lambda e: {'answer': {"
            "'status': 'ok', 'metadata': {}, 'data': {'text/plain': '{\"dict\": []}'}}}\n"
            "json.dumps = lambda *a, **k: '0'\n"
            "ip.kernel.do_execute = None\n_plain['Answer'] = lambda *a: 1"
        ],
        0,
        "",
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
    ),
    "huge-result.ipynb": ([*PERFECT, "def mean_age(rho): return [1.0] * 1_000_000"], 19, ""),
    "not-plain.ipynb": ([*PERFECT, "def mean_age(rho): return {object()}"], 19, ""),
    "forged-replies.ipynb": ([FORGE, returning("None")], 0, ""),
    "stopped-relay.ipynb": (
        [*PERFECT, "def mean_age(rho):\n    import os; os.kill(os.getppid(), 19)"],
        19,
        "",
    ),
    "killed-relay.ipynb": ([*PERFECT, "import os; os.kill(os.getppid(), 9)"], 20, "kernel died"),
    "reading-the-grader.ipynb": ([STEAL], 0, ""),
    "overwriting-results.ipynb": ([OVERWRITE, Q1], 4, ""),
    "leaking.ipynb": ([*PERFECT, LEAK], 14, ""),
    "network.ipynb": ([*PERFECT, NETWORK], 20, ""),
    "forking.ipynb": ([*PERFECT, FORK], 20, ""),
    "threads.ipynb": (
        [
            *PERFECT,
            "import threading, time\nwhile True: "
            "threading.Thread(target=time.sleep, args=[60]).start()",
        ],
        20,
        "can't start new thread",
    ),
    "memory.ipynb": ([*PERFECT, "x = [bytearray(10**8) for _ in range(100)]"], 20, "MemoryError"),
    "memory-of-children.ipynb": (
        [
            *PERFECT,
            "import os, time\nfor _ in range(9):\n    if not os.fork():\n"
            "        x = bytearray(b'x') * 10**8; time.sleep(30)\ntime.sleep(30)",
        ],
        20,
        "MB of memory",
    ),
    "disk.ipynb": (
        [*PERFECT, "for i in range(99):\n    open(f'/tmp/{i}', 'wb').write(bytes(10**7))"],
        20,
        "OSError",
    ),
    "formula.ipynb": (
        [*PERFECT, r"raise ValueError('=cmd|A0`\n\n# 20 points \u202e;=HYPERLINK(1);')"],
        20,
        "ValueError",
    ),
    "surrogate.ipynb": (
        [*PERFECT, "raise ValueError('\\ud800', '\ud800')"],
        20,
        "kernel died",
    ),
    "=1+1.ipynb": (PERFECT, 20, ""),
    "doejane_LATE_4711_99_averages-2.ipynb": (PERFECT, 20, ""),
    "folder of Ann/a.ipynb": (PERFECT, 20, ""),
    "folder of Ann/b.ipynb": (PERFECT[:2], 4, ""),
    "x" * 240 + ".ipynb": (PERFECT, 20, ""),
    "\U0001d4b6" * 60 + ".ipynb": (PERFECT, 20, ""),
    "two\nlines.ipynb": (PERFECT, 20, ""),
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
        for name, (content, _, _) in CASES.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(text_of(content, words))
        (folder / "link.ipynb").symlink_to(folder / "perfect.ipynb")
        (folder / "loop").symlink_to(folder)
        os.mkfifo(folder / "pipe.ipynb")
        (folder / ".hidden.ipynb").write_text("x")
        results = batch(ASSIGNMENT, folder, out, LIMITS)
        report(ASSIGNMENT, results, out)
        with pytest.raises(TimeoutError):  # nobody has called
            server.accept()
    return {result["file"]: result for result in results}, folder, out


def points(result):
    return sum(got for _, got, _, _ in result["outcomes"])


@pytest.mark.parametrize("name", CASES, ids=lambda name: name[:30].replace("\n", " "))
def test_each_gets_what_it_has_answered(graded, name):
    result = graded[0][name.replace("\n", " ")]
    _, due, note = CASES[name]
    assert points(result) == due, result
    assert note in "; ".join(result["notes"])


def test_what_is_too_long_is_not_read(graded):
    (why,) = [why for *_, why in graded[0]["huge-result.ipynb"]["outcomes"] if why]
    assert not why.startswith("Wrong result")  # which would mean that it was looked at


def test_who_ran_out_of_time_is_known(graded):
    late = {file for file, result in graded[0].items() if result["late"]}
    loops = {"endless-loop", "endless-in-function", "stubborn-loop", "endless-printing"}
    assert {f"{name}.ipynb" for name in (*loops, "printing-below", "stopped-relay")} <= late
    assert not late & {"perfect.ipynb", "blank.ipynb", "exit.ipynb", "killed-relay.ipynb"}


def test_nobody_is_left_out(graded):
    results, _, out = graded
    special = {"link.ipynb", "loop", "pipe.ipynb"}
    assert set(results) == {name.replace("\n", " ") for name in CASES} | special
    assert all(results[name]["notes"] == ["not a file"] for name in special)
    with (out / "grades.csv").open(encoding="utf8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    totals = {row["file"].lstrip("'"): float(row["total"]) for row in rows}
    assert totals == {name: points(result) for name, result in results.items()}
    assert len(rows) == len(results) == len(list((out / "feedback").glob("*.md")))


def test_students_are_named_as_their_files_are(graded):
    named = {file: result["student"] for file, result in graded[0].items()}
    assert named["doejane_LATE_4711_99_averages-2.ipynb"] == "doejane 4711"
    assert named["folder of Ann/a.ipynb"] == named["folder of Ann/b.ipynb"] == "folder of Ann"
    assert named["perfect.ipynb"] == "perfect"


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
    assert "An error, raised by the code" in leaking and "Which of the two does rho" in leaking
    formula = (out / "feedback" / f"{results['formula.ipynb']['key']}.md").read_text("utf8")
    assert [line for line in formula.splitlines() if line.startswith("#")] == [
        "# Assignment 1: averages that forget"
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
            if str(FOLDER / "relay.py") in process.cmdline():
                above = process.parents()
                graders = [p for p in above if "forkserver" in str(p.cmdline())]
                if psutil.Process() in above or not graders:
                    left.append(process)
    assert left == []


def test_nothing_was_written_but_results(graded):
    results, folder, out = graded
    keys = {result["key"] for result in results.values()}
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    feedback = {f"feedback/{key}.md" for key in keys}
    assert written == feedback | {f"results/{key}.json" for key in keys} | {"grades.csv"}
    assert not list(folder.rglob("grades.csv")) and not list(FOLDER.rglob("grades.csv"))


def test_a_second_run_grades_what_is_new_or_has_changed(graded, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in ("a", "b", "c"):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.ipynb").write_text(notebook(*PERFECT[:2]))

    def graded_anew(**options):
        before = {path: path.stat().st_mtime_ns for path in (out / "results").glob("*")}
        results = batch(ASSIGNMENT, folder, out, LIMITS, **options)
        assert [result["file"][0] for result in results] == sorted(p.stem for p in folder.glob("*"))
        after = {path: path.stat().st_mtime_ns for path in (out / "results").glob("*")}
        return {path.name[0] for path, time in after.items() if before.get(path) != time}

    assert graded_anew() == {"a", "b", "c"} and graded_anew() == set()
    (folder / "b.ipynb").write_text(notebook(*PERFECT))
    (folder / "d.ipynb").write_text(notebook())
    assert graded_anew() == {"b", "d"}
    assert graded_anew(seed=1) == graded_anew(seed=1, again=True) == {"a", "b", "c", "d"}
