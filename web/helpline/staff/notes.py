"""Notes of staff about conversations."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpline.privacy.redaction import redact
from helpline.staff import audit, sessions
from helpline.staff.sessions import SignedIn
from helpline.store.base import utc_now
from helpline.store.models import Conversation
from helpline.store.staff_models import Note

LONGEST_NOTE = 2000


def add_note(
    session: Session, staff: SignedIn, conversation: Conversation, text: str
) -> tuple[str, ...]:
    """Keep a note; return the kinds of personal data that were left out of it.

    Notes are redacted like messages: no phone number gets in through the staff's door either.
    """
    redacted = redact(text)
    session.add(
        Note(
            conversation_id=conversation.id,
            user_id=staff.user_id,
            at=utc_now(),
            text=redacted.text,
        )
    )
    sessions.drop_draft(session, staff.session_hash)
    audit.record(session, staff.name, audit.NOTED, conversation.public_id)
    return redacted.kinds


def problem_with_note(text: str) -> str | None:
    """Say what is wrong with a note, or None."""
    if not text.strip():
        return "The note is empty: write something, or leave the page without saving."
    if len(text) > LONGEST_NOTE:
        return (
            f"The note has {len(text):,} characters: shorten it to {LONGEST_NOTE:,}. "
            "It was not saved."
        )
    return None


def erase_old_notes(session: Session, days: float, limit: int = 500) -> int:
    """Erase notes on conversations whose text has reached the retention time; return how many.

    A note may quote what the visitor wrote, so it lives no longer than that.
    """
    oldest = utc_now() - timedelta(days=days)
    old = list(
        session.scalars(
            select(Note.id)
            .join(Conversation, Conversation.id == Note.conversation_id)
            .where(Conversation.last_message_at < oldest)
            .limit(limit)
        )
    )
    if old:
        session.execute(delete(Note).where(Note.id.in_(old)))
        audit.record(
            session, audit.RETENTION, audit.NOTES_ERASED, None, {"notes": len(old), "days": days}
        )
    return len(old)
