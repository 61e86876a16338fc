"""Sessions of signed-in staff, kept on the server; the browser holds a random id."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from helpline.store.base import utc_now
from helpline.store.staff_models import ROLES, StaffSession, StaffUser

# A session ends after this long without a request ...
IDLE = timedelta(hours=1)
# ... and after this long in any case: a working day.
LONGEST = timedelta(hours=12)
# `seen_at` is written at most this often, so that reading pages hardly ever writes.
TOUCH = timedelta(minutes=1)


@dataclasses.dataclass(frozen=True)
class Draft:
    """A note that could not be saved because the session had ended."""

    conversation: str
    text: str


@dataclasses.dataclass(frozen=True)
class SignedIn:
    """Who is behind a request."""

    user_id: int
    name: str
    role: str
    single_keys: bool
    session_hash: str
    draft: Draft | None
    touch_due: bool

    def may_act_as(self, role: str) -> bool:
        """Say whether this person has the rights of `role`."""
        return ROLES.index(self.role) >= ROLES.index(role)


def hash_of(session_id: str) -> str:
    """Return what the database keeps of a session id (its 256 random bits need no slow hash)."""
    return hashlib.sha256(session_id.encode(errors="replace")).hexdigest()


def start(session: Session, user: StaffUser, draft: Draft | None = None) -> str:
    """Begin a session and return its id, which only the browser keeps. Sweeps out ended ones."""
    now = utc_now()
    session.execute(
        delete(StaffSession).where(
            or_(StaffSession.started_at <= now - LONGEST, StaffSession.seen_at <= now - IDLE)
        )
    )
    session_id = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            id_hash=hash_of(session_id),
            user_id=user.id,
            started_at=now,
            seen_at=now,
            draft=draft.text if draft else None,
            draft_conversation=draft.conversation if draft else None,
        )
    )
    session.flush()
    return session_id


def find(session: Session, session_id: str) -> SignedIn | None:
    """Return who holds this session id, or None if it is unknown or has ended."""
    now = utc_now()
    row = session.scalar(select(StaffSession).where(StaffSession.id_hash == hash_of(session_id)))
    if row is None or row.user.disabled_at is not None:
        return None
    if row.seen_at <= now - IDLE or row.started_at <= now - LONGEST:
        return None
    draft = None
    if row.draft and row.draft_conversation:
        draft = Draft(row.draft_conversation, row.draft)
    return SignedIn(
        user_id=row.user_id,
        name=row.user.name,
        role=row.user.role,
        single_keys=row.user.single_keys,
        session_hash=row.id_hash,
        draft=draft,
        touch_due=row.seen_at <= now - TOUCH,
    )


def touch(session: Session, session_hash: str) -> None:
    """Note that the session was used just now."""
    session.execute(
        update(StaffSession).where(StaffSession.id_hash == session_hash).values(seen_at=utc_now())
    )


def drop_draft(session: Session, session_hash: str) -> None:
    """Forget the unsaved note."""
    session.execute(
        update(StaffSession)
        .where(StaffSession.id_hash == session_hash)
        .values(draft=None, draft_conversation=None)
    )


def end(session: Session, session_hash: str) -> None:
    """End a session at once."""
    session.execute(delete(StaffSession).where(StaffSession.id_hash == session_hash))
