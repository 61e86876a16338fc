"""A turn: the visitor's message and what the helpline answers. One is open at a time.

`begin_turn` stores the message and opens the turn, `finish_turn` stores the answer and closes it.
Both are short transactions; the bot is asked in between, while none is open. Who holds a turn for
long says so now and then (`keep_open`). A process that dies leaves its turn open until the time it
gave is up; then the same request, sent again, takes it over.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, case, exists, func, insert, select, update
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.errors import (
    ChoiceUnknown,
    ConversationEnded,
    ConversationUnknown,
    KeyReused,
    TurnTaken,
)
from helpline.store.messages import (
    ADD_MESSAGE,
    CHOICES,
    FLAG_ROWS,
    MESSAGES,
    add_bot_messages,
    add_flags,
    read_messages,
)
from helpline.store.models import (
    LATER,
    NEW,
    VISITOR,
    Conversation,
    IdempotentRequest,
    Understanding,
)

CONVERSATIONS = cast(Table, Conversation.__table__)
REQUESTS = cast(Table, IdempotentRequest.__table__)
UNDERSTANDINGS = cast(Table, Understanding.__table__)


@dataclass(frozen=True)
class TurnRequest:
    """What a visitor sent: a redacted text, or the id of a choice."""

    token_hash: str
    key: str | None
    body_hash: str
    text: str | None
    choice: str | None
    redacted: tuple[str, ...]
    # How long the turn stays open, unless kept open, before another process may take over.
    open_seconds: float
    conversation_hours: float


@dataclass(frozen=True)
class Turn:
    """An open turn. Whoever holds it asks the bot and then calls `finish_turn`."""

    conversation_id: int
    public_id: str
    number: int
    message_id: int
    key: str | None
    asked_at: datetime
    # Until when it stays open; whoever keeps it open adds to them. By them we know it for ours.
    ends: list[datetime]
    text: str
    # Of the choice, {"intent", "entities"}; None where the visitor typed.
    payload: dict[str, Any] | None
    # Since the conversation's last crisis, which may be this very turn's (0); None: without one.
    turns_since_crisis: int | None = None


@dataclass(frozen=True)
class Replay:
    """The request was answered before: its answer."""

    messages: list[dict[str, Any]]


@dataclass(frozen=True)
class Busy:
    """Another turn of the conversation is open: ask again shortly."""


# Built once: making a statement takes longer than SQLite takes to run it.
_CONVERSATION = (
    select(
        CONVERSATIONS.c.id,
        CONVERSATIONS.c.public_id,
        CONVERSATIONS.c.expires_at,
        CONVERSATIONS.c.turn_open_until,
        CONVERSATIONS.c.turns,
    )
    .where(CONVERSATIONS.c.token_hash == bindparam("token_hash"))
    .with_for_update()  # on PostgreSQL; SQLite lets one writing transaction in at a time anyway
)
_EXISTS = select(exists().where(CONVERSATIONS.c.id == bindparam("conversation")))
_REQUEST = select(REQUESTS).where(
    REQUESTS.c.conversation_id == bindparam("conversation"), REQUESTS.c.key == bindparam("key_")
)
_CHOICE = select(CHOICES.c.label, CHOICES.c.payload).where(
    CHOICES.c.conversation_id == bindparam("conversation"),
    CHOICES.c.public_id == bindparam("choice"),
)
_QUESTION_OF_TURN = select(MESSAGES.c.id, MESSAGES.c.turn, MESSAGES.c.at).where(
    MESSAGES.c.conversation_id == bindparam("conversation"),
    MESSAGES.c.turn == bindparam("turn_"),
    MESSAGES.c.author == VISITOR,
)
_LAST_CRISIS = (
    select(func.max(MESSAGES.c.turn))
    .join(FLAG_ROWS, FLAG_ROWS.c.message_id == MESSAGES.c.id)
    .where(FLAG_ROWS.c.conversation_id == bindparam("conversation"), FLAG_ROWS.c.name == "crisis")
)
_OPEN = (
    update(CONVERSATIONS)
    .where(CONVERSATIONS.c.id == bindparam("conversation"))
    .values(
        turn_open_until=bindparam("open_until"),
        last_message_at=bindparam("now"),
        expires_at=bindparam("expires"),
        turns=CONVERSATIONS.c.turns + bindparam("added"),
        messages=CONVERSATIONS.c.messages + bindparam("added"),
        # Staff have not read this; what they put off stays put off.
        review_state=case((CONVERSATIONS.c.review_state == LATER, LATER), else_=NEW),
    )
)
_OURS = (
    CONVERSATIONS.c.id == bindparam("conversation"),
    CONVERSATIONS.c.turn_open_until.in_(bindparam("ends", expanding=True)),
)
_KEEP_OPEN = update(CONVERSATIONS).where(*_OURS).values(turn_open_until=bindparam("open_until"))
_CLOSE = (
    update(CONVERSATIONS)
    .where(*_OURS)
    .values(
        turn_open_until=None,
        messages=CONVERSATIONS.c.messages + bindparam("added"),
        # A turn without a confidence leaves the lowest as it is: no comparison holds with NULL.
        lowest_confidence=case(
            (CONVERSATIONS.c.lowest_confidence.is_(None), bindparam("confidence")),
            (bindparam("confidence") < CONVERSATIONS.c.lowest_confidence, bindparam("confidence")),
            else_=CONVERSATIONS.c.lowest_confidence,
        ),
    )
    .returning(CONVERSATIONS.c.id)
)
_ANSWERED = (
    update(REQUESTS)
    .where(
        REQUESTS.c.conversation_id == bindparam("conversation"), REQUESTS.c.key == bindparam("key_")
    )
    .values(finished_at=bindparam("now"))
)
_ADD_REQUEST = insert(REQUESTS)
_ADD_UNDERSTANDING = insert(UNDERSTANDINGS)


def begin_turn(session: Session, request: TurnRequest) -> Turn | Replay | Busy:
    """Store the visitor's message and open a turn, unless the request was made before.

    Raises:
        ConversationUnknown: no conversation has this token.
        ConversationEnded: it has expired.
        KeyReused: the key belongs to another request.
        ChoiceUnknown: the choice was never offered in this conversation.
    """
    connection = session.connection()  # a session costs as much again at every statement
    conversation = connection.execute(
        _CONVERSATION, {"token_hash": request.token_hash}
    ).one_or_none()
    now = utc_now()
    if conversation is None:
        raise ConversationUnknown
    if conversation.expires_at <= now:
        raise ConversationEnded
    earlier = None
    if request.key is not None:
        values = {"conversation": conversation.id, "key_": request.key}
        earlier = connection.execute(_REQUEST, values).one_or_none()
    if earlier is not None:
        if not secrets.compare_digest(earlier.body_hash, request.body_hash):
            raise KeyReused
        if earlier.finished_at is not None:
            return Replay(read_messages(connection, conversation.id, bot_turn=earlier.turn))
    if conversation.turn_open_until is not None and conversation.turn_open_until > now:
        return Busy()
    text, payload = _content(connection, conversation.id, request)
    open_until = now + timedelta(seconds=request.open_seconds)
    connection.execute(
        _OPEN,
        {
            "conversation": conversation.id,
            "open_until": open_until,
            "now": now,
            "expires": now + timedelta(hours=request.conversation_hours),
            "added": 1 if earlier is None else 0,
        },
    )
    if earlier is None:
        number, asked_at = conversation.turns + 1, now
        message_id = _add_question(
            connection, conversation.id, number, now, request, text, payload is not None
        )
    else:
        values = {"conversation": conversation.id, "turn_": earlier.turn}
        message_id, number, asked_at = connection.execute(_QUESTION_OF_TURN, values).one()
    crisis = connection.execute(_LAST_CRISIS, {"conversation": conversation.id}).scalar()
    return Turn(
        conversation_id=conversation.id,
        public_id=conversation.public_id,
        number=number,
        message_id=message_id,
        key=request.key,
        asked_at=asked_at,
        ends=[open_until],
        text=text,
        payload=payload,
        turns_since_crisis=None if crisis is None else number - crisis,
    )


def _add_question(
    connection: Connection,
    conversation_id: int,
    number: int,
    now: datetime,
    request: TurnRequest,
    text: str,
    chosen: bool,
) -> int:
    message_id: int = connection.execute(
        ADD_MESSAGE,
        {
            "public_id": secrets.token_hex(16),
            "conversation_id": conversation_id,
            "turn": number,
            "author": VISITOR,
            "at": now,
            "text": text,
            "chosen": chosen,
            "redacted": list(request.redacted) or None,
        },
    ).scalar_one()
    if request.key is not None:
        connection.execute(
            _ADD_REQUEST,
            {
                "conversation_id": conversation_id,
                "key": request.key,
                "body_hash": request.body_hash,
                "turn": number,
                "started_at": now,
            },
        )
    return message_id


def _content(
    connection: Connection, conversation_id: int, request: TurnRequest
) -> tuple[str, dict[str, Any] | None]:
    if request.choice is None:
        return request.text or "", None
    values = {"conversation": conversation_id, "choice": request.choice}
    choice = connection.execute(_CHOICE, values).one_or_none()
    if choice is None:
        raise ChoiceUnknown
    return choice.label, choice.payload


def keep_open(session: Session, turn: Turn) -> None:
    """Keep a turn open until the last of its `ends`, unless it was closed or taken over."""
    session.connection().execute(
        _KEEP_OPEN,
        {
            "conversation": turn.conversation_id,
            "ends": turn.ends[:-1],
            "open_until": turn.ends[-1],
        },
    )


def finish_turn(
    session: Session,
    turn: Turn,
    messages: Sequence[Mapping[str, Any]],
    understanding: Mapping[str, Any],
    flags: Iterable[str],
) -> list[dict[str, Any]]:
    """Store the answer, close the turn, and return the messages as the API shows them.

    Args:
        session: the transaction.
        turn: from `begin_turn`.
        messages: what the visitor is answered, first message first.
        understanding: the columns of `Understanding` that tell how the bot understood.
        flags: names of `FLAGS`.

    Raises:
        ConversationUnknown: it was erased meanwhile.
        TurnTaken: another process took it over, and has no answer yet.
    """
    connection = session.connection()
    closed = connection.execute(
        _CLOSE,
        {
            "conversation": turn.conversation_id,
            "ends": turn.ends,
            "added": len(messages),
            "confidence": understanding.get("confidence"),
        },
    ).one_or_none()
    if closed is None:
        # Erased, or taken over because we were late: then what the other one answered counts.
        stored = read_messages(connection, turn.conversation_id, bot_turn=turn.number)
        if stored:
            return stored
        here = {"conversation": turn.conversation_id}
        raise TurnTaken if connection.execute(_EXISTS, here).scalar() else ConversationUnknown
    now = utc_now()
    shown = add_bot_messages(connection, turn.conversation_id, turn.number, now, messages)
    connection.execute(
        _ADD_UNDERSTANDING,
        {
            "message_id": turn.message_id,
            "conversation_id": turn.conversation_id,
            "at": turn.asked_at,
            "kind": messages[0]["kind"],
            "topic": messages[0]["topic"],
            "answer": messages[0]["answer"],
            **understanding,
        },
    )
    add_flags(connection, turn.conversation_id, turn.message_id, now, flags)
    if turn.key is not None:
        connection.execute(
            _ANSWERED, {"conversation": turn.conversation_id, "key_": turn.key, "now": now}
        )
    return shown
