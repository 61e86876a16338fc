"""Complaints of `rasa data validate` are seen whatever its exit code."""

from __future__ import annotations

from scripts import validate_data

QUIET = "2026-01-01 10:00:00 INFO     rasa.validator  - Validating intents...\nAll fine"
LOUD = "rasa/shared/utils/io.py:99: UserWarning: The intent 'x' is listed in the domain file but"


def test_warnings_are_seen() -> None:
    assert validate_data.complaints(QUIET) == []
    assert validate_data.complaints(QUIET + "\n" + LOUD) == [LOUD]


def test_answers_that_actions_say_are_left_to_the_content_check() -> None:
    line = "io.py:100: UserWarning: The utterance 'utter_welcome' is not used in any story or rule."
    assert validate_data.complaints(line) == []
