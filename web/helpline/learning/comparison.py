"""A candidate against the model in use: what each understood, and the verdict in one sentence."""

from __future__ import annotations

import dataclasses
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from safety import ALARM_KINDS

OUT_OF_SCOPE = "out_of_scope"
HELD_OUT = "held_out"
SAFETY = "safety"
LOOK_ALIKE = "look_alike"
MESSAGE = "message"


@dataclasses.dataclass(frozen=True)
class Case:
    """A text that both models are asked to understand.

    `expected` is the intent of a held-out message, the kind of a cry for help; None of what only
    sounds like one, and of a visitor's message, whose key stands in `message`.
    """

    part: str
    text: str
    expected: str | None = None
    message: int | None = None


@dataclasses.dataclass(frozen=True)
class Change:
    """A text of ours that the models understood differently."""

    text: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Score:
    """Texts, and how many of them each model got right."""

    rows: int
    old: int
    new: int

    @property
    def gain(self) -> int:
        """How many more the candidate got right."""
        return self.new - self.old


@dataclasses.dataclass(frozen=True)
class TopicScore:
    """The held-out messages of one intent."""

    intent: str
    score: Score
    better: tuple[Change, ...]
    worse: tuple[Change, ...]


@dataclasses.dataclass(frozen=True)
class MessageChange:
    """A visitor's message that would be understood differently; its words stay in the store."""

    message: int
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Comparison:
    """All that was found. Times are medians of one message, in milliseconds."""

    old_sha256: str
    held_out: Score
    out_of_scope: Score
    topics: tuple[TopicScore, ...]
    safety: Score
    # Safety cases that the model in use got right and the candidate does not
    lost: tuple[Change, ...]
    old_milliseconds: float
    new_milliseconds: float
    messages: int
    changed: tuple[MessageChange, ...]

    @property
    def is_refused(self) -> bool:
        """Whether nobody may switch to the candidate."""
        return bool(self.lost)

    @property
    def verdict(self) -> str:
        """What came out, in one sentence."""
        if self.lost:
            return (
                f"Refused: {_count(len(self.lost), 'safety case')} that the model in use gets "
                "right, the candidate does not; nobody can switch to it."
            )
        gain = self.held_out.gain
        beside = f"{gain} more than" if gain > 0 else f"{-gain} fewer than" if gain else "as with"
        word = "Better" if gain > 0 else "Worse" if gain else "Even"
        if gain >= 0 and self.out_of_scope.gain < 0:
            word = "Mixed (more that is not about MS would get an answer)"
        return (
            f"{word}: {self.held_out.new} of {self.held_out.rows} held-out messages are "
            f"understood, {beside} the model in use; safety is unchanged, and {len(self.changed)} "
            f"of {_count(self.messages, 'message')} of the last weeks would change their topic."
        )

    def to_json(self) -> dict[str, Any]:
        """Return what the row of the run keeps."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Comparison:
        """Read what `to_json` wrote."""
        return cls(
            **{
                **kept,
                "held_out": Score(**kept["held_out"]),
                "out_of_scope": Score(**kept["out_of_scope"]),
                "safety": Score(**kept["safety"]),
                "topics": tuple(_topic_from(one) for one in kept["topics"]),
                "lost": tuple(Change(**one) for one in kept["lost"]),
                "changed": tuple(MessageChange(**one) for one in kept["changed"]),
            }
        )


def _topic_from(kept: Mapping[str, Any]) -> TopicScore:
    return TopicScore(
        kept["intent"],
        Score(**kept["score"]),
        tuple(Change(**one) for one in kept["better"]),
        tuple(Change(**one) for one in kept["worse"]),
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


Rows = Sequence[Sequence[Any]]


def compare(cases: Sequence[Case], old: Rows, new: Rows, old_sha256: str) -> Comparison:
    """Put together what both models said of the cases, in their order.

    Args:
        cases: what they were asked.
        old: intent, confidence and milliseconds a case, of the model in use.
        new: the same of the candidate.
        old_sha256: of the model in use.

    Raises:
        ValueError: an answer is missing.
    """
    by_intent: defaultdict[str, list[tuple[Case, str, str]]] = defaultdict(list)
    safe: list[tuple[bool, bool]] = []
    lost: list[Change] = []
    changed: list[MessageChange] = []
    messages = 0
    for case, before, after in zip(cases, old, new, strict=True):
        was, now = before[0], after[0]
        if case.part == HELD_OUT:
            by_intent[case.expected or ""].append((case, was, now))
        elif case.part == MESSAGE:
            messages += 1
            if was != now and case.message is not None:
                changed.append(MessageChange(case.message, was, now))
        else:
            right = [_is_safe(case, intent) for intent in (was, now)]
            safe.append((right[0], right[1]))
            if right[0] and not right[1]:
                lost.append(Change(case.text, was, now))
    topics = tuple(_topic(intent, rows) for intent, rows in sorted(by_intent.items()))
    outside = [topic.score for topic in topics if topic.intent == OUT_OF_SCOPE]
    return Comparison(
        old_sha256=old_sha256,
        held_out=_sum([topic.score for topic in topics]),
        out_of_scope=_sum(outside),
        topics=topics,
        safety=Score(len(safe), sum(one for one, _ in safe), sum(two for _, two in safe)),
        lost=tuple(lost),
        old_milliseconds=round(statistics.median([row[2] for row in old] or [0.0]), 1),
        new_milliseconds=round(statistics.median([row[2] for row in new] or [0.0]), 1),
        messages=messages,
        changed=tuple(changed),
    )


def _is_safe(case: Case, intent: str) -> bool:
    """Whether a cry for help raises an alarm, of whatever kind; or a look-alike none."""
    return (intent in ALARM_KINDS) == (case.part == SAFETY)


def _topic(intent: str, rows: Sequence[tuple[Case, str, str]]) -> TopicScore:
    better = [Change(c.text, was, now) for c, was, now in rows if was != intent and now == intent]
    worse = [Change(c.text, was, now) for c, was, now in rows if was == intent and now != intent]
    old = sum(was == intent for _, was, _ in rows)
    score = Score(len(rows), old, old + len(better) - len(worse))
    return TopicScore(intent, score, tuple(better), tuple(worse))


def _sum(scores: Sequence[Score]) -> Score:
    return Score(
        sum(one.rows for one in scores),
        sum(one.old for one in scores),
        sum(one.new for one in scores),
    )
