"""Messages of a conversation: storing what the bot says, and reading back what was said.

Every turn passes here, so statements are made once and go to the tables directly: the unit of work
of an ORM session took more than half of a turn's time in the store.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, insert, select
from sqlalchemy.orm import Session

from content.message import language_of
from helpline.store.dates import rfc3339
from helpline.store.models import BOT, QUEUE_OF_FLAG, VISITOR, Choice, Flag, Message

MESSAGES = cast(Table, Message.__table__)
CHOICES = cast(Table, Choice.__table__)
FLAG_ROWS = cast(Table, Flag.__table__)

_SHOWN = (
    MESSAGES.c.id,
    MESSAGES.c.public_id,
    MESSAGES.c.author,
    MESSAGES.c.at,
    MESSAGES.c.kind,
    MESSAGES.c.topic,
    MESSAGES.c.text,
    MESSAGES.c.links,
    MESSAGES.c.sources,
    MESSAGES.c.checked_on,
    MESSAGES.c.contact,
    MESSAGES.c.answer,
)
_OF_CONVERSATION = (
    select(*_SHOWN)
    .where(MESSAGES.c.conversation_id == bindparam("conversation"), MESSAGES.c.text.is_not(None))
    .order_by(MESSAGES.c.id)
)
_OF_BOT_IN_TURN = _OF_CONVERSATION.where(
    MESSAGES.c.turn == bindparam("turn"), MESSAGES.c.author == BOT
)
_OF_VISITOR = (
    select(MESSAGES.c.text)
    .where(
        MESSAGES.c.conversation_id == bindparam("conversation"),
        MESSAGES.c.author == VISITOR,
        MESSAGES.c.text.is_not(None),
    )
    .order_by(MESSAGES.c.id.desc())
    .limit(200)
)
_CHOICES_OF_CONVERSATION = (
    select(CHOICES.c.message_id, CHOICES.c.public_id, CHOICES.c.label)
    .where(CHOICES.c.conversation_id == bindparam("conversation"))
    .order_by(CHOICES.c.message_id, CHOICES.c.position)
)
_CHOICES_OF_TURN = _CHOICES_OF_CONVERSATION.join(
    MESSAGES, MESSAGES.c.id == CHOICES.c.message_id
).where(MESSAGES.c.turn == bindparam("turn"))
ADD_MESSAGE = insert(MESSAGES).returning(MESSAGES.c.id)
_ADD_CHOICES = insert(CHOICES)
_ADD_FLAGS = insert(FLAG_ROWS)
_FLAGS_OF_MESSAGE = select(FLAG_ROWS.c.name).where(FLAG_ROWS.c.message_id == bindparam("message"))


def message_json(
    message: Mapping[Any, Any], choices: Sequence[Mapping[Any, Any]]
) -> dict[str, Any]:
    """Return a stored message as the API describes it: without answer name and payloads."""
    return {
        "id": message["public_id"],
        "from": message["author"],
        "at": rfc3339(message["at"]),
        "kind": message["kind"],
        "topic": message["topic"],
        "text": message["text"],
        "links": message["links"] or [],
        "sources": message["sources"] or [],
        "checked_on": message["checked_on"],
        "choices": [{"id": choice["public_id"], "label": choice["label"]} for choice in choices],
        "contact": message["contact"],
        **spoken(message["answer"]),
    }


def spoken(answer: str | None) -> dict[str, str]:
    """Return the field that names the language of an answer; English is not named."""
    language = language_of(answer)
    return {} if language is None else {"language": language}


def add_bot_messages(
    session: Session | Connection,
    conversation_id: int,
    turn: int,
    at: datetime,
    messages: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Store what the bot says in one turn, and return it as the API shows it.

    A choice without an `id` of its own gets a random one.
    """
    shown = []
    for given in messages:
        message = {
            "public_id": secrets.token_hex(16),
            "conversation_id": conversation_id,
            "turn": turn,
            "author": BOT,
            "at": at,
            "text": given["text"],
            "chosen": False,
            "redacted": None,
            "kind": given["kind"],
            "topic": given["topic"],
            "answer": given["answer"],
            "links": given["links"] or None,
            "sources": given["sources"] or None,
            "checked_on": given["checked_on"],
            "contact": given["contact"],
        }
        message_id = session.execute(ADD_MESSAGE, message).scalar_one()
        choices = [
            {
                "public_id": choice.get("id") or secrets.token_urlsafe(12),
                "conversation_id": conversation_id,
                "message_id": message_id,
                "position": position,
                "label": choice["label"],
                "payload": choice["payload"],
            }
            for position, choice in enumerate(given["choices"])
        ]
        if choices:
            session.execute(_ADD_CHOICES, choices)
        shown.append(message_json(message, choices))
    return shown


def read_messages(
    session: Session | Connection, conversation_id: int, *, bot_turn: int | None = None
) -> list[dict[str, Any]]:
    """Return a conversation as the API shows it, oldest message first.

    `bot_turn` limits it to what the bot said in that turn. Messages whose text was erased after
    the retention time are left out.
    """
    values: dict[str, Any] = {"conversation": conversation_id}
    wanted, offered = _OF_CONVERSATION, _CHOICES_OF_CONVERSATION
    if bot_turn is not None:
        values["turn"] = bot_turn
        wanted, offered = _OF_BOT_IN_TURN, _CHOICES_OF_TURN
    choices = defaultdict(list)
    for choice in session.execute(offered, values).mappings():
        choices[choice["message_id"]].append(choice)
    return [
        message_json(message, choices[message["id"]])
        for message in session.execute(wanted, values).mappings()
    ]


def visitor_texts(session: Session, conversation_id: int) -> list[str]:
    """Return what the visitor wrote, the newest first, at most 200 texts."""
    return list(session.execute(_OF_VISITOR, {"conversation": conversation_id}).scalars())


def add_flags(
    session: Session | Connection,
    conversation_id: int,
    message_id: int,
    at: datetime,
    names: Iterable[str],
) -> None:
    """Flag a turn for staff, who find it in the flag's queue; one that stands already stays."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return
    present = set(session.scalars(_FLAGS_OF_MESSAGE, {"message": message_id}))
    rows = [
        {
            "message_id": message_id,
            "conversation_id": conversation_id,
            "at": at,
            "name": name,
            "queue": QUEUE_OF_FLAG[name],
        }
        for name in wanted
        if name not in present
    ]
    if rows:
        session.execute(_ADD_FLAGS, rows)
