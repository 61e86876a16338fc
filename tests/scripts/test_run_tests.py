"""`make test`: which suites run, in which environment, and that one failure fails the whole."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import run_tests
from scripts.setup import ROOT, python_of


@pytest.fixture
def suites(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the suites that were run; `bot` fails."""
    ran: list[str] = []

    def run(name: str) -> bool:
        ran.append(name)
        return name != "bot"

    monkeypatch.setattr(run_tests, "run_suite", run)
    return ran


def test_every_folder_of_tests_is_a_suite() -> None:
    folders = {
        path.parent.relative_to(ROOT / "tests").parts[0]
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert folders == set(run_tests.SUITES)


def test_all_but_the_long_ones_run_even_after_a_failure(
    suites: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_tests.main([]) == 1
    assert set(suites) == set(run_tests.SUITES) - set(run_tests.ON_DEMAND)
    said = capsys.readouterr().out
    assert [line.split()[1] for line in said.splitlines() if line.startswith("bot ")] == ["FAILED"]


def test_only_what_is_named_runs(suites: list[str]) -> None:
    assert run_tests.main(["web", "safety"]) == 0
    assert suites == ["web", "safety"]


def test_an_unknown_suite_is_refused(suites: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tests.main(["web", "wbe"]) == 2
    assert "No such suite: wbe." in capsys.readouterr().out
    assert not suites


def test_on_several_machines_stores_are_there_meanwhile(
    suites: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def servers() -> Iterator[None]:
        suites.append("servers")
        yield
        suites.append("stopped")

    monkeypatch.setattr(run_tests, "servers", servers)
    assert run_tests.main(["--several"]) == 0
    assert suites == ["servers", *run_tests.SEVERAL, "stopped"]


@pytest.mark.parametrize(("status", "passed"), [(0, True), (1, False), (-9, False)])
def test_a_suite_runs_in_its_environment(
    status: int, passed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def run(
        command: list[str], *, cwd: Path, env: dict[str, str], check: bool
    ) -> subprocess.CompletedProcess[str]:
        started.append(command)
        assert cwd == ROOT
        # An interpreter that warns nothing would hide what the suites treat as errors
        assert "PYTHONWARNINGS" not in env
        assert env["PYTHONPATH"].split(":") == [str(ROOT), str(ROOT / "web")]
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setattr(subprocess, "run", run)
    assert run_tests.run_suite("bot") is passed
    assert run_tests.run_suite("web", runner=("-m", "coverage", "run", "-m", "pytest")) is passed
    assert [command[:3] for command in started] == [
        [str(python_of("bot")), "-m", "pytest"],
        [str(python_of("web")), "-m", "coverage"],
    ]
    assert [command[-3] for command in started] == ["tests/bot", "tests/web"]
