"""What a turn's correcting form shows: the likely intents, what is known already, what is alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from content.reading import ContentError, cached
from content.topics import TOPICS_FILE, load_group_labels, load_other_intents, load_topics
from helpline.corrections.decisions import Proposal, correction_of_turns
from helpline.corrections.examples import Alike, Example, Examples, load_examples
from helpline.corrections.wording import as_example, problem_with
from helpline.staff import words
from helpline.staff.transcript import Transcript, Turn
from helpline.store.correction_models import (
    CLARIFY,
    GOOD,
    INTENT,
    OPEN_STATES,
    TRAINING,
    WITHDRAWN,
    Correction,
)
from helpline.store.models import Message

KEYS = 3
# Intents that are no topic but often the right one, each a button of its own.
ELSEWHERE = {
    "out_of_scope": "Not about MS",
    "contact_navigator_support": "Hand off to a person",
    "personal_medical_advice": "Advice on one person",
    "crisis": "Crisis",
    "emergency": "Emergency",
    "abuse": "Abuse",
}
# Other corrections that a text is compared with, the newest.
COMPARED_CORRECTIONS = 300
SHOWN_ALIKE = 3
_NO_INTENT = ("nlu_fallback", "")
_CALLS_FOR_IT = {"not_understood", "unsure", "thumbs_down", "error"}


@dataclasses.dataclass(frozen=True)
class Option:
    """An intent to choose. `covers` says where a topic begins and ends."""

    intent: str
    label: str
    covers: str = ""
    key: str | None = None


@dataclasses.dataclass(frozen=True)
class Likeness:
    """Examples like a text: the same words, and nearly the same."""

    same: tuple[Example, ...]
    alike: tuple[Alike, ...]

    def conflicts(self, intent: str | None) -> tuple[list[Example], list[Example]]:
        """Return those that are labelled otherwise, the same and the alike."""
        if intent is None:
            return [], []
        alike = [one.example for one in self.alike]
        return (
            [one for one in self.same if one.intent != intent],
            [one for one in alike if one.intent != intent],
        )


@dataclasses.dataclass(frozen=True)
class Form:
    """The form of the one turn that is being corrected."""

    turn: int
    seen: int
    # Why the turn's words are no use to the bot, None where they are
    useless: str | None
    understood: Option | None
    likely: tuple[Option, ...]
    elsewhere: tuple[Option, ...]
    groups: Mapping[str, Sequence[Option]]
    likeness: Likeness
    # Intents whose examples hold these very words
    known: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Correcting:
    """The corrections of a conversation by turn, and the form of the turn at hand."""

    done: Mapping[int, Correction]
    form: Form | None


def read(
    session: Session, transcript: Transcript, root: Path, wanted: int | None, listed: int | None
) -> Correcting:
    """Return what the page shows.

    `wanted` is the turn asked for, `listed` the one that the list shows the conversation for.
    """
    done = correction_of_turns(session, transcript.id)
    turn = _turn_at_hand(transcript.turns, done, wanted, listed)
    if turn is None or turn.question is None:
        return Correcting(done, None)
    known = known_words(session, root)
    return Correcting(done, _form(turn, turn.question, done.get(turn.number), known))


@dataclasses.dataclass(frozen=True)
class Known:
    """What a text is compared with: the examples in the files, and other corrections."""

    examples: Examples
    corrections: Examples

    def like(self, text: str, message: int) -> Likeness:
        """Return what is like the text of a message, its own correction left out."""
        line = as_example(text)
        same = [
            one
            for one in (*self.examples.same(line), *self.corrections.same(line))
            if one.message != message
        ]
        found = [
            one
            for one in (*self.examples.alike(line), *self.corrections.alike(line))
            if one.example not in same and one.example.message != message
        ]
        nearest = sorted(found, key=lambda one: -one.score)[:SHOWN_ALIKE]
        return Likeness(tuple(dict.fromkeys(same)), tuple(nearest))


def known_words(session: Session, root: Path) -> Known:
    """Return what texts are compared with."""
    return Known(_examples(root), _corrections(session))


def read_said(said: str, understood: str | None) -> Proposal:
    """Return what a button or the list of the form stands for.

    Whoever picks what the bot understood says that it was right.

    Raises:
        ValueError: there is no such intent; the message says what to do.
    """
    if said == CLARIFY:
        return Proposal(CLARIFY, None)
    if said == GOOD and understood not in (None, *_NO_INTENT):
        return Proposal(GOOD, understood)
    if said not in load_topics() and said not in load_other_intents():
        raise ValueError("Choose one of the topics on the list: this is none of them.")
    return Proposal(GOOD if said == understood else INTENT, said)


def _turn_at_hand(
    turns: Sequence[Turn], done: Mapping[int, Correction], wanted: int | None, listed: int | None
) -> Turn | None:
    """Return the turn asked for; else, of those without a correction, the one that the list shows
    the conversation for, the first that calls for one, or the first.
    """
    fit = [
        turn
        for turn in turns
        if turn.question and turn.question.text is not None and not turn.question.chosen
    ]
    for turn in fit:
        if turn.number == wanted:
            return turn
    left = [turn for turn in fit if turn.number not in done or done[turn.number].state == WITHDRAWN]
    shown = [turn for turn in left if turn.number == listed]
    calling = [turn for turn in left if _calls_for_it(turn)]
    return next(iter([*shown, *calling, *left]), None)


def _calls_for_it(turn: Turn) -> bool:
    return not _CALLS_FOR_IT.isdisjoint(turn.flags)


def _form(turn: Turn, question: Message, correction: Correction | None, texts: Known) -> Form:
    known_turn = turn.insight
    line = as_example(question.text or "")
    near = texts.like(question.text or "", question.id)
    known = frozenset(one.intent for one in near.same if one.where == TRAINING)
    understood = known_turn.intent if known_turn else None
    ranked = [one.intent for one in known_turn.ranking] if known_turn else []
    likely = [one for one in dict.fromkeys(ranked) if one not in (*_NO_INTENT, *known)][:KEYS]
    return Form(
        turn=turn.number,
        seen=correction.version if correction else 0,
        useless=problem_with(line),
        understood=(
            None
            if understood in (None, *_NO_INTENT) or understood in known
            else _option(understood)
        ),
        likely=tuple(_option(one, str(key)) for key, one in enumerate(likely, start=1)),
        elsewhere=tuple(
            Option(intent, label)
            for intent, label in ELSEWHERE.items()
            if intent not in known and intent not in likely
        ),
        groups=_groups(known),
        likeness=near,
        known=known,
    )


def _option(intent: str | None, key: str | None = None) -> Option:
    topic = load_topics().get(intent or "")
    covers = topic.covers if topic else ""
    return Option(intent or "", words.intent_label(intent), covers, key)


def _groups(known: frozenset[str]) -> dict[str, list[Option]]:
    """Return every intent under its group, but for those that have the words already."""
    names = cached(load_group_labels, TOPICS_FILE)
    groups: dict[str, list[Option]] = {}
    for topic in load_topics().values():
        if topic.id not in known:
            option = Option(topic.id, topic.label, topic.covers)
            groups.setdefault(names[topic.group], []).append(option)
    groups["Not a topic"] = [_option(one) for one in load_other_intents() if one not in known]
    return groups


def _examples(root: Path) -> Examples:
    try:
        return load_examples(root)
    except ContentError:
        # The export says what is wrong with the file; correcting goes on.
        return Examples(())


def _corrections(session: Session) -> Examples:
    rows = session.execute(
        select(Message.id, Message.text, Correction.intent)
        .join(Correction, Correction.message_id == Message.id)
        .where(
            Correction.state.in_(OPEN_STATES),
            Correction.intent.is_not(None),
            Message.text.is_not(None),
        )
        .order_by(Correction.id.desc())
        .limit(COMPARED_CORRECTIONS)
    )
    return Examples(
        Example(as_example(text or ""), intent or "", "correction", key)
        for key, text, intent in rows
    )
