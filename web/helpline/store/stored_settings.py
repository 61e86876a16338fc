"""Settings that staff change in the console, without a restart.

A value stored here stands before the environment variable of the same name, which stands before
the default in settings.py; taking it away brings those back. Only what is safe to change while
people are talking can be stored.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpline.store.base import Base, UtcDateTime, utc_now
from helpline.store.models import AuditEntry
from settings import Settings

CHANGED = "setting.changed"
LONGEST_RETENTION_DAYS = 3650
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class StoredSetting(Base):
    """One setting with the value that staff gave it."""

    __tablename__ = "stored_setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ValueRefused(ValueError):
    """The setting cannot take this value; the message says what it takes."""


def _retention_days(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= LONGEST_RETENTION_DAYS:
        raise ValueRefused(f"Write a whole number of days from 1 to {LONGEST_RETENTION_DAYS:,}.")
    return int(raw)


def _embed_origins(raw: str) -> str:
    return " ".join(dict.fromkeys(_origin(one) for one in raw.split()))


def _origin(typed: str) -> str:
    """Return an origin as browsers write it. What else it holds would end up in a header."""
    try:
        parts = urlsplit(typed.rstrip("/").lower())
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in ("localhost", "127.0.0.1")
    right = (
        (parts.scheme == "https" or (parts.scheme == "http" and local))
        and _HOST.fullmatch(parts.netloc)
        and not (parts.path or parts.query or parts.fragment)
    )
    if not right:
        raise ValueRefused(
            f"“{typed}” is not the address of a site: write https:// and its name, "
            "such as https://www.example.org, without a path."
        )
    return f"{parts.scheme}://{parts.netloc}"


_READERS: Mapping[str, Callable[[str], Any]] = {
    "retention_days": _retention_days,
    "embed_origins": _embed_origins,
}
STORABLE = tuple(_READERS)


def read_stored(session: Session) -> Mapping[str, StoredSetting]:
    """Return what is stored, by the name of the setting."""
    return {row.name: row for row in session.scalars(select(StoredSetting)) if row.name in _READERS}


def effective(session: Session, given: Settings) -> Settings:
    """Return the settings in force: those stored, before those of the environment."""
    stored = {name: _READERS[name](row.value) for name, row in read_stored(session).items()}
    return dataclasses.replace(given, **stored)


def store_setting(session: Session, name: str, raw: str | None, by: str) -> None:
    """Keep a value; None takes it away, so that the environment's or the default counts again.

    Raises:
        ValueRefused: the setting cannot be stored, or not with this value.
    """
    if name not in _READERS:
        raise ValueRefused(f"{name} cannot be changed here: set {name.upper()} and restart.")
    value = None if raw is None else str(_READERS[name](raw.strip()))
    row = session.get(StoredSetting, name, with_for_update=True)
    before = row.value if row else None
    if value == before:
        return
    now = utc_now()
    if value is None:
        session.delete(row)
    else:
        session.merge(StoredSetting(name=name, value=value, changed_by=by, changed_at=now))
    session.add(
        AuditEntry(
            at=now,
            actor=by,
            action=CHANGED,
            subject=name,
            details={"value": value, "before": before},
        )
    )
