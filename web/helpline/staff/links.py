"""Links with which a person sets the password of an account: to accept an invitation, or because
the password is forgotten. Shown once to whoever makes them; there is no mail server.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpline.staff import accounts, audit
from helpline.store.base import utc_now
from helpline.store.staff_models import INVITE, RESET, StaffLink, StaffUser

LASTS = {INVITE: timedelta(days=3), RESET: timedelta(days=1)}


def purpose_for(user: StaffUser) -> str:
    """Say what a link made now would be for: an account without a password is still invited."""
    return RESET if user.password_hash else INVITE


def make(session: Session, user: StaffUser, *, by: str) -> str:
    """Make a link for an account and return its path. An older link of the account ends.

    The present password goes on working until the link is used.
    """
    purpose = purpose_for(user)
    token = secrets.token_urlsafe(32)
    now = utc_now()
    session.execute(delete(StaffLink).where(StaffLink.user_id == user.id))
    session.add(
        StaffLink(
            token_hash=_hash(token),
            user_id=user.id,
            purpose=purpose,
            made_by=by,
            made_at=now,
            expires_at=now + LASTS[purpose],
        )
    )
    audit.record(session, by, audit.LINK_MADE, user.name, {"purpose": purpose})
    return f"/password/{token}"


def find(session: Session, token: str, *, lock: bool = False) -> StaffLink | None:
    """Return a link that can be used, None for one that is unknown, used, too old, or locked out.

    `lock` keeps a second request with the same link waiting until the transaction ends.
    """
    wanted = select(StaffLink).where(
        StaffLink.token_hash == _hash(token), StaffLink.expires_at > utc_now()
    )
    link = session.scalar(wanted.with_for_update(of=StaffLink) if lock else wanted)
    return None if link is None or link.user.disabled_at is not None else link


def use(session: Session, token: str, password_hash: str) -> StaffUser | None:
    """Set the password of the link's account and end the link; None if it cannot be used."""
    link = find(session, token, lock=True)
    if link is None:
        return None
    user = link.user
    session.delete(link)
    session.flush()
    accounts.set_password(session, user, password_hash, by=user.name, keep_session=None)
    return user


def _hash(token: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
