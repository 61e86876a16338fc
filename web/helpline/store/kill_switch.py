"""The kill switch: staff can stop the bot's answers at once, and let them go on again.

One row, since the answers are either on or stopped. The audit log keeps who stopped them when, and
why; the chat processes read the row every second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpline.store.base import Base, UtcDateTime, utc_now
from helpline.store.models import AuditEntry

STOPPED = "answers.stopped"
RESUMED = "answers.resumed"
LONGEST_REASON = 500
LONGEST_NAME = 64


class KillSwitch(Base):
    """Whether the bot's answers are stopped. Without the row they are not."""

    __tablename__ = "kill_switch"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stopped: Mapped[bool]
    # Why they were stopped; stays when they go on, until the next time.
    reason: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Position:
    """Where the switch stands; the fields after the first are None if it was never used."""

    stopped: bool
    reason: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None


class SwitchError(ValueError):
    """The switch cannot be set like this; the message says what to give."""


def read_switch(session: Session) -> Position:
    """Return where the switch stands."""
    row = session.scalars(select(KillSwitch)).one_or_none()
    if row is None:
        return Position(stopped=False)
    return Position(row.stopped, row.reason, row.changed_by, row.changed_at)


def stop_answers(session: Session, reason: str, by: str) -> bool:
    """Stop the bot's answers; return whether they were on until now.

    Stopping them once more changes the reason, and is audited too.

    Raises:
        SwitchError: no reason or no name is given, or one is too long.
    """
    reason = reason.strip()
    if not reason:
        raise SwitchError("Say why the answers are stopped: those who come later need to know.")
    if len(reason) > LONGEST_REASON:
        raise SwitchError(f"The reason is too long: use at most {LONGEST_REASON} characters.")
    return _set(session, True, reason, by)


def resume_answers(session: Session, by: str) -> bool:
    """Let the bot answer again; return whether its answers were stopped until now.

    Raises:
        SwitchError: no name is given, or it is too long.
    """
    return _set(session, False, None, by)


def _set(session: Session, stopped: bool, reason: str | None, by: str) -> bool:
    by = by.strip()
    if not by or len(by) > LONGEST_NAME:
        raise SwitchError(f"Say who you are, in at most {LONGEST_NAME} characters.")
    row = session.scalars(select(KillSwitch).with_for_update()).one_or_none()
    changed = stopped != (row.stopped if row else False)
    if not stopped and not changed:
        return False
    now = utc_now()
    if row is None:
        row = KillSwitch(id=1)
        session.add(row)
    row.stopped, row.changed_by, row.changed_at = stopped, by, now
    if reason is not None:
        row.reason = reason
    session.add(
        AuditEntry(
            at=now,
            actor=by,
            action=STOPPED if stopped else RESUMED,
            subject=None,
            details={"reason": reason} if reason is not None else None,
        )
    )
    return changed
