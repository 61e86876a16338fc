"""Tables of unknown questions: groups of messages that mean the same, and ideas for topics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.base import Base, BigId, Json, UtcDateTime


class QuestionGroups(Base):
    """The last grouping: keys of messages, never their words. One row."""

    __tablename__ = "question_groups"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Set while somebody waits for a new grouping
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why the last one failed
    problem: Mapped[str | None] = mapped_column(Text)
    # A list of keys a group, the typical question first, the largest group first
    groups: Mapped[list[list[int]]] = mapped_column(Json)


class TopicIdea(Base):
    """An idea for a topic that the helpline lacks, in the words of staff."""

    __tablename__ = "topic_idea"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    # How many messages asked for it when it was noted
    messages: Mapped[int]
    noted_by: Mapped[str] = mapped_column(String(64))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Who writes it; None: nobody yet
    taken_by: Mapped[str | None] = mapped_column(String(64))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
