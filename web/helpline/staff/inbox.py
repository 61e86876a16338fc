"""The list of conversations: which ones fit the filters, newest first, and what a row shows.

Made for a million messages: one index, ordered by conversation, is walked from where the page
begins, and every other condition is a look-up beside it. Nothing is counted and nothing is sorted
(tests/staff/test_query_plans.py).
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from content.message import KINDS
from helpline.staff.filters import Filters
from helpline.staff.paging import Page, cut, id_bounds
from helpline.store.models import (
    FLAGS,
    LATER,
    NEW,
    REVIEWED,
    VISITOR,
    Conversation,
    Flag,
    Message,
    Understanding,
)
from helpline.store.staff_models import Review

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
    lowest_confidence: float | None
    state: str
    # The visitor wrote on after it was reviewed
    changed: bool
    reviewer: str | None


@dataclasses.dataclass(frozen=True)
class Neighbours:
    """The conversations beside one in the list, as public ids."""

    newer: str | None
    older: str | None


def list_page(
    session: Session,
    filters: Filters,
    *,
    older_than: int | None = None,
    newer_than: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[ListRow]:
    """Return one page of the conversations that fit, newest first."""
    matching = _matching(session, filters)
    if matching is None:
        return Page([], older=False, newer=False)
    query, key = matching
    page = cut(
        lambda limited: list(session.scalars(limited)),
        query,
        key,
        older_than=older_than,
        newer_than=newer_than,
        size=size,
    )
    return Page(_rows(session, page.rows, filters), older=page.older, newer=page.newer)


def neighbours(session: Session, filters: Filters, conversation_id: int) -> Neighbours:
    """Return what stands beside a conversation in the list, also when itself no longer fits."""
    matching = _matching(session, filters)
    if matching is None:
        return Neighbours(None, None)
    query, key = matching
    newer: int | None = session.scalar(
        query.where(key > conversation_id).order_by(key.asc()).limit(1)
    )
    older: int | None = session.scalar(
        query.where(key < conversation_id).order_by(key.desc()).limit(1)
    )
    wanted = [found for found in (newer, older) if found is not None]
    public = {
        number: public_id
        for number, public_id in session.execute(
            select(Conversation.id, Conversation.public_id).where(Conversation.id.in_(wanted))
        )
    }
    return Neighbours(
        newer=public.get(newer) if newer is not None else None,
        older=public.get(older) if older is not None else None,
    )


def effective_state(review: Review | None, turns: int) -> tuple[str, bool]:
    """Return where a conversation stands, and whether that is because the visitor wrote on."""
    if review is None:
        return NEW, False
    if review.state == REVIEWED and review.turns < turns:
        return NEW, True
    return review.state, False


def _matching(session: Session, filters: Filters) -> tuple[Select[Any], ColumnElement[int]] | None:
    """Return the query for the keys of fitting conversations, and the column to page by.

    None: no conversation began in the span of time.
    """
    bounds = id_bounds(
        session, Conversation.id, Conversation.created_at, filters.since, filters.until
    )
    if bounds is None:
        return None
    query, key = _walk(filters)
    query = bounds.apply(query, key)
    if filters.since is not None or filters.until is not None:
        query = query.where(_began(filters, key))
    if filters.state is not None:
        query = query.where(_in_state(filters.state, key))
    return query, key


def _walk(filters: Filters) -> tuple[Select[Any], ColumnElement[int]]:
    """Choose the index to walk along. What is not in it is looked up with EXISTS, not joined, so
    that no query planner gets the idea to begin there.
    """
    key: Any
    if filters.topic is not None or filters.kind is not None:
        key = Understanding.conversation_id
        query = select(key).distinct().where(*_turn_conditions(filters))
        if filters.flag is not None:
            query = query.where(
                exists().where(
                    Flag.message_id == Understanding.message_id, Flag.name == filters.flag
                )
            )
        return query, key
    if filters.flag is not None:
        key = Flag.conversation_id
        query = select(key).distinct().where(Flag.name == filters.flag)
        if filters.below is not None:
            query = query.where(
                exists().where(
                    Understanding.message_id == Flag.message_id, *_turn_conditions(filters)
                )
            )
        return query, key
    if filters.state in (LATER, REVIEWED) and filters.below is None:
        key = Review.conversation_id
        return select(key).where(Review.state == filters.state), key
    key = Conversation.id
    # Nothing to read where nobody wrote.
    query = select(key).where(Conversation.turns > 0)
    if filters.share is not None:
        query = query.where(Conversation.lowest_confidence < filters.share)
    return query, key


def _turn_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.topic is not None:
        conditions.append(Understanding.topic == filters.topic)
    if filters.kind is not None:
        conditions.append(Understanding.kind == filters.kind)
    if filters.share is not None:
        conditions.append(Understanding.confidence < filters.share)
    return conditions


def _began(filters: Filters, key: ColumnElement[int]) -> ColumnElement[bool]:
    began = aliased(Conversation)
    conditions: list[ColumnElement[bool]] = [began.id == key]
    if filters.since is not None:
        conditions.append(began.created_at >= filters.since)
    if filters.until is not None:
        conditions.append(began.created_at < filters.until)
    return exists().where(*conditions)


def _in_state(state: str, key: ColumnElement[int]) -> ColumnElement[bool]:
    review, about = aliased(Review), aliased(Conversation)
    here = review.conversation_id == key
    turns = select(about.turns).where(about.id == review.conversation_id).scalar_subquery()
    up_to_date = and_(review.state == REVIEWED, review.turns >= turns)
    if state == REVIEWED:
        return exists().where(here, up_to_date)
    if state == LATER:
        return exists().where(here, review.state == LATER)
    return ~exists().where(here, or_(review.state == LATER, up_to_date))


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
    matches = _matches(session, ids, filters) if filters.looks_at_turns else {}
    rows = []
    for conversation_id in ids:
        # Erased between the two queries
        if conversation_id not in conversations:
            continue
        conversation, text = conversations[conversation_id]
        review = reviews.get(conversation_id)
        state, changed = effective_state(review, conversation.turns)
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
                lowest_confidence=conversation.lowest_confidence,
                state=state,
                changed=changed,
                reviewer=review.user.name if review else None,
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
    if filters.flag is not None:
        first = select(func.min(Flag.message_id)).where(
            Flag.conversation_id.in_(ids), Flag.name == filters.flag
        )
        conditions = _turn_conditions(filters)
        if conditions:
            first = first.join(Understanding, Understanding.message_id == Flag.message_id)
        first = first.where(*conditions).group_by(Flag.conversation_id)
    else:
        first = (
            select(func.min(Understanding.message_id))
            .where(Understanding.conversation_id.in_(ids), *_turn_conditions(filters))
            .group_by(Understanding.conversation_id)
        )
    found = list(session.scalars(first))
    return {
        conversation_id: (turn, text)
        for conversation_id, turn, text in session.execute(
            select(Message.conversation_id, Message.turn, Message.text).where(Message.id.in_(found))
        )
    }
