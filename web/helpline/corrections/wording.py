"""A visitor's message as an example: one line, as the bot read it, without personal data."""

from __future__ import annotations

import re

from helpline.privacy.redaction import redact

LONGEST = 500
# Every kind of personal data ends in one of these words.
_PLACEHOLDER = re.compile(r"\[(?:[a-z -]{1,40} )?(?:number|address|name|birth|message)\]")
# Rasa reads [words](entity), [words]{...} as an annotation; a visitor never means one.
_BRACKETS = str.maketrans("[]{}", "()()")


def as_example(text: str) -> str:
    """Return the text as a line of training data.

    Redaction runs once more: what it has learnt since the message came leaves its mark here too.
    A placeholder becomes "...", which is what the bot was given to read in its place.
    """
    line = " ".join(redact(text).text.split())
    line = _PLACEHOLDER.sub("...", line)
    return line.translate(_BRACKETS).lstrip("-/ ").strip()


def problem_with(line: str) -> str | None:
    """Say why a line cannot be an example, None when it can."""
    if not any(letter.isalnum() for letter in line.replace("...", "")):
        return "Nothing is left of it without personal data and signs."
    if len(line) > LONGEST:
        return f"It is longer than {LONGEST} characters: the bot learns from short messages."
    return None
