"""What becomes of a correction: proposed, approved or sent back by somebody else, withdrawn."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.privacy.redaction import redact
from helpline.store.base import utc_now
from helpline.store.correction_models import (
    APPROVED,
    CLARIFY,
    DESTINATIONS,
    EXPORTED,
    OPEN_STATES,
    PROPOSED,
    SENT_BACK,
    TRAINING,
    VERDICTS,
    WITHDRAWN,
    Correction,
)
from helpline.store.models import VISITOR, AuditEntry, Conversation, Message

CORRECTED = "correction.proposed"
DECIDED_APPROVED = "correction.approved"
DECIDED_SENT_BACK = "correction.sent_back"
CORRECTION_WITHDRAWN = "correction.withdrawn"
LONGEST_NOTE = 500


class NotPossible(Exception):
    """The step cannot be taken as things stand; the message says why, and what to do."""


@dataclass(frozen=True)
class Person:
    """Who takes a step."""

    user_id: int
    name: str
    is_lead: bool


@dataclass(frozen=True)
class Proposal:
    """What somebody says of a message; `intent` is None with the verdict "clarify" alone."""

    verdict: str
    intent: str | None


def propose(
    session: Session, by: Person, conversation: Conversation, turn: int, said: Proposal, seen: int
) -> Correction:
    """Say how the message of a turn should have been understood.

    `seen` is the version of the correction that the page showed, 0 for none.

    Raises:
        NotPossible: there is nothing to correct in this turn, or somebody else was there first.
    """
    if said.verdict not in VERDICTS or (said.intent is None) != (said.verdict == CLARIFY):
        raise NotPossible("Choose what the message should have been understood as.")
    message = session.scalar(
        select(Message).where(
            Message.conversation_id == conversation.id,
            Message.turn == turn,
            Message.author == VISITOR,
        )
    )
    if message is None or message.chosen or message.text is None:
        raise NotPossible(
            "There are no words of the visitor in this turn that the bot could learn from."
        )
    row = session.scalar(
        select(Correction).where(Correction.message_id == message.id).with_for_update(of=Correction)
    )
    if (row.version if row else 0) != seen:
        raise NotPossible(
            f"{row.proposer.name if row else 'Somebody'} has worked on this correction meanwhile. "
            "It is shown below as it is now; change it if you see it differently."
        )
    if row is None:
        row = Correction(
            public_id=secrets.token_hex(16),
            message_id=message.id,
            conversation_id=conversation.id,
            destination=TRAINING,
            version=0,
        )
        session.add(row)
    row.verdict, row.intent = said.verdict, said.intent
    row.state = PROPOSED
    row.proposed_by, row.proposed_at = by.user_id, utc_now()
    row.decided_by = row.decided_at = row.note = row.exported_at = None
    row.version += 1
    _record(
        session,
        by.name,
        CORRECTED,
        conversation.public_id,
        {"turn": turn, "verdict": said.verdict, "intent": said.intent},
    )
    return row


def decide(
    session: Session,
    by: Person,
    public_id: str,
    seen: int,
    *,
    approve: bool,
    destination: str = TRAINING,
    note: str = "",
) -> None:
    """Approve a proposal, or send it back with a note.

    Raises:
        NotPossible: it is one's own, one is no lead, it changed meanwhile, or a note is missing.
    """
    row = find(session, public_id, seen)
    if not by.is_lead:
        raise NotPossible("Only a lead or an admin can approve corrections or send them back.")
    if row.proposed_by == by.user_id:
        raise NotPossible("This correction is yours: another lead has to look at it.")
    if row.state not in (PROPOSED, APPROVED):
        raise NotPossible("This correction waits for nobody's decision any more.")
    if destination not in DESTINATIONS:
        raise NotPossible("Choose whether it goes to the training data or to the tests.")
    note = redact(note.strip()).text
    if len(note) > LONGEST_NOTE:
        raise NotPossible(f"The note is too long: use at most {LONGEST_NOTE} characters.")
    if not approve and not note:
        raise NotPossible("Write a note: whoever proposed it needs to know what to change.")
    row.state = APPROVED if approve else SENT_BACK
    row.destination = destination
    row.decided_by, row.decided_at, row.note = by.user_id, utc_now(), note or None
    row.version += 1
    _record(
        session,
        by.name,
        DECIDED_APPROVED if approve else DECIDED_SENT_BACK,
        _conversation(session, row),
        {"correction": public_id, "intent": row.intent, "into": destination},
    )


def withdraw(session: Session, by: Person, public_id: str, seen: int) -> None:
    """Take a correction back; whoever proposed it can, and every lead.

    Raises:
        NotPossible: it is somebody else's, it changed meanwhile, or it is exported.
    """
    row = find(session, public_id, seen)
    if row.proposed_by != by.user_id and not by.is_lead:
        raise NotPossible(f"Only {row.proposer.name} or a lead can withdraw this correction.")
    if row.state not in OPEN_STATES:
        raise NotPossible(
            "This correction is exported already: its line has to be taken out of the file."
            if row.state == EXPORTED
            else "This correction is withdrawn already."
        )
    row.state = WITHDRAWN
    row.version += 1
    _record(
        session,
        by.name,
        CORRECTION_WITHDRAWN,
        _conversation(session, row),
        {"correction": public_id},
    )


def set_destination(session: Session, public_id: str, seen: int, destination: str) -> None:
    """Choose where an approved correction goes.

    Raises:
        NotPossible: it is not approved, or changed meanwhile.
    """
    row = find(session, public_id, seen)
    if row.state != APPROVED or destination not in DESTINATIONS:
        raise NotPossible("Only an approved correction goes to the training data or the tests.")
    row.destination = destination
    row.version += 1


def find(session: Session, public_id: str, seen: int) -> Correction:
    """Return a correction, locked, as the page showed it.

    Raises:
        NotPossible: it is gone with its conversation, or somebody changed it since.
    """
    row = session.scalar(
        select(Correction).where(Correction.public_id == public_id).with_for_update(of=Correction)
    )
    if row is None:
        raise NotPossible("This correction is gone: its conversation was erased.")
    if row.version != seen:
        raise NotPossible(
            "Somebody has changed this correction meanwhile. It is shown below as it is now."
        )
    return row


def correction_of_turns(session: Session, conversation_id: int) -> dict[int, Correction]:
    """Return the corrections of a conversation by the number of their turn."""
    rows = session.scalars(select(Correction).where(Correction.conversation_id == conversation_id))
    return {row.message.turn: row for row in rows}


def _conversation(session: Session, row: Correction) -> str | None:
    return session.scalar(
        select(Conversation.public_id).where(Conversation.id == row.conversation_id)
    )


def _record(
    session: Session, actor: str, action: str, subject: str | None, details: dict[str, Any]
) -> None:
    at: datetime = utc_now()
    session.add(AuditEntry(at=at, actor=actor, action=action, subject=subject, details=details))
