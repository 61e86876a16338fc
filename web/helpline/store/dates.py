"""Moments as text, and the hour of the day in queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, extract, func, literal_column
from sqlalchemy.orm import Session


def rfc3339(moment: datetime) -> str:
    """Write a moment as 2026-11-22T09:30:00.123Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hour_in_utc(session: Session, moment: Any) -> ColumnElement[int]:
    """Return the hour of the day, 0 to 23 in UTC, of a column of moments."""
    if session.get_bind().dialect.name == "postgresql":
        # Written out, not bound: PostgreSQL has to see that two of these are the same.
        moment = func.timezone(literal_column("'UTC'"), moment)
    return extract("hour", moment)
