"""The gate itself: one pure function from a message to an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safety.language import Node
from safety.letters import tokens
from safety.matching import Matcher, Span
from safety.phrases import KINDS, Guards, Phrases, Rule
from safety.spelling import Reading

__all__ = ["KINDS", "Alarm", "assess"]

# Words on either side of what was found in which an `unless` phrase without `@` counts: long
# enough for "in the film I saw last night ...", too short for an unrelated remark to matter.
_NEARBY = 12


@dataclass(frozen=True)
class Alarm:
    """What was found: `kind` is crisis, emergency or abuse, `rule` the name of the rule,
    `matched` the words as the gate read them.
    """

    kind: str
    rule: str
    matched: str


def assess(text: str, phrases: Phrases) -> Alarm | None:
    """Return the most urgent alarm of a visitor's message, None if there is none.

    Deterministic, without side effects. Time grows with the number of words, not with what
    they are.
    """
    reading = phrases.spelling.read(tokens(text))
    matcher = Matcher(reading)
    best: tuple[Rule, Span] | None = None
    for start, words in enumerate(reading.starts):
        for rule in _rules(words, phrases):
            if best is not None and rule.rank >= best[0].rank:
                continue
            for end in matcher.ends(rule.phrases, start):
                if not _excused(rule, (start, end), reading, matcher):
                    best = (rule, (start, end))
                    break
    if best is None:
        return None
    rule, (start, end) = best
    return Alarm(rule.kind, rule.name, " ".join(reading.texts[start:end]))


def _rules(words: Iterable[str], phrases: Phrases) -> list[Rule]:
    found = {id(rule): rule for word in words for rule in phrases.by_word.get(word, ())}
    return list(found.values())


def _excused(rule: Rule, found: Span, reading: Reading, matcher: Matcher) -> bool:
    around = matcher.within(found)
    return _stands(rule.unless, found, reading, matcher, around) and not _stands(
        rule.despite, found, reading, matcher, around
    )


def _stands(
    guards: Guards, found: Span, reading: Reading, matcher: Matcher, around: Matcher
) -> bool:
    return any(_is_around(guard, found, around) for guard in guards.around) or any(
        _is_nearby(guard, found, reading, matcher) for guard in guards.nearby
    )


def _is_around(guard: Node, found: Span, matcher: Matcher) -> bool:
    return any(
        matcher.ends(guard, start) for start in range(found[0], max(-1, found[0] - _NEARBY), -1)
    )


def _is_nearby(guard: Node, found: Span, reading: Reading, matcher: Matcher) -> bool:
    return any(
        end <= found[1] + _NEARBY
        for start in _places_nearby(found, reading)
        for end in matcher.ends(guard, start)
    )


def _places_nearby(found: Span, reading: Reading) -> Iterator[int]:
    first = max(0, found[0] - _NEARBY)
    last = min(len(reading.texts), found[1] + _NEARBY)
    for place in range(first, last):
        if reading.sentence[place] == reading.sentence[found[0]]:
            yield place
