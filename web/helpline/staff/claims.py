"""Who is reviewing what, so that two people do not do the same conversation.

Opening a conversation that is new takes it; leaving for another one, marking it, or half
an hour without a sign of work lets it go. A person has one at a time.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session, aliased

from helpline.staff.sessions import SignedIn
from helpline.store.base import utc_now
from helpline.store.models import NEW, Conversation
from helpline.store.staff_models import Claim

LASTS = timedelta(minutes=30)


def active(session: Session, conversation_id: int) -> Claim | None:
    """Return who is reviewing a conversation just now."""
    return session.scalar(
        select(Claim).where(Claim.conversation_id == conversation_id, Claim.expires_at > utc_now())
    )


def of_others(session: Session, staff: SignedIn, conversation_id: int) -> Claim | None:
    """Return the claim of somebody else, if there is one."""
    claim = active(session, conversation_id)
    return claim if claim is not None and claim.user_id != staff.user_id else None


def take(
    session: Session, staff: SignedIn, conversation: Conversation, *, over: bool = False
) -> None:
    """Take a conversation that is new, unless somebody else has it.

    The caller has locked the conversation. `over`: take it from whoever has it.
    """
    session.execute(
        delete(Claim).where(
            Claim.user_id == staff.user_id, Claim.conversation_id != conversation.id
        )
    )
    if conversation.review_state != NEW:
        return
    now = utc_now()
    claim = session.get(Claim, conversation.id)
    if claim is None:
        claim = Claim(conversation_id=conversation.id, user_id=staff.user_id, since=now)
        session.add(claim)
    elif claim.user_id != staff.user_id or claim.expires_at <= now:
        if claim.user_id != staff.user_id and claim.expires_at > now and not over:
            return
        claim.user_id, claim.since = staff.user_id, now
    claim.expires_at = now + LASTS
    session.flush()


def release(session: Session, conversation_id: int) -> None:
    """Let a conversation go, whoever has it."""
    session.execute(delete(Claim).where(Claim.conversation_id == conversation_id))


def release_of(session: Session, staff: SignedIn) -> None:
    """Let go what a person has."""
    session.execute(delete(Claim).where(Claim.user_id == staff.user_id))


def is_claimed(
    conversation: ColumnElement[int], *, but_by: int | None = None
) -> ColumnElement[bool]:
    """Return the condition that somebody, other than the user `but_by`, reviews a conversation."""
    claim = aliased(Claim)
    condition = exists().where(claim.conversation_id == conversation, claim.expires_at > utc_now())
    return condition if but_by is None else condition.where(claim.user_id != but_by)
