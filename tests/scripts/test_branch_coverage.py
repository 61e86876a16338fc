"""`make coverage`: rows of the table, what makes it fail, and that child processes are counted."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import branch_coverage
from scripts.branch_coverage import Count, count_by_folder, folder_of, table
from scripts.run_tests import SUITES


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("content/facts.py", "content"),
        ("components/in_context/resolve.py", "components"),
        ("web/helpline/store/migrations/env.py", "web/helpline/store"),
        ("web/helpline/staff/views/review.py", "web/helpline/staff"),
        ("web/helpline/__init__.py", "web/helpline"),
        ("settings.py", "settings.py"),
    ],
)
def test_where_a_file_is_counted(path: str, folder: str) -> None:
    assert folder_of(path) == folder


def summary(statements: int, run: int, branches: int, taken: int) -> dict[str, dict[str, int]]:
    return {
        "summary": {
            "num_statements": statements,
            "covered_lines": run,
            "num_branches": branches,
            "covered_branches": taken,
        }
    }


def test_files_of_a_folder_are_added_up() -> None:
    counted = count_by_folder(
        {
            "content/a.py": summary(10, 9, 4, 3),
            "content/b.py": summary(6, 6, 0, 0),
            "safety/gate.py": summary(0, 0, 0, 0),
        }
    )
    assert counted == {"content": Count(16, 15, 4, 3), "safety": Count()}
    assert counted["content"].percent == 90
    # Nothing is missing where nothing is
    assert counted["safety"].percent == 100


def test_the_table_marks_what_is_below_ninety_and_sums_up() -> None:
    text = table({"content": Count(100, 91, 0, 0), "actions": Count(80, 80, 20, 9)})
    content, actions, whole = text.splitlines()[1:]
    assert content.split() == ["content", "91", "of", "100", "0", "of", "0", "91.0"]
    assert actions.endswith("89.0  below 90")
    assert whole.split() == ["all", "171", "of", "180", "9", "of", "20", "90.0"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Count]:
    """What the command finds counted, without counting; suites pass unless a test says else."""
    found = {"content": Count(10, 10, 0, 0)}
    monkeypatch.setattr(branch_coverage, "FOLDER", tmp_path / "coverage")
    monkeypatch.setattr(branch_coverage, "collect", lambda: found)
    monkeypatch.setattr(branch_coverage, "run_suite", lambda *_args, **_options: True)
    return found


def test_all_well_is_said_by_the_exit_code(
    counted: dict[str, Count], capsys: pytest.CaptureFixture[str]
) -> None:
    assert branch_coverage.main([]) == 0
    said = capsys.readouterr().out
    for suite in branch_coverage.SUITES:
        assert f"=== {suite} ===" in said


def test_a_folder_below_ninety_fails_and_is_named(
    counted: dict[str, Count], capsys: pytest.CaptureFixture[str]
) -> None:
    counted["actions"] = Count(10, 8, 0, 0)
    assert branch_coverage.main(["--table"]) == 1
    assert "Below 90 percent: actions." in capsys.readouterr().out


def test_a_suite_that_failed_fails_the_count(
    counted: dict[str, Count],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(branch_coverage, "run_suite", lambda name, **_options: name != "bot")
    assert branch_coverage.main(["--add", "safety", "bot"]) == 1
    assert "these suites failed: bot." in capsys.readouterr().out


def test_what_was_counted_before_is_kept_only_when_asked_for(counted: dict[str, Count]) -> None:
    before = branch_coverage.FOLDER / "data"
    for kept in (["--add", "safety"], ["--table"]):
        before.parent.mkdir(exist_ok=True)
        before.touch()
        branch_coverage.main(kept)
        assert before.exists()
    branch_coverage.main(["safety"])
    assert not before.exists()


def test_an_unknown_suite_is_refused(
    counted: dict[str, Count], capsys: pytest.CaptureFixture[str]
) -> None:
    assert branch_coverage.main(["safty"]) == 2
    assert "No such suite: safty." in capsys.readouterr().out
    assert set(branch_coverage.SUITES) <= set(SUITES)


def test_without_data_it_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(branch_coverage, "FOLDER", tmp_path)
    monkeypatch.setattr(branch_coverage, "DATA", tmp_path / "data")
    assert branch_coverage.main(["--table"]) == 1
    assert capsys.readouterr().out == "Nothing has been counted yet. Count: make coverage.\n"


def test_processes_that_a_test_starts_are_counted(tmp_path: Path) -> None:
    """With the project's own configuration, on a package as small as can be."""
    project = tmp_path / "project"
    root = Path(__file__).parents[2]
    configuration = (root / "pyproject.toml").read_text("utf-8")
    for folder in tomllib.loads(configuration)["tool"]["coverage"]["run"]["source_dirs"]:
        assert (root / folder).is_dir()
        (project / folder).mkdir(parents=True)
    (project / "content" / "in_child.py").write_text("import sys\nif sys.argv:\n    x = 1\n")
    (project / "pyproject.toml").write_text(configuration)
    (project / "start.py").write_text(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'content.in_child'], check=True)\n"
    )
    # Not what counts this test itself, nor the project's own package of that name
    plain = {
        key: value
        for key, value in os.environ.items()
        if key != "PYTHONPATH" and not key.startswith("COVERAGE_")
    }

    def coverage(*arguments: str) -> str:
        command = [sys.executable, "-m", "coverage", *arguments]
        done = subprocess.run(
            command, cwd=project, env=plain, capture_output=True, text=True, check=True
        )
        return done.stdout

    coverage("run", "start.py")
    coverage("combine", "--quiet", "var/coverage")
    told = coverage("report", "--include", "content/in_child.py")
    # Three statements, two ways out of the branch, one of them never taken
    assert told.splitlines()[-1].split() == ["TOTAL", "3", "0", "2", "1", "80%"]
