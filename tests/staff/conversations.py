"""Adds conversations for tests and looks at what became of them."""

from __future__ import annotations

import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.models import (
    AuditEntry,
    Conversation,
)
from tests.factories import fill
from tests.staff.running import StaffProcess


def entries(console: StaffProcess, about: str) -> list[tuple[str, str]]:
    """Return who did what to a conversation, in order."""
    wanted = select(AuditEntry).where(AuditEntry.subject == about).order_by(AuditEntry.id)
    return console.store.read_now(
        lambda session: [(entry.actor, entry.action) for entry in session.scalars(wanted)]
    )


_seeds = itertools.count(100)


def add_conversation(console: StaffProcess, turns: int = 3, seed: int | None = None) -> str:
    """Add one conversation, newer than all others; return its public id."""
    seed = next(_seeds) if seed is None else seed
    fill(console.store.engine, 1, seed=seed, days=0, turns=[turns], until=utc_now())
    newest = select(Conversation.public_id).order_by(Conversation.id.desc()).limit(1)
    public_id = console.store.read_now(lambda session: session.scalar(newest))
    assert public_id is not None
    return public_id


def key_of(session: Session, public_id: str) -> int:
    return session.scalars(select(Conversation.id).where(Conversation.public_id == public_id)).one()
