"""Tables of the staff console: who may sign in, and what they say about conversations.

Also the indexes that the console's lists need on the tables of `helpline.store.models`: lists are
ordered by the conversation's key, so an index that ends in it answers a filter page by page.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.store.base import Base, BigId, UtcDateTime
from helpline.store.models import REVIEW_STATES, Flag, Understanding

# A later role may do everything that an earlier one may.
REVIEWER = "reviewer"
LEAD = "lead"
ADMIN = "admin"
ROLES = (REVIEWER, LEAD, ADMIN)

INVITE = "invite"
RESET = "reset"
LINK_PURPOSES = (INVITE, RESET)


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL of a check that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class StaffUser(Base):
    """A person who may sign in. Never deleted, so that old reviews and notes keep their name."""

    __tablename__ = "staff_user"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # Lower case; stands in the audit log as the actor.
    name: Mapped[str] = mapped_column(String(64), unique=True)
    # Empty until the person has used the link of the invitation.
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whoever speaks to the computer must be able to switch single-letter keys off (WCAG 2.1.4).
    single_keys: Mapped[bool] = mapped_column(default=True)


class StaffSession(Base):
    """One signed-in browser; its id is known only as a hash."""

    __tablename__ = "staff_session"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A note that was sent after the session before this one had ended; goes into the form again.
    draft: Mapped[str | None] = mapped_column(Text)
    draft_conversation: Mapped[str | None] = mapped_column(String(32))

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


class StaffLink(Base):
    """A link with which a person sets the password of an account: usable once, then gone.

    Its token is known only as a hash. An account has one link at most; a new one replaces it.
    """

    __tablename__ = "staff_link"
    __table_args__ = (CheckConstraint(one_of("purpose", LINK_PURPOSES), name="purpose"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), unique=True
    )
    purpose: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


class Review(Base):
    """Who set where a conversation stands, and when; without a row nobody has."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(one_of("state", REVIEW_STATES), name="state"),
        Index(None, "state", "conversation_id"),
        Index(None, "user_id", "conversation_id"),
    )

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(16))
    # Turns that the reviewer saw: what a visitor adds later makes the conversation new again.
    turns: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


class Claim(Base):
    """Who is reviewing a conversation just now, so that two people do not do the same one.

    It counts until `expires_at`; whoever goes on working on the conversation moves that.
    """

    __tablename__ = "claim"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


class Tag(Base):
    """A word that staff put on a conversation to find it, and others like it, again."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("conversation_id", "name"),
        Index(None, "name", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


class Note(Base):
    """What a member of staff wrote about a conversation, without personal data."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)

    user: Mapped[StaffUser] = relationship(lazy="joined", innerjoin=True)


# Covering: a filter by topic and kind and confidence reads nothing but the index.
TOPIC_INDEX = Index(
    "ix_understanding_staff_topic",
    Understanding.topic,
    Understanding.conversation_id,
    Understanding.kind,
    Understanding.confidence,
)
KIND_INDEX = Index(
    "ix_understanding_staff_kind",
    Understanding.kind,
    Understanding.conversation_id,
    Understanding.confidence,
)
FLAG_INDEX = Index("ix_flag_staff", Flag.name, Flag.conversation_id, Flag.message_id)
# Only what took longer than a second, as the filter spells it.
SLOW_INDEX = Index(
    "ix_understanding_slow",
    Understanding.conversation_id,
    sqlite_where=sql("milliseconds > 1000"),
    postgresql_where=sql("milliseconds > 1000"),
)
# Covering: what `helpline.store.day_counts` counts of a conversation's turns.
COUNTED_INDEX = Index(
    "ix_understanding_counted",
    Understanding.conversation_id,
    Understanding.kind,
    Understanding.topic,
    Understanding.milliseconds,
)
