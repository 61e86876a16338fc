"""What a message asks about a treatment: which aspect, and what else it gives away.

Deterministic: the phrases stand in `knowledge/treatment_words.yml`. Which treatment is meant is
known from the entities of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from content.treatment_words import TreatmentWords, plain

# Stands for the name of a treatment, in messages and in phrases
PRONOUN = "it"


def without_names(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text with the names of treatments replaced by "it".

    Args:
        text: what the visitor typed.
        spans: where the names begin and end, in characters.
    """
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {PRONOUN} {text[end:]}"
    return re.sub(rf"\b{PRONOUN}(?: {PRONOUN})+\b", PRONOUN, plain(text))


def asked_aspect(text: str, words: TreatmentWords) -> str | None:
    """Return the aspect that a message asks for, None where its words do not tell.

    Whoever asks for approval and evidence at once gets both: that is the aspect "what". Where SPMS
    is said not to be active, that matters more than whether approval or evidence is asked for.

    Args:
        text: the message, with "it" for the names of treatments (see `without_names`).
        words: the phrases.
    """
    text = plain(text)
    found: dict[str, int] = {}
    for name, aspect in words.aspects.items():
        lengths = [len(hit.group()) for hit in aspect.sure.finditer(text)] if aspect.sure else []
        if lengths:
            found[name] = max(lengths)
    if "not_active" in found and set(found) <= {"not_active", "approval", "evidence", "what"}:
        return "not_active"
    if {"approval", "evidence"} == set(found):
        return "what"
    if found:
        # max() keeps the first of equals: the order of the file decides
        return max(found, key=lambda name: found[name])
    for name, aspect in words.aspects.items():
        if aspect.hint is not None and aspect.hint.search(text):
            return name
    return None


def asked_side_effects(text: str, words: TreatmentWords) -> str:
    """Return the aspect of a message that is known to be about side effects and safety."""
    aspect = asked_aspect(text, words)
    sure = words.aspects["side_effects"].sure
    named = sure is not None and sure.search(plain(text)) is not None
    if aspect in ("interactions", "questions"):
        return aspect
    return "monitoring" if aspect == "monitoring" and not named else "side_effects"


def shows(sign: str, text: str, words: TreatmentWords) -> bool:
    """Whether a message shows one of the `signs` of the file."""
    phrases = words.signs[sign]
    return phrases is not None and phrases.search(plain(text)) is not None


def asks_same_again(text: str, words: TreatmentWords) -> bool:
    """Whether a message asks for another treatment what was asked before: "and kesimpta?".

    Args:
        text: the message, with "it" for the names of treatments.
        words: the phrases.
    """
    text, phrases = plain(text), words.signs["same_again"]
    if phrases is None or not phrases.search(text):
        return False
    return set(phrases.sub(" ", text).split()) <= {PRONOUN, "the", "then", "so", "please"}


def not_covered(text: str, words: TreatmentWords) -> list[str]:
    """Return the medicines of a message that the helpline has no checked facts about."""
    text = plain(text)
    return [name for name, phrases in words.not_covered.items() if phrases.search(text)]
