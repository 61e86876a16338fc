"""Answers that staff have hidden: visitors get the hand-off in their place, without training.

The chat processes read the table every second. The audit log keeps who hid what when, and why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from content.signoff import always_shown
from content.treatment_answers import read_name
from helpline.store.base import Base, UtcDateTime, utc_now
from helpline.store.models import AuditEntry

HIDDEN = "answer.hidden"
SHOWN = "answer.shown"
LONGEST_REASON = 500


class HiddenAnswer(Base):
    """An answer that no visitor may see at present."""

    __tablename__ = "hidden_answer"

    # Name of the response ("utter_what_is_spms"), or one treatment and aspect
    answer: Mapped[str] = mapped_column(String(128), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    hidden_by: Mapped[str] = mapped_column(String(64))
    hidden_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HidingError(ValueError):
    """The answer cannot be hidden like this; the message says why, and what to do."""


def is_hidden(answer: str | None, hidden: Collection[str]) -> bool:
    """Say whether a message with this answer must not be shown.

    What compares several treatments is hidden as soon as one of them is. Whatever the table says,
    the answers to people in danger are never hidden.
    """
    if not answer or not hidden or always_shown(answer):
        return False
    if answer in hidden:
        return True
    named = read_name(answer)
    return named is not None and any(f"{one}/{named[1]}" in hidden for one in named[0])


def read_hidden(session: Session) -> Mapping[str, HiddenAnswer]:
    """Return what is hidden, by the name of the answer."""
    return {row.answer: row for row in session.scalars(select(HiddenAnswer))}


def hide(session: Session, answer: str, reason: str, by: str) -> None:
    """Hide an answer; hiding it once more changes the reason.

    Raises:
        HidingError: no reason is given, it is too long, or the answer must always be shown.
    """
    if always_shown(answer):
        raise HidingError(
            "This answer cannot be hidden: people in danger, and people whom the bot cannot help, "
            "need it. To stop the bot altogether, use the kill switch."
        )
    reason = reason.strip()
    if not reason:
        raise HidingError("Say why the answer is hidden: those who come later need to know.")
    if len(reason) > LONGEST_REASON:
        raise HidingError(f"The reason is too long: use at most {LONGEST_REASON} characters.")
    now = utc_now()
    session.merge(HiddenAnswer(answer=answer, reason=reason, hidden_by=by, hidden_at=now))
    session.add(
        AuditEntry(at=now, actor=by, action=HIDDEN, subject=answer, details={"reason": reason})
    )


def show(session: Session, answer: str, by: str) -> bool:
    """Let visitors see an answer again; return whether it was hidden."""
    row = session.get(HiddenAnswer, answer, with_for_update=True)
    if row is None:
        return False
    session.delete(row)
    session.add(AuditEntry(at=utc_now(), actor=by, action=SHOWN, subject=answer, details=None))
    return True
