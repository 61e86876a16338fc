"""Marking a conversation: reviewed, for later, or not reviewed."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.staff import audit, claims
from helpline.staff.sessions import SignedIn
from helpline.store.base import utc_now
from helpline.store.models import NEW, QUEUE_OF_FLAG, REVIEWED, Conversation, Flag, Message
from helpline.store.staff_models import Review


@dataclasses.dataclass(frozen=True)
class Mark:
    """What a reviewer sets, and what of the conversation they were shown when they did."""

    state: str
    turns: int
    # Version of the last mark (see `version_of`)
    seen: str
    # Do it although somebody else is at it
    force: bool = False


class Conflict(Exception):
    """Somebody else is reviewing the conversation, or has marked it meanwhile."""

    def __init__(self, name: str, at: datetime, state: str | None) -> None:
        """Name who it is, since when, and how they marked it (None: they have not yet)."""
        super().__init__(name)
        self.name = name
        self.at = at
        self.state = state


def version_of(review: Review | None) -> str:
    """Return what tells one mark from the next."""
    return review.at.isoformat() if review else ""


def mark(session: Session, staff: SignedIn, conversation: Conversation, wanted: Mark) -> None:
    """Set where a conversation stands; the caller has locked it.

    Raises:
        Conflict: somebody else is at it, and `wanted.force` is not set. Nothing was changed.
    """
    review = session.get(Review, conversation.id, with_for_update=True)
    if not wanted.force:
        claim = claims.of_others(session, staff, conversation.id)
        if claim is not None:
            raise Conflict(claim.user.name, claim.since, None)
        if review and review.user_id != staff.user_id and version_of(review) != wanted.seen:
            raise Conflict(review.user.name, review.at, review.state)
    before = review.state if review else None
    state = wanted.state
    if review is None:
        review = Review(conversation_id=conversation.id)
        session.add(review)
    review.state = state
    review.turns = min(wanted.turns, conversation.turns)
    review.user_id = staff.user_id
    review.at = utc_now()
    wrote_on = state == REVIEWED and review.turns < conversation.turns
    conversation.review_state = NEW if wrote_on else state
    _queue_flags(session, conversation.id, review)
    claims.release(session, conversation.id)
    audit.record(
        session,
        staff.name,
        audit.MARKED,
        conversation.public_id,
        {"state": state, "before": before} if before else {"state": state},
    )


def _queue_flags(session: Session, conversation_id: int, review: Review) -> None:
    """Take the turns that were looked at out of their queues, or put them back."""
    flags = session.scalars(select(Flag).where(Flag.conversation_id == conversation_id)).all()
    if review.state == NEW:
        for flag in flags:
            flag.queue = QUEUE_OF_FLAG.get(flag.name)
        return
    turns = {
        key: turn
        for key, turn in session.execute(
            select(Message.id, Message.turn).where(
                Message.id.in_([flag.message_id for flag in flags])
            )
        )
    }
    for flag in flags:
        if turns[flag.message_id] <= review.turns:
            flag.queue = None
