"""Corrections: "no, I meant Rebif", "not the pain, the tiredness"."""

from __future__ import annotations

import functools
import re

from content.context_words import ContextWords

# "not X, Y": X is a name or two, never a whole sentence
_NOT_THIS = r"not\s+(?:the\s+|my\s+|about\s+|for\s+)?(?:[\w'’-]+\s*){1,3}?"
_BETWEEN = r"(?:\s*[,;:.–-]+\s*|\s+but\s+|\s+)"


def meant_instead(text: str, words: ContextWords) -> str | None:
    """Return what a visitor says they meant, in their words; None where nothing is put right."""
    for pattern in _patterns(words.meant, words.correcting, tuple(sorted(words.question_starts))):
        found = pattern.fullmatch(text.strip())
        if found is not None:
            return found["rest"].strip(" ,.;:-–") or None
    return None


@functools.lru_cache(maxsize=4)
def _patterns(
    meant: tuple[str, ...], correcting: tuple[str, ...], starts: tuple[str, ...]
) -> list[re.Pattern[str]]:
    means = rf"(?:(?:{_any(meant)})\b)"
    sorry = rf"(?:(?:{_any(correcting)})\b[\s,.!:;–-]*)"
    not_asked = rf"(?!\s*(?:{_any(starts)})\b)"
    tail = r"(?:[\s,]+(?:and\s+)?not\s+[\w'’\s-]{1,40})?[.!?\s]*"
    shapes = (
        # no not X, I mean Y
        rf"{sorry}*{_NOT_THIS}{_BETWEEN}{means}[\s,:]*(?P<rest>.+?){tail}",
        # no, I meant Y (not X); sorry wrong one, Y
        rf"{sorry}+{means}[\s,:]*(?P<rest>.+?){tail}",
        rf"(?:i\s+meant)\b[\s,:]*(?P<rest>.+?){tail}",
        rf"{sorry}*wrong\s+(?:one|drug|word|medicine)\b[\s,.!:;–-]*{means}?\s*(?P<rest>.+?){tail}",
        # not X, Y; no not X but Y
        rf"{sorry}*{_NOT_THIS}(?:\s*[,;:–]+\s*|\s+but\s+){not_asked}"
        r"(?:but\s+|about\s+|for\s+|rather\s+|more\s+)*(?P<rest>[^,.;!?]{2,60})[.!?\s]*",
    )
    return [re.compile(shape, re.IGNORECASE | re.DOTALL) for shape in shapes]


def _any(phrases: tuple[str, ...]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    spelled = (re.escape(each).replace("im\\ ", "i'?m\\ ") for each in longest_first)
    return "|".join(each.replace("\\ ", r"\s+") for each in spelled)
