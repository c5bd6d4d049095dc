"""The command line, and the autograder for Gradescope."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from assignments import sandbox
from assignments.__main__ import main
from assignments.source import FOLDER, Assignment
from book.pages import ROOT

NAMES = [path.stem for path in sorted(FOLDER.glob("0*.md"))]
OLD = Path(__file__).with_name("01-averages.md")
REFUSAL = sandbox.why_not()


def command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "assignments", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf8",
    )
    return done.returncode, done.stdout + done.stderr


def call(monkeypatch, *words):
    """Run a command in this process, as long as that takes less; return its exit status."""
    monkeypatch.setattr(sys, "argv", ["assignments", *map(str, words)])
    try:
        main()
    except SystemExit as end:
        return end.code
    return 0


def test_build(tmp_path, monkeypatch):
    assert call(monkeypatch, "build", "--out", tmp_path) == 0
    names = {f"{name}.{ending}" for name in NAMES for ending in ("ipynb", "md")}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in NAMES:
        nbformat.read(tmp_path / f"{name}.ipynb", 4)


def test_test_names_the_checks_that_fail(tmp_path, monkeypatch, capsys):
    path = tmp_path / "kind.md"
    path.write_text(OLD.read_text("utf8").replace("score: 5\n", "score: 4\n"), "utf8")
    assert call(monkeypatch, "test", path, "--seed", "3") == 1
    said = capsys.readouterr().out
    assert "20 points, 20 due: the reference" in said and "5 points, 4 due" in said
    assert "with the seed 3; failed: question 1, " in said


def test_it_refuses_where_it_cannot_isolate(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "environment", lambda package: {"PATH": str(tmp_path)})
    assert sandbox.why_not(tmp_path) == "bubblewrap is not installed (its command is bwrap)"
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'no new namespace' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    assert sandbox.why_not(tmp_path) == "bubblewrap does not work: no new namespace"
    said = call(monkeypatch, "grade", "01-averages", tmp_path)
    assert "no new namespace" in said and "--unsafe" in said
    assert not list(tmp_path.glob("grades*"))


def test_it_refuses_to_put_what_is_private_where_submissions_can_read(tmp_path):
    for folder in (sandbox.CODE, sandbox.INSIDE):
        said = sandbox.why_not(tmp_path, folder / "private")
        assert said == f"submissions can read {folder}, and {folder / 'private'} lies in it"


def test_each_assignment_has_a_folder_and_a_seed_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assignments.__main__.why_not", lambda *_: None)
    seeds = []
    for name in (NAMES[0], NAMES[3], NAMES[0]):
        assert call(monkeypatch, "grade", name, "submissions") == 0
        seeds.append(Path("grades", name, "seed").read_text("utf8"))
    tables = {path.parent.name for path in tmp_path.glob("grades/*/grades.csv")}
    assert tables == {NAMES[0], NAMES[3]}
    assert seeds[0] == seeds[2] != seeds[1]  # drawn once and kept


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade"], "the following arguments are required"),
        (["grade", "01-averages", "no"], "there is no folder of submissions"),
        (["grade", "01-averages", ".", "--seed", "-1"], "a seed is a whole number from 0 on"),
        (["grade", "01-averages", ".", "--jobs", "0"], "--jobs is at least 1"),
        (["build", "--set", "hand_in=x"], "the name in capitals"),
        (["test", "--seeds", "0"], "at least 1"),
    ],
)
def test_it_says_what_is_wrong(monkeypatch, capsys, words, said):
    assert call(monkeypatch, *words) == 2
    assert said in capsys.readouterr().err
    assert "there is no" in call(monkeypatch, "test", "nobody")
    unknown = call(monkeypatch, "build", "01-averages", "--set", "HANDIN=x")
    assert "01-averages has no setting HANDIN; it has BOOK" in unknown


def test_the_command_says_what_it_can_do():
    code, said = command("--help")
    assert code == 0 and "{build,test,grade,gradescope}" in said


def test_the_package_is_only_where_an_assignment_is_about_it():
    assert sandbox.CODE not in sandbox.command(sandbox.Limits(), "sandbox", package=False)
    assert sandbox.CODE in sandbox.command(sandbox.Limits(), "sandbox", package=True)
    about = [sandbox.PACKAGE in Assignment(name).imports for name in NAMES]
    assert about == [False, False, False, True]


@pytest.mark.skipif(bool(REFUSAL), reason=f"no submission is graded here: {REFUSAL}")
def test_gradescope(tmp_path, monkeypatch):
    """What the page for teachers says, on this machine instead of theirs."""
    archive = tmp_path / "autograder.zip"
    assert call(monkeypatch, "gradescope", OLD, "--out", archive) == 0
    for folder in ("source", "submission", "results"):
        (tmp_path / folder).mkdir()
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "source")
    names = {path.name for path in (tmp_path / "source").iterdir()}
    assert "code" not in names and {"setup.sh", "run_autograder"} <= names
    assert "torch" not in (tmp_path / "source/requirements.txt").read_text("utf8")
    assert [p.name for p in tmp_path.glob("source/assignments/*.md")] == [OLD.name]
    answers = Assignment(str(OLD)).answers
    for name, some in (("hw", answers[:2]), ("copy", answers[:2]), ("draft", answers[:1])):
        cells = [nbformat.v4.new_code_cell(code) for code in some]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"submission/{name}.ipynb")
    environment = os.environ | {"AUTOGRADER": str(tmp_path), "PYTHON": sys.executable}
    environment.pop("PYTHONPATH", None)
    run_autograder = ["bash", tmp_path / "source/run_autograder"]
    subprocess.run(run_autograder, env=environment, check=True, capture_output=True)
    results = json.loads((tmp_path / "results/results.json").read_text("utf8"))
    tests = results["tests"]
    assert results["score"] == 8 == sum(test["score"] for test in tests)
    assert sum(test["max_score"] for test in tests) == 20
    assert len({test["name"] for test in tests}) == len(tests) == 20
    assert {test["visibility"] for test in tests} == {"visible", "after_published"}
    failed = [test for test in tests if test["score"] < test["max_score"]]
    assert {test["output"].split(".")[0] for test in failed} == {"Not answered"}


def test_gradescope_installs_what_the_assignment_needs(tmp_path, monkeypatch):
    needed = {}
    for name in NAMES:
        assert call(monkeypatch, "gradescope", name, "--out", tmp_path / f"{name}.zip") == 0
        with zipfile.ZipFile(tmp_path / f"{name}.zip") as packed:
            needed[name[:2]] = packed.read("requirements.txt").decode().split()
            package = f"code/{sandbox.PACKAGE}/__init__.py" in packed.namelist()
            assert package == (name[:2] == "04")
    assert [name for name, words in needed.items() if "torch" in words] == ["03"]
    assert all("jupyter-book" not in words for words in needed.values())
    locked = (ROOT / "constraints.txt").read_text("utf8").lower().replace("-", "_")
    assert all(f"{word}==" in locked for word in needed["01"])
