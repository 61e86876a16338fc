"""The queues: what waits for staff, by reason, and how much of it there is."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline.store.models import LATER, NEW, Conversation, Flag

UNREVIEWED = "unreviewed"
# Where a count stops: nobody needs to know more exactly, and no count takes long.
MOST = 10_000


@dataclasses.dataclass(frozen=True)
class Queue:
    """A queue by the name that it has in an address."""

    name: str
    label: str


QUEUES = (
    Queue("crisis", "Crisis"),
    Queue("handoff", "Handed off"),
    Queue("not_understood", "Not understood"),
    Queue("unsure", "Unsure"),
    Queue("thumbs_down", "Thumbs down"),
    Queue("error", "Errors"),
    Queue(UNREVIEWED, "Unreviewed"),
    Queue(LATER, "Later"),
)
NAMES = tuple(queue.name for queue in QUEUES)
# Queue -> state of the conversations in it; in the other queues flags wait.
STATE_OF_QUEUE = {UNREVIEWED: NEW, LATER: LATER}


def counts(session: Session) -> dict[str, int]:
    """Return queue -> number of conversations in it, MOST if there are as many or more."""
    found = {}
    for queue in NAMES:
        key: Any
        if queue in STATE_OF_QUEUE:
            key = Conversation.id
            rows = select(key).where(Conversation.review_state == STATE_OF_QUEUE[queue])
        else:
            key = Flag.conversation_id
            rows = select(key).distinct().where(Flag.queue == queue)
        # Ordered, so that the rows are met along the index and the limit ends the walk.
        some = rows.order_by(key.desc()).limit(MOST).subquery()
        found[queue] = session.scalar(select(func.count()).select_from(some)) or 0
    return found
