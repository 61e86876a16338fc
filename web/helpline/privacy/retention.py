"""Erases text that is older than RETENTION_DAYS; counts, topics and kinds stay.

The chat process runs this by itself; `python -m helpline.privacy.retention` runs it once.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.correction_models import OPEN_STATES, WITHDRAWN, Correction
from helpline.store.database import Store
from helpline.store.models import (
    AuditEntry,
    Choice,
    Conversation,
    Feedback,
    IdempotentRequest,
    Message,
    Understanding,
)
from helpline.store.stored_settings import effective

TEXT_ERASED = "text.erased"
# Rows a transaction: small enough that a visitor's message never waits for it noticeably.
BATCH = 500


@dataclass(frozen=True)
class Batch:
    """What one transaction of the job did."""

    texts: int = 0
    comments: int = 0
    # Conversations in which nobody wrote anything
    empty_conversations: int = 0

    def __add__(self, other: Batch) -> Batch:
        """Add up two batches."""
        return Batch(
            self.texts + other.texts,
            self.comments + other.comments,
            self.empty_conversations + other.empty_conversations,
        )

    @property
    def rows(self) -> int:
        """Rows touched in all."""
        return self.texts + self.comments + self.empty_conversations


def erase_batch(session: Session, days: float, conversation_hours: float) -> Batch:
    """Erase up to BATCH rows of each kind that are older than `days`; leave one audit row."""
    now = utc_now()
    oldest = now - timedelta(days=days)
    texts = session.scalars(
        select(Message.id).where(Message.at < oldest, Message.text.is_not(None)).limit(BATCH)
    ).all()
    if texts:
        session.execute(
            update(Message)
            .where(Message.id.in_(texts))
            .values(text=None, links=None, sources=None, contact=None)
        )
        # Entities hold words of the visitor; a choice can no longer be picked.
        session.execute(
            update(Understanding).where(Understanding.message_id.in_(texts)).values(entities=None)
        )
        session.execute(delete(Choice).where(Choice.message_id.in_(texts)))
        # Without its words nothing of a correction can be exported any more.
        session.execute(
            update(Correction)
            .where(Correction.message_id.in_(texts), Correction.state.in_(OPEN_STATES))
            .values(state=WITHDRAWN, version=Correction.version + 1)
        )
    comments = session.scalars(
        select(Feedback.id).where(Feedback.at < oldest, Feedback.comment.is_not(None)).limit(BATCH)
    ).all()
    if comments:
        session.execute(update(Feedback).where(Feedback.id.in_(comments)).values(comment=None))
    if texts or comments:
        session.add(
            AuditEntry(
                at=now,
                actor="retention",
                action=TEXT_ERASED,
                subject=None,
                details={"messages": len(texts), "comments": len(comments), "days": days},
            )
        )
    empty = session.scalars(
        select(Conversation.id)
        # Spelled out: a bound value would keep the database from using the partial index.
        .where(text("turns = 0"), Conversation.expires_at < now)
        .limit(BATCH)
    ).all()
    if empty:
        session.execute(delete(Conversation).where(Conversation.id.in_(empty)))
    # Requests are kept for as long as they can be repeated.
    session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.started_at < now - timedelta(hours=conversation_hours)
        )
    )
    return Batch(len(texts), len(comments), len(empty))


async def erase_old_text(store: Store, days: float, conversation_hours: float) -> Batch:
    """Run the job to its end, in short transactions; return what it did in all.

    Raises:
        SQLAlchemyError: the database cannot be used; what was done until then stays done.
    """
    total = Batch()
    while True:
        done = await store.write(erase_batch, days, conversation_hours)
        total += done
        if max(done.texts, done.comments, done.empty_conversations) < BATCH:
            break
    if total.rows:
        await store.forget_erased()
    return total


def main() -> int:
    """Run the job once on the database of DATABASE_URL."""
    import asyncio

    import settings

    values = settings.load()
    store = Store(values.database_url)
    try:
        asyncio.run(store.migrate())
        values = store.read_now(effective, values)
        done = asyncio.run(erase_old_text(store, values.retention_days, values.conversation_hours))
    finally:
        store.close()
    sys.stdout.write(
        f"Erased the text of {done.texts} messages and {done.comments} comments older than "
        f"{values.retention_days} days, and {done.empty_conversations} conversations in which "
        "nobody wrote.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
