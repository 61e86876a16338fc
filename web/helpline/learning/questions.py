"""Unknown questions: which they are, how they are grouped, and correcting a whole group."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from helpline.corrections.decisions import NotPossible, Person, Proposal, propose
from helpline.privacy.redaction import redact
from helpline.store.base import utc_now
from helpline.store.correction_models import OPEN_STATES, Correction
from helpline.store.models import AuditEntry, Conversation, Flag, Message, Understanding
from helpline.store.question_models import QuestionGroups, TopicIdea

UNKNOWN_FLAGS = ("not_understood", "unsure")
LOOKED_BACK = timedelta(weeks=12)
MOST_MESSAGES = 2000
MOST_GROUPS = 50
LONGEST_TITLE = 200
IDEA_NOTED = "topic_idea.noted"
IDEA_TAKEN = "topic_idea.taken"
IDEA_DONE = "topic_idea.done"


@dataclasses.dataclass(frozen=True)
class Question:
    """One message of a group."""

    key: int
    conversation: str
    turn: int
    text: str
    kind: str


@dataclasses.dataclass(frozen=True)
class Group:
    """Messages that mean about the same and wait for a correction; the typical one is first."""

    questions: tuple[Question, ...]
    # What visitors were answered: kind -> how often
    kinds: Mapping[str, int]

    @property
    def typical(self) -> Question:
        """The message that stands for the group."""
        return self.questions[0]


def unknown_messages(session: Session) -> list[tuple[int, str]]:
    """Return key and words of what was not understood or unsure and waits for a correction.

    The newest first; at most MOST_MESSAGES of the last LOOKED_BACK.
    """
    corrected = exists().where(
        Correction.message_id == Message.id, Correction.state.in_((*OPEN_STATES, "exported"))
    )
    found: dict[int, str] = {}
    # One flag at a time: each is a walk along the index of flags, which ends at the limit.
    for name in UNKNOWN_FLAGS:
        rows = session.execute(
            select(Message.id, Message.text)
            .join(Flag, Flag.message_id == Message.id)
            .where(
                Flag.name == name,
                Message.at >= utc_now() - LOOKED_BACK,
                Message.chosen.is_(False),
                Message.text.is_not(None),
                ~corrected,
            )
            .order_by(Flag.message_id.desc())
            .limit(MOST_MESSAGES)
        )
        found.update((key, text) for key, text in rows if text is not None)
    return sorted(found.items(), reverse=True)[:MOST_MESSAGES]


def ask_grouping(session: Session) -> None:
    """Ask for a new grouping; the worker makes it."""
    row = session.get(QuestionGroups, 1, with_for_update=True)
    if row is None:
        row = QuestionGroups(id=1, groups=[])
        session.add(row)
    row.asked_at, row.problem = utc_now(), None


def keep_groups(
    session: Session, groups: Sequence[Sequence[int]] | None, problem: str | None = None
) -> None:
    """Keep a new grouping, or why it failed."""
    row = session.get_one(QuestionGroups, 1, with_for_update=True)
    row.asked_at, row.problem = None, problem
    if groups is not None:
        row.made_at, row.groups = utc_now(), [list(group) for group in groups]


def read_groups(session: Session) -> tuple[QuestionGroups | None, list[Group]]:
    """Return the last grouping, and its groups as far as they still wait for a correction."""
    row = session.get(QuestionGroups, 1)
    if row is None:
        return None, []
    waiting = {key for key, _ in unknown_messages(session)}
    wanted = [key for group in row.groups for key in group if key in waiting]
    questions = {
        key: Question(key, conversation, turn, text or "", kind)
        for key, conversation, turn, text, kind in session.execute(
            select(
                Message.id, Conversation.public_id, Message.turn, Message.text, Understanding.kind
            )
            .join(Conversation, Conversation.id == Message.conversation_id)
            .join(Understanding, Understanding.message_id == Message.id)
            .where(Message.id.in_(wanted))
        )
    }
    found = []
    for keys in row.groups:
        there = tuple(questions[key] for key in keys if key in questions)
        if there:
            found.append(Group(there, Counter(one.kind for one in there)))
    found.sort(key=lambda group: -len(group.questions))
    return row, found[:MOST_GROUPS]


def correct_group(session: Session, by: Person, keys: Sequence[int], said: Proposal) -> int:
    """Propose the same correction for each of these messages that has none; return how many.

    Raises:
        NotPossible: none of them can be corrected any more.
    """
    done = 0
    rows = session.execute(
        select(Message.turn, Conversation)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_(keys))
        .order_by(Conversation.id, Message.turn)
        .with_for_update(of=Conversation)
    ).all()
    for turn, conversation in rows:
        try:
            propose(session, by, conversation, turn, said, 0)
        except NotPossible:
            continue  # somebody corrected this one meanwhile, or its words were erased
        done += 1
    if not done:
        raise NotPossible("Somebody has corrected these meanwhile, or they were erased.")
    return done


def note_idea(session: Session, title: str, messages: int, by: str) -> TopicIdea:
    """Keep an idea for a topic.

    Raises:
        NotPossible: it has no title, or too long a one.
    """
    title = redact(title.strip()).text
    if not title:
        raise NotPossible("Say in a few words of your own what the topic would be about.")
    if len(title) > LONGEST_TITLE:
        raise NotPossible(f"Use at most {LONGEST_TITLE} characters.")
    idea = TopicIdea(title=title, messages=messages, noted_by=by, noted_at=utc_now())
    session.add(idea)
    session.flush()
    _note(session, by, IDEA_NOTED, idea.id)
    return idea


def take_idea(session: Session, idea_id: int, by: str, *, done: bool) -> None:
    """Say that one writes the topic, or that it is written.

    Raises:
        NotPossible: it is gone, somebody else has it, or it is done.
    """
    idea = session.get(TopicIdea, idea_id, with_for_update=True)
    if idea is None or idea.done_at is not None:
        raise NotPossible("This idea is done already.")
    if idea.taken_by not in (None, by):
        raise NotPossible(f"{idea.taken_by} writes this topic.")
    idea.taken_by = by
    if done:
        idea.done_at = utc_now()
    _note(session, by, IDEA_DONE if done else IDEA_TAKEN, idea_id)


def read_ideas(session: Session) -> Sequence[TopicIdea]:
    """Return the ideas that are not done, those asked for most first."""
    wanted = select(TopicIdea).where(TopicIdea.done_at.is_(None))
    return session.scalars(wanted.order_by(TopicIdea.messages.desc(), TopicIdea.id)).all()


def _note(session: Session, by: str, action: str, idea_id: int) -> None:
    session.add(AuditEntry(at=utc_now(), actor=by, action=action, subject=str(idea_id)))
