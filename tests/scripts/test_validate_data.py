"""Complaints of `rasa data validate` are seen whatever its exit code."""

from __future__ import annotations

import subprocess

import pytest

from scripts import validate_data

QUIET = "2026-01-01 10:00:00 INFO     rasa.validator  - Validating intents...\nAll fine"
LOUD = "rasa/shared/utils/io.py:99: UserWarning: The intent 'x' is listed in the domain file but"


def test_warnings_are_seen() -> None:
    assert validate_data.complaints(QUIET) == []
    assert validate_data.complaints(QUIET + "\n" + LOUD) == [LOUD]


def test_answers_that_actions_say_are_left_to_the_content_check() -> None:
    line = "io.py:100: UserWarning: The utterance 'utter_welcome' is not used in any story or rule."
    assert validate_data.complaints(line) == []


@pytest.mark.parametrize(
    ("status", "output", "code", "said"),
    [
        (0, QUIET, 0, "hold together."),
        # Rasa prints a warning and ends well all the same
        (0, f"{QUIET}\n{LOUD}", 1, "The intent 'x' is listed"),
        (1, "Project validation completed with errors.", 1, "completed with errors"),
    ],
)
def test_what_is_wrong_is_printed_and_fails(
    status: int,
    output: str,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, status, output, "")

    monkeypatch.setattr(subprocess, "run", run)
    assert validate_data.main() == code
    printed = capsys.readouterr()
    assert said in (printed.err if code else printed.out)
