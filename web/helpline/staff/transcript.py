"""One conversation as the visitor saw it, and beside each turn how it was understood."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.staff import claims, words
from helpline.staff.inbox import shown_state
from helpline.store.models import (
    FLAGS,
    VISITOR,
    Choice,
    Conversation,
    Feedback,
    Flag,
    Message,
    Understanding,
)
from helpline.store.staff_models import Claim, Note, Review, Tag

RANKING_LENGTH = 5


@dataclasses.dataclass(frozen=True)
class Ranked:
    """An intent that came into question."""

    intent: str
    label: str
    confidence: float


@dataclasses.dataclass(frozen=True)
class Insight:
    """How a visitor's message was understood, and what was done; None where it is not known."""

    intent: str | None
    label: str
    kind: str
    answer: str | None
    topic: str | None
    dialogue_topic: str | None
    confidence: float | None
    ranking: tuple[Ranked, ...]
    margin: float | None
    nearest_text: str | None
    nearest_score: float | None
    entities: tuple[str, ...]
    actions: tuple[str, ...]
    policy: str | None
    language: str | None
    treatment: str | None
    model: str | None
    safety: str | None
    milliseconds: float | None
    bot_milliseconds: float | None
    error: str | None


@dataclasses.dataclass(frozen=True)
class Answer:
    """A message of the bot."""

    message: Message
    choices: tuple[str, ...]
    # None: not rated
    helpful: bool | None
    comment: str | None


@dataclasses.dataclass(frozen=True)
class Turn:
    """What the visitor sent and what came back; the greeting is turn 0 and answers nothing."""

    number: int
    question: Message | None
    answers: tuple[Answer, ...]
    insight: Insight | None
    flags: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Transcript:
    """A conversation with all that staff see of it."""

    id: int
    public_id: str
    started_at: datetime
    last_message_at: datetime
    lowest_confidence: float | None
    turn_count: int
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...]
    tags: tuple[Tag, ...]
    # Who is reviewing it just now
    claim: Claim | None
    review: Review | None
    # How it was marked last, apart from who is at it just now
    mark: str | None
    state: str
    changed: bool

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of all turns, each once, the most urgent first."""
        raised = {flag for turn in self.turns for flag in turn.flags}
        return tuple(flag for flag in FLAGS if flag in raised)

    @property
    def text_erased(self) -> bool:
        """Whether retention has erased some of the text."""
        return any(
            message.text is None
            for turn in self.turns
            for message in (turn.question, *(answer.message for answer in turn.answers))
            if message is not None
        )


def find(session: Session, public_id: str, *, lock: bool = False) -> Conversation | None:
    """Return the conversation with this id. `lock` keeps it from being erased meanwhile."""
    wanted = select(Conversation).where(Conversation.public_id == public_id)
    return session.scalar(wanted.with_for_update(key_share=True) if lock else wanted)


def read(session: Session, conversation: Conversation) -> Transcript:
    """Put the transcript of a conversation together."""
    key = conversation.id
    insights = {
        row.message_id: _insight(row)
        for row in session.scalars(
            select(Understanding).where(Understanding.conversation_id == key)
        )
    }
    flags: dict[int, set[str]] = defaultdict(set)
    for flag in session.scalars(select(Flag).where(Flag.conversation_id == key)):
        flags[flag.message_id].add(flag.name)
    ratings = {
        rating.message_id: rating
        for rating in session.scalars(select(Feedback).where(Feedback.conversation_id == key))
    }
    choices: dict[int, list[Choice]] = defaultdict(list)
    for choice in session.scalars(
        select(Choice).where(Choice.conversation_id == key).order_by(Choice.position)
    ):
        choices[choice.message_id].append(choice)
    by_turn: dict[int, list[Message]] = defaultdict(list)
    for message in session.scalars(
        select(Message).where(Message.conversation_id == key).order_by(Message.id)
    ):
        by_turn[message.turn].append(message)
    review = session.get(Review, key)
    claim = claims.active(session, key)
    state, changed = shown_state(conversation, review, claim is not None)
    return Transcript(
        id=key,
        public_id=conversation.public_id,
        started_at=conversation.created_at,
        last_message_at=conversation.last_message_at,
        lowest_confidence=conversation.lowest_confidence,
        turn_count=conversation.turns,
        turns=tuple(
            _turn(number, messages, insights, flags, ratings, choices)
            for number, messages in sorted(by_turn.items())
        ),
        notes=tuple(
            session.scalars(select(Note).where(Note.conversation_id == key).order_by(Note.id))
        ),
        tags=tuple(
            session.scalars(select(Tag).where(Tag.conversation_id == key).order_by(Tag.name))
        ),
        claim=claim,
        review=review,
        mark=conversation.review_state,
        state=state,
        changed=changed,
    )


def _turn(
    number: int,
    messages: Sequence[Message],
    insights: Mapping[int, Insight],
    flags: Mapping[int, set[str]],
    ratings: Mapping[int, Feedback],
    choices: Mapping[int, list[Choice]],
) -> Turn:
    question = next((message for message in messages if message.author == VISITOR), None)
    raised = {name for message in messages for name in flags.get(message.id, ())}
    answers = []
    for message in messages:
        if message.author == VISITOR:
            continue
        rating = ratings.get(message.id)
        answers.append(
            Answer(
                message=message,
                choices=tuple(choice.label for choice in choices.get(message.id, ())),
                helpful=rating.helpful if rating else None,
                comment=rating.comment if rating else None,
            )
        )
    return Turn(
        number=number,
        question=question,
        answers=tuple(answers),
        insight=insights.get(question.id) if question else None,
        flags=tuple(flag for flag in FLAGS if flag in raised),
    )


def _insight(row: Understanding) -> Insight:
    safety = None
    if row.safety_kind:
        rule = f" ({row.safety_rule})" if row.safety_rule else ""
        safety = f"{words.flag_label(row.safety_kind)}{rule}"
    return Insight(
        intent=row.intent,
        label=words.intent_label(row.intent),
        kind=row.kind,
        answer=row.answer,
        topic=row.topic,
        dialogue_topic=row.dialogue_topic,
        confidence=row.confidence,
        ranking=_ranking(row.ranking),
        margin=row.margin,
        nearest_text=row.nearest_text,
        nearest_score=row.nearest_score,
        entities=tuple(_entity(entity) for entity in row.entities or ()),
        actions=tuple(_action(action) for action in row.actions or ()),
        policy=row.policy,
        language=row.language,
        treatment=row.treatment,
        model=row.model,
        safety=safety,
        milliseconds=row.milliseconds,
        bot_milliseconds=row.bot_milliseconds,
        error=row.error,
    )


def _ranking(given: Sequence[Mapping[str, Any]] | None) -> tuple[Ranked, ...]:
    return tuple(
        Ranked(
            intent=str(entry.get("name")),
            label=words.intent_label(str(entry.get("name"))),
            confidence=float(entry.get("confidence") or 0),
        )
        for entry in (given or ())[:RANKING_LENGTH]
    )


def _entity(given: Mapping[str, Any]) -> str:
    """Write {"entity": "treatment", "value": "siponimod"} as "treatment: siponimod"."""
    name = given.get("entity") or given.get("name") or "entity"
    return f"{name}: {given.get('value')}"


def _action(given: Any) -> str:
    return str(given.get("name", given)) if isinstance(given, Mapping) else str(given)
