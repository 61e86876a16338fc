"""Pages through lists that are ordered by a key which only grows, newest first.

Keyset pagination: a page begins beyond a key that the reader has seen. It costs the same on every
page, never counts rows, and neither repeats nor skips one when rows are added meanwhile.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

Row = TypeVar("Row")

# Keys are given out in the order of time, but for processes that write at the same moment and for
# clocks that are set: rows this far beyond a day's edge are looked at too.
DISORDER = timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows, newest first, and whether there are more on either side."""

    rows: list[Row]
    older: bool
    newer: bool


@dataclasses.dataclass(frozen=True)
class Bounds:
    """Lowest and highest key that can lie in a span of time; None is open."""

    lowest: int | None = None
    highest: int | None = None

    def apply(self, query: Select[Any], key: ColumnElement[int], scale: int = 1) -> Select[Any]:
        """Limit a query to these keys; of row `n` the key begins with `n * scale`."""
        if self.lowest is not None:
            query = query.where(key >= self.lowest * scale)
        if self.highest is not None:
            query = query.where(key < (self.highest + 1) * scale)
        return query


def id_bounds(
    session: Session,
    key: InstrumentedAttribute[int],
    moment: InstrumentedAttribute[datetime],
    since: datetime | None,
    until: datetime | None,
) -> Bounds | None:
    """Turn a span of time into bounds of the key, so that an index on the key can be used.

    They are generous (see DISORDER): the caller checks the moment itself as well. Two steps into
    the index on `moment`. None: nothing lies in the span.
    """
    lowest = highest = None
    if since is not None:
        first = select(key).where(moment >= since - DISORDER).order_by(moment, key).limit(1)
        lowest = session.scalar(first)
        if lowest is None:
            return None
    if until is not None:
        last = select(key).where(moment < until + DISORDER)
        highest = session.scalar(last.order_by(moment.desc(), key.desc()).limit(1))
        if highest is None:
            return None
    return Bounds(lowest, highest)


def cut(
    run: Callable[[Select[Any]], list[Row]],
    query: Select[Any],
    key: ColumnElement[int],
    *,
    older_than: int | None,
    newer_than: int | None,
    size: int,
    scale: int = 1,
) -> Page[Row]:
    """Run `query` for one page. With neither key given it is the first, the newest.

    `key` of row `n` is `n * scale`, or up to the next multiple more.

    A page of newer rows that comes out short is filled up from the top instead, so that going
    back ends on a full first page.
    """
    if newer_than is not None:
        upward = run(
            query.where(key >= (newer_than + 1) * scale).order_by(key.asc()).limit(size + 1)
        )
        if len(upward) > size:
            return Page(upward[size - 1 :: -1], older=True, newer=True)
    if older_than is not None and newer_than is None:
        query = query.where(key < older_than * scale)
    rows = run(query.order_by(key.desc()).limit(size + 1))
    return Page(
        rows[:size],
        older=len(rows) > size,
        newer=older_than is not None and newer_than is None,
    )
