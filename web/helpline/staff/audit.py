"""The audit log: who did what, and when. Added to here, read here, changed nowhere.

Triggers in the database refuse every UPDATE and DELETE (migration 0002).
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.corrections import decisions, export
from helpline.learning import questions
from helpline.learning import requests as learning
from helpline.privacy.restore import RESTORED
from helpline.privacy.retention import TEXT_ERASED
from helpline.staff.paging import Page, cut, id_bounds
from helpline.store import hidden_answers, stored_settings
from helpline.store.base import utc_now
from helpline.store.conversations import ERASED
from helpline.store.kill_switch import RESUMED, STOPPED
from helpline.store.models import AuditEntry

SIGNED_IN = "staff.signed_in"
SIGN_IN_FAILED = "staff.sign_in_failed"
SIGNED_OUT = "staff.signed_out"
ACCOUNT_CREATED = "staff.account_created"
ACCOUNT_CHANGED = "staff.account_changed"
PASSWORD_CHANGED = "staff.password_changed"  # noqa: S105  (the name of an action)
VIEWED = "conversation.viewed"
MARKED = "conversation.marked"
NOTED = "conversation.noted"
TAGGED = "conversation.tagged"
TAKEN_OVER = "conversation.taken_over"
LINK_MADE = "staff.link_made"
NOTES_ERASED = "note.erased"
ANSWERS_SIGNED = "answers.signed"

ACTION_LABELS = {
    VIEWED: "Read a conversation",
    MARKED: "Marked a conversation",
    NOTED: "Wrote a note",
    TAGGED: "Changed the tags",
    TAKEN_OVER: "Took over a review",
    ERASED: "Erased a conversation",
    SIGNED_IN: "Signed in",
    SIGN_IN_FAILED: "Failed to sign in",
    SIGNED_OUT: "Signed out",
    PASSWORD_CHANGED: "Changed a password",
    ACCOUNT_CREATED: "Made an account",
    ACCOUNT_CHANGED: "Changed an account",
    LINK_MADE: "Made a link to set a password",
    TEXT_ERASED: "Erased old text",
    NOTES_ERASED: "Erased old notes",
    STOPPED: "Stopped the bot's answers",
    RESUMED: "Let the bot answer again",
    RESTORED: "Brought a copy of the store back",
    decisions.CORRECTED: "Corrected a message",
    decisions.DECIDED_APPROVED: "Approved a correction",
    decisions.DECIDED_SENT_BACK: "Sent a correction back",
    decisions.CORRECTION_WITHDRAWN: "Withdrew a correction",
    export.WRITTEN: "Exported corrections",
    export.TAKEN: "Took corrections as a patch",
    hidden_answers.HIDDEN: "Hid an answer",
    hidden_answers.SHOWN: "Showed an answer again",
    stored_settings.CHANGED: "Changed a setting",
    ANSWERS_SIGNED: "Signed answers",
    questions.IDEA_NOTED: "Noted an idea for a topic",
    questions.IDEA_TAKEN: "Took an idea for a topic",
    questions.IDEA_DONE: "Finished an idea for a topic",
    learning.TRAINING_ASKED: "Asked for a candidate",
    learning.TRAINING_CANCELLED: "Cancelled a candidate",
    learning.SWITCH_ASKED: "Asked for another model",
    learning.SWITCHED: "Switched the model in use",
    learning.SWITCH_FAILED: "Failed to switch the model",
}

# Actors that are no members of staff; nobody may take such a name.
VISITOR = "visitor"
RETENTION = "retention"
SYSTEM = "system"
# Somebody who failed to sign in: whoever it was, it was not shown to be the owner of the account.
UNKNOWN = "unknown"
NOT_STAFF = (VISITOR, RETENTION, SYSTEM, UNKNOWN)

PAGE_SIZE = 100


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add an entry in the running transaction: what it tells of and the entry stand or fall
    together. `details` must not hold a visitor's words.
    """
    session.add(
        AuditEntry(at=utc_now(), actor=actor, action=action, subject=subject, details=details)
    )
    session.flush()


@dataclasses.dataclass(frozen=True)
class AuditFilters:
    """Which entries to list; None means any. Days are whole days in UTC, `until` is not within."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(
    session: Session,
    filters: AuditFilters,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[AuditEntry]:
    """Return entries, newest first: the first page, or the one beyond a given id."""
    query = select(AuditEntry)
    if filters.actor is not None:
        query = query.where(AuditEntry.actor == filters.actor)
    if filters.action is not None:
        query = query.where(AuditEntry.action == filters.action)
    if filters.subject is not None:
        query = query.where(AuditEntry.subject == filters.subject)
    bounds = id_bounds(session, AuditEntry.id, AuditEntry.at, filters.since, filters.until)
    if bounds is None:
        return Page([], older=False, newer=False)
    if filters.since is not None:
        query = query.where(AuditEntry.at >= filters.since)
    if filters.until is not None:
        query = query.where(AuditEntry.at < filters.until)
    key: Any = AuditEntry.id
    query = bounds.apply(query, key)
    return cut(
        lambda limited: list(session.scalars(limited)),
        query,
        key,
        older_than=older_than,
        newer_than=newer_than,
        size=size,
    )
