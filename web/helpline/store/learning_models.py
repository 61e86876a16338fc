"""Tables of the learning loop: candidates that were trained, and switches from model to model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpline.store.base import Base, BigId, Json, UtcDateTime
from helpline.store.staff_models import one_of

ASKED = "asked"
TRAINING = "training"
COMPARING = "comparing"
DONE = "done"
FAILED = "failed"
CANCELLED = "cancelled"
RUN_STATES = (ASKED, TRAINING, COMPARING, DONE, FAILED, CANCELLED)

STARTING = "starting"
MOVING = "moving"
SWITCH_STATES = (ASKED, STARTING, MOVING, DONE, FAILED)


class TrainingRun(Base):
    """One candidate: who asked for it, how far it is, and what the comparison found."""

    __tablename__ = "training_run"
    __table_args__ = (CheckConstraint(one_of("state", RUN_STATES), name="state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    # True until it has ended, then None: so there is one at a time.
    running: Mapped[bool | None] = mapped_column(unique=True)
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[str | None] = mapped_column(String(64))
    # What is being done, and how far it is in percent
    step: Mapped[str] = mapped_column(String(128))
    percent: Mapped[int]
    # Why it failed
    problem: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    # The id that messages answered by this model carry
    model_id: Mapped[str | None] = mapped_column(String(128))
    # `helpline.learning.comparison.Comparison` as JSON; of visitors' messages it holds keys alone.
    comparison: Mapped[dict[str, Any] | None] = mapped_column(Json)


class ModelSwitch(Base):
    """One switch from the model in use to another, or back."""

    __tablename__ = "model_switch"
    __table_args__ = (CheckConstraint(one_of("state", SWITCH_STATES), name="state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    # True until it has ended, then None: so there is one at a time.
    running: Mapped[bool | None] = mapped_column(unique=True)
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    # Of the model that was in use before
    before_sha256: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
