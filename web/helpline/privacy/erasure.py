"""Erases a conversation everywhere, and leaves a row in the audit log that says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.conversations import ERASED, find_conversation
from helpline.store.day_counts import forget_day
from helpline.store.models import AuditEntry, Conversation, Message, PendingErasure

# A bot may still be at work on an open turn, also when the chat process that asked it is dead. No
# BOT_TIMEOUT_SECONDS is as long.
LONGEST_ANSWER = timedelta(minutes=1)


def erase(session: Session, conversation: Conversation, actor: str) -> int:
    """Delete a conversation with all that hangs on it; return its number of messages.

    The bot's dialogue state is noted as pending (see `PendingErasure`): the chat process has it
    erased. `actor` is "visitor" or a staff user's name.
    """
    now = utc_now()
    messages = session.scalar(
        select(func.count()).where(Message.conversation_id == conversation.id)
    )
    session.add(
        AuditEntry(
            at=now,
            actor=actor,
            action=ERASED,
            subject=conversation.public_id,
            details={"messages": messages},
        )
    )
    open_until = conversation.turn_open_until
    not_before = now if open_until is None else max(now, open_until + LONGEST_ANSWER)
    session.add(PendingErasure(public_id=conversation.public_id, not_before=not_before))
    forget_day(session, conversation.created_at)
    # The database deletes what refers to it (ON DELETE CASCADE).
    session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    return messages or 0


def erase_by_token(session: Session, token_hash: str) -> str:
    """Erase a visitor's own conversation, ended or not; return its public id.

    Raises:
        ConversationUnknown: no conversation has this token.
    """
    conversation = find_conversation(session, token_hash, ended_too=True, lock=True)
    erase(session, conversation, actor="visitor")
    return conversation.public_id


def erase_by_id(session: Session, public_id: str, actor: str) -> int | None:
    """Erase the conversation with this id; return its number of messages, None if unknown."""
    conversation = session.scalars(
        select(Conversation).where(Conversation.public_id == public_id).with_for_update()
    ).one_or_none()
    return None if conversation is None else erase(session, conversation, actor)


def pending_erasures(session: Session, limit: int = 100) -> Sequence[PendingErasure]:
    """Return conversations whose dialogue state the bot has yet to erase, the oldest first."""
    return session.scalars(
        select(PendingErasure).order_by(PendingErasure.not_before).limit(limit)
    ).all()


def confirm_erasure(session: Session, public_id: str, erased_at: datetime) -> None:
    """Note that the bot erased its state at that moment; too early a moment does not count."""
    session.execute(
        delete(PendingErasure).where(
            PendingErasure.public_id == public_id, PendingErasure.not_before <= erased_at
        )
    )
