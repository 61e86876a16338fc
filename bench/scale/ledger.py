"""Compares what visitors saw with what the store holds, message by message."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.scale.visitors import Talk
from helpline.store.database import Store
from helpline.store.models import VISITOR, Conversation, IdempotentRequest, Message

# Conversations read at once
BATCH = 500


@dataclasses.dataclass
class Comparison:
    """What was compared, and what was found wrong, a line each."""

    conversations: int = 0
    acknowledged: int = 0
    rows: int = 0
    lost: list[str] = dataclasses.field(default_factory=list)
    doubled: list[str] = dataclasses.field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong."""
        return self.lost + self.doubled


@dataclasses.dataclass
class _Rows:
    """One conversation in the store."""

    # turn -> public ids of the visitor's and of the bot's messages, in order
    asked: dict[int, list[str]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    answered: dict[int, list[str]] = dataclasses.field(default_factory=lambda: defaultdict(list))
    turn_of_key: dict[str, int] = dataclasses.field(default_factory=dict)
    messages: int = 0


def compare(store: Store, talks: Sequence[Talk]) -> Comparison:
    """Compare every conversation with its rows."""
    found = Comparison()
    for start in range(0, len(talks), BATCH):
        batch = talks[start : start + BATCH]
        stored = store.read_now(_read, [talk.id for talk in batch])
        for talk in batch:
            _compare_one(talk, stored.get(talk.id), found)
    return found


def _read(session: Session, ids: Iterable[str]) -> dict[str, _Rows]:
    names: dict[int, str] = {
        row.id: row.public_id
        for row in session.execute(
            select(Conversation.id, Conversation.public_id).where(Conversation.public_id.in_(ids))
        )
    }
    rows = {name: _Rows() for name in names.values()}
    for message in session.execute(
        select(Message.conversation_id, Message.turn, Message.author, Message.public_id)
        .where(Message.conversation_id.in_(names))
        .order_by(Message.id)
    ):
        of = rows[names[message.conversation_id]]
        of.messages += 1
        side = of.asked if message.author == VISITOR else of.answered
        side[message.turn].append(message.public_id)
    for request in session.execute(
        select(
            IdempotentRequest.conversation_id, IdempotentRequest.key, IdempotentRequest.turn
        ).where(IdempotentRequest.conversation_id.in_(names))
    ):
        rows[names[request.conversation_id]].turn_of_key[request.key] = request.turn
    return rows


def _compare_one(talk: Talk, rows: _Rows | None, found: Comparison) -> None:
    found.conversations += 1
    if talk.erased:
        if rows is not None:
            found.doubled.append(f"{talk.id} was erased and is still there")
        return
    if rows is None:
        found.lost.append(f"conversation {talk.id} is not in the store")
        return
    found.rows += rows.messages
    keys = {sent.key for sent in talk.sent}
    for key in rows.turn_of_key.keys() - keys:
        found.doubled.append(f"{talk.id}: a message that nobody sent, {key}")
    for sent in talk.sent:
        if sent.answer is None:
            continue
        found.acknowledged += 1
        turn = rows.turn_of_key.get(sent.key)
        if turn is None or not rows.asked[turn]:
            found.lost.append(f"{talk.id}: {sent.key} was acknowledged and is not in the store")
            continue
        shown, kept = [message["id"] for message in sent.answer], rows.answered[turn]
        if not set(shown) <= set(kept):
            found.lost.append(f"{talk.id}: of the answer {shown} the store has {kept}")
        elif kept != shown:
            found.doubled.append(f"{talk.id}: turn {turn} was answered with {kept}, not {shown}")
    turns = list(rows.turn_of_key.values())
    if len(set(turns)) != len(turns):
        found.doubled.append(f"{talk.id}: two messages in one turn")
    for turn, asked in rows.asked.items():
        if len(asked) != 1:
            found.doubled.append(f"{talk.id}: turn {turn} has {len(asked)} messages of the visitor")
    if len(rows.asked) != len(rows.turn_of_key):
        found.doubled.append(
            f"{talk.id}: {len(rows.asked)} turns for {len(rows.turn_of_key)} messages"
        )
