"""Where one question of a message ends and the next begins."""

from __future__ import annotations

import functools
import re

from content.context_words import ContextWords
from content.treatment_words import plain

FEWEST_WORDS = 2
MOST_PARTS = 5


def parts_of(text: str, words: ContextWords) -> list[str]:
    """Return the sentences and joined questions of a message, in order, as they were typed.

    "What is Mayzent and does it cause hair loss" has two parts, "pain and stiffness" is one. Words
    that stand alone are no part.
    """
    parts = [part.strip(" ,;") for part in _joints(frozenset(words.question_starts)).split(text)]
    return [part for part in parts if len(plain(part).split()) >= FEWEST_WORDS][:MOST_PARTS]


def is_question(part: str, words: ContextWords) -> bool:
    """Whether a part asks something."""
    said = [
        word for word in plain(part).split() if word not in ("and", "also", "so", "but", "then")
    ]
    return part.rstrip().endswith("?") or (bool(said) and said[0] in words.question_starts)


@functools.lru_cache(maxsize=4)
def _joints(starts: frozenset[str]) -> re.Pattern[str]:
    asks = "|".join(sorted(map(re.escape, starts), key=len, reverse=True))
    return re.compile(
        rf"(?<=[.?!;])\s+|\n+|,?\s+(?:and\s+also|and|also|plus|but)\s+(?=(?:{asks})\b)",
        re.IGNORECASE,
    )
