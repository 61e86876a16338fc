"""Tables of the store: what was asked, what was understood and what was answered.

Every table that lists page through has a whole-number key that only grows, so "older than row N"
is one step into an index however many rows there are. `public_id` is what leaves the house: random,
so it tells nothing about volume and cannot be guessed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpline.store.base import Base, BigId, Json, UtcDateTime

VISITOR = "visitor"
BOT = "bot"


class Conversation(Base):
    """One visitor's conversation; its token is known only as a hash."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index(None, "last_message_at", "id"),
        Index(None, "lowest_confidence", "id"),
        Index(None, "review_state", "id"),
        # Opened, and nothing was written: these go when they expire.
        Index(
            "ix_conversation_expires_at_empty",
            "expires_at",
            sqlite_where=sql("turns = 0"),
            postgresql_where=sql("turns = 0"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A turn is open from the visitor's message to the stored answer; nobody else may begin one
    # before this moment, unless the turn is closed earlier.
    turn_open_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    turns: Mapped[int] = mapped_column(default=0)
    messages: Mapped[int] = mapped_column(default=0)
    lowest_confidence: Mapped[float | None] = mapped_column(Float)
    # Where it stands with staff, one of REVIEW_STATES; None until the visitor writes. What a
    # visitor writes after it was reviewed makes it new again.
    review_state: Mapped[str | None] = mapped_column(String(16))


class Message(Base):
    """One message of a visitor or of the bot, as it was shown (redacted)."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "conversation_id", "id"),
        # What retention has yet to erase.
        Index(
            "ix_message_at_with_text",
            "at",
            sqlite_where=sql("text IS NOT NULL"),
            postgresql_where=sql("text IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    # The visitor's message and its answers share a turn; the greeting is turn 0.
    turn: Mapped[int]
    author: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # None: erased, after the retention time.
    text: Mapped[str | None] = mapped_column(Text)
    # Of a visitor's message: it was picked from choices, not typed.
    chosen: Mapped[bool] = mapped_column(default=False)
    # Kinds of personal data left out of a visitor's message ("phone number").
    redacted: Mapped[list[str] | None] = mapped_column(Json)
    # The rest is None on a visitor's message.
    kind: Mapped[str | None] = mapped_column(String(24))
    topic: Mapped[str | None] = mapped_column(String(64))
    # Name of the response ("utter_what_is_spms") or treatment/aspect; never sent to a visitor.
    answer: Mapped[str | None] = mapped_column(String(128))
    links: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    sources: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    checked_on: Mapped[str | None] = mapped_column(String(10))
    contact: Mapped[dict[str, Any] | None] = mapped_column(Json)

    choices: Mapped[list[Choice]] = relationship(
        order_by="Choice.position", viewonly=True, lazy="raise"
    )


class Understanding(Base):
    """How one message of a visitor was understood and answered: the row that staff lists read.

    `kind`, `topic` and `answer` are those of the first message of the answer. Where the bot gave
    no understanding (it was down), the fields about it are None.
    """

    __tablename__ = "understanding"
    __table_args__ = (
        Index(None, "conversation_id", "message_id"),
        Index(None, "at", "message_id"),
        Index(None, "topic", "message_id"),
        Index(None, "kind", "message_id"),
        Index(None, "intent", "message_id"),
        Index(None, "confidence", "message_id"),
        # Staff filter their list of conversations by these.
        Index(None, "language", "conversation_id"),
        Index(None, "treatment", "conversation_id"),
        Index(None, "model", "conversation_id"),
    )

    # The visitor's message; grows with time like the key of its table.
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    topic: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(String(128))
    # Code of the language that the message was taken for ("en"), OTHER_LANGUAGE if it is one that
    # the helpline has no words in, None where nothing says.
    language: Mapped[str | None] = mapped_column(String(8))
    # Id of the treatment that was asked about or answered
    treatment: Mapped[str | None] = mapped_column(String(64))
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None] = mapped_column(Float)
    # [{"name", "confidence"}], best first
    ranking: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    entities: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    actions: Mapped[list[Any] | None] = mapped_column(Json)
    # Topic that the dialogue is at after this message; `topic` above is that of the answer.
    dialogue_topic: Mapped[str | None] = mapped_column(String(64))
    nearest_text: Mapped[str | None] = mapped_column(Text)
    nearest_score: Mapped[float | None] = mapped_column(Float)
    # Lead of the best intent over the second, 0 to 1.
    margin: Mapped[float | None] = mapped_column(Float)
    safety_kind: Mapped[str | None] = mapped_column(String(16))
    safety_rule: Mapped[str | None] = mapped_column(String(128))
    policy: Mapped[str | None] = mapped_column(String(128))
    model: Mapped[str | None] = mapped_column(String(128))
    # Milliseconds that the bot measured, and that the visitor waited for chat.
    bot_milliseconds: Mapped[float | None] = mapped_column(Float)
    milliseconds: Mapped[float | None] = mapped_column(Float)
    # Why the bot's answer could not be used ("timeout", "refused" ...).
    error: Mapped[str | None] = mapped_column(String(64))


class Choice(Base):
    """A choice offered under a bot's message; its payload never leaves the house."""

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("conversation_id", "public_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # Unique in its conversation only: the starting questions have the same ids in each.
    public_id: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    # {"intent": str, "entities": {name: value}}
    payload: Mapped[dict[str, Any]] = mapped_column(Json)


class Feedback(Base):
    """Whether a visitor found one of the bot's messages helpful; the last word counts."""

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "helpful", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Text)


class Flag(Base):
    """A mark that brings a turn to the attention of staff.

    It stands on the visitor's message of the turn (see `FLAGS`), also when it is about the answer.
    """

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("message_id", "name"),
        Index(None, "name", "message_id"),
        Index(None, "conversation_id", "name"),
        # Only what waits for staff, so that counting a queue reads no more than the queue.
        Index(
            "ix_flag_queue",
            "queue",
            "conversation_id",
            sqlite_where=sql("queue IS NOT NULL"),
            postgresql_where=sql("queue IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(24))
    # The queue in which the turn waits for staff (see QUEUE_OF_FLAG); None once it was reviewed.
    queue: Mapped[str | None] = mapped_column(String(24))


# Name of a flag -> the queue in which staff find it, the most urgent first.
QUEUE_OF_FLAG = {
    "crisis": "crisis",
    "emergency": "crisis",
    "abuse": "crisis",
    "handoff": "handoff",
    "not_understood": "not_understood",
    "unsure": "unsure",
    "thumbs_down": "thumbs_down",
    "error": "error",
}
FLAGS = tuple(QUEUE_OF_FLAG)

NEW = "new"
LATER = "later"
REVIEWED = "reviewed"
REVIEW_STATES = (NEW, LATER, REVIEWED)

ENGLISH = "en"
OTHER_LANGUAGE = "other"


class IdempotentRequest(Base):
    """A visitor's request with an Idempotency-Key: which turn answers it.

    The answer itself stays in `message` alone, so that erasing it there erases it everywhere.
    """

    __tablename__ = "idempotent_request"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    # Keyed hash: the body may hold what redaction takes out of the text.
    body_hash: Mapped[str] = mapped_column(String(64))
    turn: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PendingErasure(Base):
    """A conversation erased here whose dialogue state the bot has yet to erase.

    Written in the transaction that erases, and removed when the bot has confirmed, so that a bot
    that is down, or busy with the conversation's last turn, forgets it later.
    """

    __tablename__ = "pending_erasure"

    public_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # The bot may still be at work on an open turn until then: only an erasure after it is final.
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """Who did what, and when. Outlives what it speaks of, and never holds a visitor's text."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "subject", "id"),
        Index(None, "actor", "id"),
        Index(None, "action", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # "visitor", "retention", "system" or a staff user's name
    actor: Mapped[str] = mapped_column(String(64))
    # "conversation.erased", "conversation.viewed" ...
    action: Mapped[str] = mapped_column(String(64))
    # Public id of the conversation, or whatever else it was done to
    subject: Mapped[str | None] = mapped_column(String(128))
    details: Mapped[dict[str, Any] | None] = mapped_column(Json)
