"""Whether a message says what it is about, or leaves that to what was said before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from content.context_words import ContextWords
from content.treatment_words import plain

MOST_WORDS = 11
# Words of its own beside the little ones; with more, a message says itself what it is about
MOST_OWN_WORDS = 3
MOST_OWN_WORDS_OF_A_QUESTION = 1
# "What is X" is about X, also where nobody knows it
_ASKS_WHAT = re.compile(r"(?:whats|what (?:is|are)|who is|define|explain)\b")


def own_words(
    text: str, words: ContextWords, entities: Iterable[Mapping[str, Any]] = ()
) -> list[str]:
    """Return the words of a message that say something about a subject, without names."""
    for entity in sorted(entities, key=lambda each: -(each.get("start") or 0)):
        if entity.get("end") is not None:
            text = f"{text[: entity['start']]} {text[entity['end'] :]}"
    little = words.function_words | words.pronouns
    return [word for word in plain(text).split() if word not in little]


def begins_with_opener(text: str, words: ContextWords) -> bool:
    """Whether a message begins like "and …" or "what about …"."""
    return words.openers.match(plain(text)) is not None


def has_pronoun(text: str, words: ContextWords) -> bool:
    """Whether a message points back: "it", "that", "those"."""
    return not words.pronouns.isdisjoint(plain(text).split())


def leaves_out(text: str, entities: Iterable[Mapping[str, Any]], words: ContextWords) -> bool:
    """Whether a message leaves out what it is about.

    Args:
        text: what was typed.
        entities: Rasa's; a name is a subject of its own, so only an opener or a pronoun beside it
            points back.
        words: the words to tell by.
    """
    said = plain(text).split()
    if not said or len(said) > MOST_WORDS:
        return False
    own = own_words(text, words, entities)
    if begins_with_opener(text, words) or has_pronoun(text, words):
        return len(own) <= MOST_OWN_WORDS
    if any(entity.get("end") is not None for entity in entities):
        return False
    if own and _ASKS_WHAT.match(plain(text)):
        return False
    little = [word for word in said if word not in own]
    return bool(little) and len(own) <= MOST_OWN_WORDS_OF_A_QUESTION


def asks_for_more(text: str, words: ContextWords) -> bool:
    """Whether a message is "tell me more" in one way or another, and nothing else."""
    said = plain(text)
    return said.removeprefix("yes ").removeprefix("ok ").removeprefix("please ") in words.more


def without_fillers(text: str, words: ContextWords) -> str:
    """Return a message without the little words before and after what it says: "ok so um"."""
    said = text.split()
    while len(said) > 2 and plain(said[0]) in words.fillers:
        said = said[1:]
    while len(said) > 2 and plain(said[-1]) in words.fillers:
        said = said[:-1]
    return " ".join(said) if len(said) < len(text.split()) else text
