"""What the filters can be set to: the values that stand in the store."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from helpline.store.models import Understanding
from helpline.store.staff_models import StaffUser, Tag

MOST = 200


@dataclasses.dataclass(frozen=True)
class Known:
    """Values in alphabetical order."""

    languages: tuple[str, ...]
    treatments: tuple[str, ...]
    models: tuple[str, ...]
    tags: tuple[str, ...]
    reviewers: tuple[str, ...]


def read(session: Session) -> Known:
    """Return the values in use."""
    return Known(
        languages=_values(session, Understanding.language),
        treatments=_values(session, Understanding.treatment),
        models=_values(session, Understanding.model),
        tags=_values(session, Tag.name),
        reviewers=tuple(session.scalars(select(StaffUser.name).order_by(StaffUser.name))),
    )


def tags(session: Session) -> tuple[str, ...]:
    """Return the tags in use."""
    return _values(session, Tag.name)


def _values(session: Session, column: InstrumentedAttribute[Any]) -> tuple[str, ...]:
    """Return a column's values: one step into its index each, however many rows there are."""
    found: list[str] = []
    while len(found) < MOST:
        query = select(column).where(column.is_not(None))
        if found:
            query = query.where(column > found[-1])
        value = session.scalar(query.order_by(column).limit(1))
        if value is None:
            break
        found.append(value)
    return tuple(found)
