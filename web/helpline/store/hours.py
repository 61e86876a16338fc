"""The hour of the day in queries. Apart from dates.py, which the chat's page loads without the
database's packages.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, extract, func, literal_column
from sqlalchemy.orm import Session


def hour_in_utc(session: Session, moment: Any) -> ColumnElement[int]:
    """Return the hour of the day, 0 to 23 in UTC, of a column of moments."""
    if session.get_bind().dialect.name == "postgresql":
        # Written out, not bound: PostgreSQL has to see that two of these are the same.
        moment = func.timezone(literal_column("'UTC'"), moment)
    return extract("hour", moment)
