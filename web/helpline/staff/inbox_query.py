"""Which conversations fit the filters of the list, as one query.

Made for a million messages: one index, ordered by conversation, is walked from where the page
begins, and every other condition is a look-up beside it. Nothing is sorted
(tests/staff/test_query_plans.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.orm import Session, aliased

from helpline.staff.claims import is_claimed
from helpline.staff.filters import HELPFUL, IN_REVIEW, Filters
from helpline.staff.paging import id_bounds
from helpline.staff.queues import STATE_OF_QUEUE
from helpline.store import search
from helpline.store.base import utc_now
from helpline.store.hours import hour_in_utc
from helpline.store.models import Conversation, Feedback, Flag, Understanding
from helpline.store.search import Walk
from helpline.store.staff_models import Claim, Review, StaffUser, Tag

Condition = Callable[[ColumnElement[int]], ColumnElement[bool]]
_TURN_COLUMNS = ("topic", "treatment", "kind", "language", "model")


def matching(session: Session, filters: Filters) -> Walk | None:
    """Return the fitting conversations. None: none began in the span of time."""
    bounds = id_bounds(
        session, Conversation.id, Conversation.created_at, filters.since, filters.until
    )
    if bounds is None:
        return None
    walk, used = _lead(session, filters)
    query = bounds.apply(walk.query, walk.key, walk.scale)
    for name, condition in _conditions(session, filters).items():
        if name not in used:
            query = query.where(condition(walk.conversation))
    return Walk(query, walk.key, walk.conversation, walk.scale)


def _lead(session: Session, filters: Filters) -> tuple[Walk, tuple[str, ...]]:
    """Choose the index to walk along: the one that most likely meets the fewest rows.

    Returns the walk and the names of the conditions that it fulfils. What is not in the index is
    looked up with EXISTS, not joined, so that no query planner gets the idea to begin there.
    """
    key: Any
    if filters.words is not None:
        return search.walk(session, filters.words), ("words",)
    if filters.state == IN_REVIEW:
        key = Claim.conversation_id
        return _walk(key, Claim.expires_at > utc_now()), ("state",)
    if filters.tag is not None:
        key = Tag.conversation_id
        return _walk(key, Tag.name == filters.tag), ("tag",)
    if filters.queue is not None and filters.queue not in STATE_OF_QUEUE:
        key = Flag.conversation_id
        return _walk(key, Flag.queue == filters.queue), ("queue",)
    # With an index of its own each; `slow` has one of the few rows that are.
    if any(getattr(filters, name) for name in (*_TURN_COLUMNS, "slow")):
        key = Understanding.conversation_id
        return _walk(key, *turn_conditions(filters), *_flagged(filters)), ("turn",)
    if filters.flag is not None:
        key = Flag.conversation_id
        conditions = [Flag.name == filters.flag]
        if filters.below is not None:
            conditions.append(
                exists().where(
                    Understanding.message_id == Flag.message_id, *turn_conditions(filters)
                )
            )
        return _walk(key, *conditions), ("turn",)
    if filters.reviewer is not None:
        key = Review.conversation_id
        reviewer = select(StaffUser.id).where(StaffUser.name == filters.reviewer)
        return _walk(key, Review.user_id == reviewer.scalar_subquery()), ("reviewer",)
    key = Conversation.id
    used: tuple[str, ...] = ()
    state = filters.state or STATE_OF_QUEUE.get(filters.queue or "")
    if state is not None:
        query = select(key).where(Conversation.review_state == state)
    else:
        # Nothing to read where nobody wrote.
        query = select(key).where(Conversation.turns > 0)
    if filters.share is not None:
        # Holds for the conversation if it holds for a turn.
        query = query.where(Conversation.lowest_confidence < filters.share)
        used = ("turn",)
    return Walk(query, key, key), used


def _walk(key: Any, *conditions: ColumnElement[bool]) -> Walk:
    return Walk(select(key).distinct().where(*conditions), key, key)


def turn_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Return what must hold for one row of `Understanding`, but for the flag."""
    conditions: list[ColumnElement[bool]] = [
        getattr(Understanding, name) == getattr(filters, name)
        for name in _TURN_COLUMNS
        if getattr(filters, name) is not None
    ]
    if filters.share is not None:
        conditions.append(Understanding.confidence < filters.share)
    if filters.slow is not None:
        # Spelled out: a bound value would keep the database from using the partial index.
        conditions.append(Understanding.milliseconds > literal_column("1000"))
    return conditions


def _flagged(filters: Filters) -> list[ColumnElement[bool]]:
    if filters.flag is None:
        return []
    return [exists().where(Flag.message_id == Understanding.message_id, Flag.name == filters.flag)]


def _conditions(session: Session, filters: Filters) -> dict[str, Condition]:
    """Return every condition by the name of what it is about, for any column with the key."""
    found: dict[str, Condition] = {}
    if filters.words is not None:
        words = filters.words
        found["words"] = lambda key: search.holds(session, words, key)
    if filters.queue is not None and filters.queue not in STATE_OF_QUEUE:
        queued = aliased(Flag)
        found["queue"] = lambda key: exists().where(
            queued.conversation_id == key, queued.queue == filters.queue
        )
    if filters.tag is not None:
        tag = aliased(Tag)
        found["tag"] = lambda key: exists().where(
            tag.conversation_id == key, tag.name == filters.tag
        )
    if filters.reviewer is not None:
        review = aliased(Review)
        reviewer = select(StaffUser.id).where(StaffUser.name == filters.reviewer).scalar_subquery()
        found["reviewer"] = lambda key: exists().where(
            review.conversation_id == key, review.user_id == reviewer
        )
    if filters.looks_at_turns:
        found["turn"] = lambda key: _has_turn(filters, key)
    if filters.state is not None:
        found["state"] = lambda key: (
            is_claimed(key) if filters.state == IN_REVIEW else ~is_claimed(key)
        )
    if filters.rating is not None:
        rating = aliased(Feedback)
        found["rating"] = lambda key: exists().where(
            rating.conversation_id == key, rating.helpful == (filters.rating == HELPFUL)
        )
    about = _about_conversation(session, filters)
    if about:
        found["conversation"] = lambda key: exists().where(_Beside.id == key, *about)
    return found


_Beside = aliased(Conversation)


def _about_conversation(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(_Beside.created_at >= filters.since)
    if filters.until is not None:
        conditions.append(_Beside.created_at < filters.until)
    if filters.hour is not None:
        conditions.append(hour_in_utc(session, _Beside.created_at) == filters.hour)
    if filters.shortest is not None:
        conditions.append(_Beside.turns >= filters.shortest)
    if filters.longest is not None:
        conditions.append(_Beside.turns <= filters.longest)
    if filters.queue in STATE_OF_QUEUE:
        conditions.append(_Beside.review_state == STATE_OF_QUEUE[filters.queue])
    if filters.state not in (None, IN_REVIEW):
        conditions.append(_Beside.review_state == filters.state)
    return conditions


def _has_turn(filters: Filters, key: ColumnElement[int]) -> ColumnElement[bool]:
    conditions = turn_conditions(filters)
    if not conditions:
        return exists().where(Flag.conversation_id == key, Flag.name == filters.flag)
    return exists().where(Understanding.conversation_id == key, *conditions, *_flagged(filters))
