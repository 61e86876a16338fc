"""The list of conversations: which ones fit the filters, newest first, and what a row shows.

How the rows are found is in `inbox_query`.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from content.message import KINDS
from helpline.staff.claims import is_claimed
from helpline.staff.filters import IN_REVIEW, Filters
from helpline.staff.inbox_query import matching, turn_conditions
from helpline.staff.paging import Page, cut
from helpline.store import search
from helpline.store.base import utc_now
from helpline.store.models import (
    FLAGS,
    NEW,
    REVIEWED,
    VISITOR,
    Conversation,
    Flag,
    Message,
    Understanding,
)
from helpline.store.staff_models import Claim, Review, Tag

PAGE_SIZE = 50


@dataclasses.dataclass(frozen=True)
class ListRow:
    """A conversation in the list."""

    id: int
    public_id: str
    started_at: datetime
    turns: int
    # None: erased after the retention time
    first_text: str | None
    # The first turn that the filters are about, when it is not the first of all
    match_turn: int | None
    match_text: str | None
    kinds: tuple[str, ...]
    flags: tuple[str, ...]
    tags: tuple[str, ...]
    lowest_confidence: float | None
    state: str
    # Something came in after it was reviewed
    changed: bool
    # Who is at it, or else who marked it last
    reviewer: str | None


@dataclasses.dataclass(frozen=True)
class Place:
    """A conversation in the list, and the turn of it that the filters are about, if one is."""

    public_id: str
    turn: int | None

    @property
    def anchor(self) -> str:
        """The end of an address that leads to the turn; the first is at the top anyway."""
        return anchor(self.turn)


@dataclasses.dataclass(frozen=True)
class Neighbours:
    """The conversations beside one in the list, and the turn that the list shows it for."""

    newer: Place | None
    older: Place | None
    turn: int | None


def anchor(turn: int | None) -> str:
    """Return the end of an address that leads to a turn."""
    return f"#turn-{turn}" if turn is not None and turn > 1 else ""


def list_page(
    session: Session,
    filters: Filters,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[ListRow]:
    """Return one page of the conversations that fit, newest first."""
    walk = matching(session, filters)
    if walk is None:
        return Page([], older=False, newer=False)
    page = cut(
        lambda limited: list(session.scalars(limited)),
        walk.query,
        walk.key,
        older_than=older_than,
        newer_than=newer_than,
        size=size,
        scale=walk.scale,
    )
    return Page(_rows(session, page.rows, filters), older=page.older, newer=page.newer)


def neighbours(
    session: Session, filters: Filters, conversation_id: int, user_id: int
) -> Neighbours:
    """Return what stands beside a conversation in the list, also when itself no longer fits.

    In a queue, what others than this user are reviewing is passed over.
    """
    walk = matching(session, filters)
    if walk is None:
        return Neighbours(None, None, None)
    query, key = walk.query, walk.key
    if filters.queue is not None:
        query = query.where(~is_claimed(walk.conversation, but_by=user_id))
    newer: int | None = session.scalar(
        query.where(key >= (conversation_id + 1) * walk.scale).order_by(key.asc()).limit(1)
    )
    older: int | None = session.scalar(
        query.where(key < conversation_id * walk.scale).order_by(key.desc()).limit(1)
    )
    wanted = [found for found in (newer, older) if found is not None]
    public = {
        number: public_id
        for number, public_id in session.execute(
            select(Conversation.id, Conversation.public_id).where(Conversation.id.in_(wanted))
        )
    }
    turns = {
        number: turn
        for number, (turn, _) in _matches(session, [conversation_id, *wanted], filters).items()
    }

    def place(number: int | None) -> Place | None:
        # Erased between the two queries
        if number is None or number not in public:
            return None
        return Place(public[number], turns.get(number))

    return Neighbours(place(newer), place(older), turns.get(conversation_id))


def shown_state(
    conversation: Conversation, review: Review | None, claimed: bool
) -> tuple[str, bool]:
    """Return where a conversation stands, one of SHOWN_STATES, and whether it was reviewed before
    something new came in.
    """
    state = conversation.review_state or NEW
    changed = state == NEW and review is not None and review.state == REVIEWED
    if claimed and state != REVIEWED:
        return IN_REVIEW, changed
    return state, changed


def _rows(session: Session, ids: Sequence[int], filters: Filters) -> list[ListRow]:
    if not ids:
        return []
    first_text = (
        select(Message.text)
        .where(Message.conversation_id == Conversation.id, Message.author == VISITOR)
        .order_by(Message.id)
        .limit(1)
        .scalar_subquery()
    )
    conversations = {
        conversation.id: (conversation, text)
        for conversation, text in session.execute(
            select(Conversation, first_text).where(Conversation.id.in_(ids))
        )
    }
    reviews = {
        review.conversation_id: review
        for review in session.scalars(select(Review).where(Review.conversation_id.in_(ids)))
    }
    kinds = _grouped(session, Understanding.conversation_id, Understanding.kind, ids)
    flags = _grouped(session, Flag.conversation_id, Flag.name, ids)
    tags = _grouped(session, Tag.conversation_id, Tag.name, ids)
    claims = {
        claim.conversation_id: claim.user.name
        for claim in session.scalars(
            select(Claim).where(Claim.conversation_id.in_(ids), Claim.expires_at > utc_now())
        )
    }
    matches = _matches(session, ids, filters)
    rows = []
    for conversation_id in ids:
        # Erased between the two queries
        if conversation_id not in conversations:
            continue
        conversation, text = conversations[conversation_id]
        review = reviews.get(conversation_id)
        state, changed = shown_state(conversation, review, conversation_id in claims)
        match_turn, match_text = matches.get(conversation_id, (None, None))
        rows.append(
            ListRow(
                id=conversation.id,
                public_id=conversation.public_id,
                started_at=conversation.created_at,
                turns=conversation.turns,
                first_text=text,
                match_turn=match_turn,
                match_text=match_text,
                kinds=_ordered(kinds[conversation_id], KINDS),
                flags=_ordered(flags[conversation_id], FLAGS),
                tags=tuple(sorted(tags[conversation_id])),
                lowest_confidence=conversation.lowest_confidence,
                state=state,
                changed=changed,
                reviewer=claims.get(conversation_id) or (review.user.name if review else None),
            )
        )
    return rows


def _grouped(session: Session, key: Any, value: Any, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for conversation_id, name in session.execute(select(key, value).where(key.in_(ids)).distinct()):
        found[conversation_id].add(name)
    return found


def _ordered(names: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    """Sort by a known order; names that are not in it come last."""
    rank = {name: position for position, name in enumerate(order)}
    return tuple(sorted(names, key=lambda name: (rank.get(name, len(order)), name)))


def _matches(
    session: Session, ids: Sequence[int], filters: Filters
) -> dict[int, tuple[int, str | None]]:
    """Return turn and text of the first message that the filters are about."""
    if filters.words is not None:
        return search.first_matches(session, filters.words, ids)
    conditions = turn_conditions(filters)
    flagged: list[ColumnElement[bool]] = [Flag.conversation_id.in_(ids)]
    if filters.flag is not None:
        flagged.append(Flag.name == filters.flag)
    elif filters.queue is not None and not conditions:
        flagged.append(Flag.queue == filters.queue)
    elif not conditions:
        return {}
    if len(flagged) > 1:
        first = select(func.min(Flag.message_id)).where(*flagged)
        if conditions:
            first = first.join(Understanding, Understanding.message_id == Flag.message_id)
        first = first.where(*conditions).group_by(Flag.conversation_id)
    else:
        first = (
            select(func.min(Understanding.message_id))
            .where(Understanding.conversation_id.in_(ids), *conditions)
            .group_by(Understanding.conversation_id)
        )
    found = list(session.scalars(first))
    return {
        conversation_id: (turn, text)
        for conversation_id, turn, text in session.execute(
            select(Message.conversation_id, Message.turn, Message.text).where(Message.id.in_(found))
        )
    }
