"""Beginning, reading and rating conversations. Each function is one transaction's work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.errors import ConversationEnded, ConversationUnknown, MessageUnknown
from helpline.store.messages import add_bot_messages, add_flags, read_messages
from helpline.store.models import (
    BOT,
    NEW,
    REVIEWED,
    VISITOR,
    AuditEntry,
    Conversation,
    Feedback,
    Flag,
    Message,
)

ERASED = "conversation.erased"


def find_conversation(
    session: Session, token_hash: str, *, ended_too: bool = False, lock: bool = False
) -> Conversation:
    """Return the conversation with this token.

    `lock` keeps other processes from it until the transaction ends (on PostgreSQL; SQLite lets
    one writing transaction in at a time anyway).

    Raises:
        ConversationUnknown: there is none.
        ConversationEnded: it has expired, and `ended_too` is not set.
    """
    wanted = select(Conversation).where(Conversation.token_hash == token_hash)
    found = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if found is None:
        raise ConversationUnknown
    if not ended_too and found.expires_at <= utc_now():
        raise ConversationEnded
    return found


def open_conversation(
    session: Session,
    public_id: str,
    token_hash: str,
    greeting: Mapping[str, Any],
    hours: float,
) -> tuple[datetime, list[dict[str, Any]]]:
    """Begin a conversation with its greeting, or find it when it was begun before.

    Args:
        session: the transaction.
        public_id: the conversation's id for visitor and bot.
        token_hash: hash of its token.
        greeting: the first message; its choices carry an `id`.
        hours: how long a conversation lasts after its last message.

    Returns:
        When it ends, and its messages so far.

    Raises:
        ConversationUnknown: it was erased, and must not come back by sending an old form again.
        ConversationEnded: it was begun before and has expired.
    """
    try:
        found = find_conversation(session, token_hash)
    except ConversationUnknown:
        erased = select(AuditEntry.id).where(
            AuditEntry.subject == public_id, AuditEntry.action == ERASED
        )
        if session.execute(erased.limit(1)).first() is not None:
            raise
    else:
        return found.expires_at, read_messages(session, found.id)
    now = utc_now()
    conversation = Conversation(
        public_id=public_id,
        token_hash=token_hash,
        created_at=now,
        last_message_at=now,
        expires_at=now + timedelta(hours=hours),
        turns=0,
        messages=1,
    )
    session.add(conversation)
    session.flush()
    shown = add_bot_messages(session, conversation.id, 0, now, [greeting])
    return conversation.expires_at, shown


def read_history(session: Session, token_hash: str) -> list[dict[str, Any]]:
    """Return all messages of the conversation with this token; errors as `find_conversation`."""
    return read_messages(session, find_conversation(session, token_hash).id)


def read_ratings(session: Session, token_hash: str) -> dict[str, bool]:
    """Return message id -> "was helpful" for the bot's messages that the visitor rated."""
    conversation = find_conversation(session, token_hash)
    rows = session.execute(
        select(Message.public_id, Feedback.helpful)
        .join(Feedback, Feedback.message_id == Message.id)
        .where(Feedback.conversation_id == conversation.id)
    )
    return {public_id: helpful for public_id, helpful in rows}


def rate(
    session: Session,
    token_hash: str,
    message_id: str,
    helpful: bool,
    comment: str | None,
    flags: Iterable[str] = (),
) -> str:
    """Keep whether a message of the bot was helpful; a second rating replaces the first.

    Returns the conversation's public id.

    A thumbs-down flags the turn for staff, also where they have reviewed the conversation; a later
    thumbs-up takes the flag away. `flags` are added to it, for what the comment tells.

    Raises:
        ConversationUnknown, ConversationEnded: see `find_conversation`.
        MessageUnknown: the conversation has no such message of the bot.
    """
    conversation = find_conversation(session, token_hash)
    message = session.scalars(
        select(Message).where(
            Message.public_id == message_id,
            Message.conversation_id == conversation.id,
            Message.author == BOT,
        )
    ).one_or_none()
    if message is None:
        raise MessageUnknown
    now = utc_now()
    rating = session.scalars(
        select(Feedback).where(Feedback.message_id == message.id)
    ).one_or_none()
    if rating is None:
        rating = Feedback(message_id=message.id, conversation_id=conversation.id)
        session.add(rating)
    rating.at, rating.helpful, rating.comment = now, helpful, comment
    asked = session.scalars(
        select(Message.id).where(
            Message.conversation_id == conversation.id,
            Message.turn == message.turn,
            Message.author == VISITOR,
        )
    ).first()
    flagged = message.id if asked is None else asked
    if helpful:
        session.execute(delete(Flag).where(Flag.message_id == flagged, Flag.name == "thumbs_down"))
    else:
        flags = [*flags, "thumbs_down"]
        if conversation.review_state == REVIEWED:
            conversation.review_state = NEW
    add_flags(session, conversation.id, flagged, now, flags)
    return conversation.public_id
