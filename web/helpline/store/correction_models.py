"""Table of corrections: what staff say a visitor's message should have been understood as.

A correction holds no text. The words stay in `message` alone, so that erasing them there, by the
visitor, by staff or by retention, takes them out of everything that was not exported yet.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.store.base import Base, BigId, UtcDateTime
from helpline.store.models import Message
from helpline.store.staff_models import StaffUser, one_of

# What a correction says of the message: understood rightly, meant as `intent`, or too unclear to
# answer, so that the bot should have asked back.
GOOD = "good"
INTENT = "intent"
CLARIFY = "clarify"
VERDICTS = (GOOD, INTENT, CLARIFY)

PROPOSED = "proposed"
APPROVED = "approved"
SENT_BACK = "sent_back"
EXPORTED = "exported"
WITHDRAWN = "withdrawn"
CORRECTION_STATES = (PROPOSED, APPROVED, SENT_BACK, EXPORTED, WITHDRAWN)
# With these the words are still needed.
OPEN_STATES = (PROPOSED, APPROVED, SENT_BACK)

TRAINING = "training"
TEST = "test"
DESTINATIONS = (TRAINING, TEST)


class Correction(Base):
    """The correction of one message of a visitor; a later one takes its place."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(one_of("verdict", VERDICTS), name="verdict"),
        CheckConstraint(one_of("state", CORRECTION_STATES), name="state"),
        CheckConstraint(one_of("destination", DESTINATIONS), name="destination"),
        # Only "asked back" goes without an intent.
        CheckConstraint("(verdict = 'clarify') = (intent IS NULL)", name="intent"),
        Index(None, "state", "id"),
        Index(None, "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    # Where it goes: examples to learn from, or held-out messages to measure with.
    destination: Mapped[str] = mapped_column(String(16))
    # Counts the changes, so that two people at once notice each other.
    version: Mapped[int]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the lead wrote when sending it back, or approving it; without personal data.
    note: Mapped[str | None] = mapped_column(Text)
    exported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    message: Mapped[Message] = relationship(lazy="joined", innerjoin=True, viewonly=True)
    proposer: Mapped[StaffUser] = relationship(
        lazy="joined", innerjoin=True, viewonly=True, foreign_keys=[proposed_by]
    )
    decider: Mapped[StaffUser | None] = relationship(
        lazy="joined", viewonly=True, foreign_keys=[decided_by]
    )
