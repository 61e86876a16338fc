"""The gate itself: one pure function from a message to an alarm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from safety.language import Options
from safety.letters import tokens
from safety.matching import Matcher, Span
from safety.phrases import ALARM_KINDS, Guards, Phrases, Rule
from safety.reading import Reading

__all__ = ["ALARM_KINDS", "Alarm", "assess"]

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
    reading = Reading(tokens(text), phrases.spelling)
    message = _Message(reading)
    best: tuple[Rule, Span] | None = None
    for start, words in enumerate(reading.starts):
        for rule in _rules(words, phrases):
            if best is not None and rule.rank >= best[0].rank:
                continue
            for end in message.matcher.ends(rule.phrases, start):
                if not message.excuses(rule, (start, end)):
                    best = (rule, (start, end))
                    break
    if best is None:
        return None
    rule, (start, end) = best
    return Alarm(rule.kind, rule.name, " ".join(reading.texts[start:end]))


def _rules(words: Iterable[str], phrases: Phrases) -> list[Rule]:
    found = {id(rule): rule for word in words for rule in phrases.by_word.get(word, ())}
    return list(found.values())


class _Message:
    """A message, and where the surroundings that rules name are found in it."""

    def __init__(self, reading: Reading) -> None:
        self.matcher = Matcher(reading)
        self._sentence = reading.sentence
        self._nearby: dict[int, list[Span]] = {}

    def excuses(self, rule: Rule, found: Span) -> bool:
        """Say whether what a rule found means something else here."""
        return self._stand(rule.unless, found) and not self._stand(rule.despite, found)

    def _stand(self, guards: Guards, found: Span) -> bool:
        return self._stand_nearby(guards.nearby, found) or self._stand_around(guards.around, found)

    def _stand_around(self, guards: Options, found: Span) -> bool:
        if not guards.has_found:
            return False
        self.matcher.set_found(found)
        first = max(0, found[0] - _NEARBY)
        return any(self.matcher.ends(guards, place) for place in range(first, found[0] + 1))

    def _stand_nearby(self, guards: Options, found: Span) -> bool:
        spans = self._nearby.get(id(guards))
        if spans is None:
            spans = [
                (start, end)
                for start in range(len(self._sentence))
                for end in self.matcher.ends(guards, start)
            ]
            self._nearby[id(guards)] = spans
        sentence = self._sentence[found[0]]
        return any(
            found[0] - _NEARBY <= start
            and end <= found[1] + _NEARBY
            and self._sentence[start] == sentence
            for start, end in spans
        )
