"""The filters of the conversation list: the query part of its address, nothing else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote_plus

from helpline.staff import queues
from helpline.store import search
from helpline.store.models import LATER, NEW, REVIEWED

# What stands in an address as it is
_PLAIN = re.compile(r"[a-zA-Z0-9_-]*")
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Longer than any key; keeps a made-up address from overflowing the database's numbers.
_KEY = re.compile(r"[0-9]{1,18}")

# New, and somebody is at it just now
IN_REVIEW = "in_review"
SHOWN_STATES = (NEW, IN_REVIEW, LATER, REVIEWED)
HELPFUL = "helpful"
NOT_HELPFUL = "not_helpful"
RATINGS = (HELPFUL, NOT_HELPFUL)


@dataclasses.dataclass(frozen=True)
class Filters:
    """Which conversations to list; None means any.

    `first_day` and `last_day` are days in UTC on which a conversation began, both within. The
    fields in TURN_FIELDS must hold for one and the same turn; `below` is a confidence in percent.
    `words` must stand in one message of the visitor (see `helpline.store.search`). `hour` is the
    hour of the day (UTC) in which it began; `slow`: an answer took longer than a second.
    """

    queue: str | None = None
    words: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    topic: str | None = None
    treatment: str | None = None
    below: int | None = None
    kind: str | None = None
    flag: str | None = None
    language: str | None = None
    model: str | None = None
    slow: str | None = None
    rating: str | None = None
    hour: int | None = None
    state: str | None = None
    reviewer: str | None = None
    tag: str | None = None
    # Length, in turns
    shortest: int | None = None
    longest: int | None = None

    @property
    def since(self) -> datetime | None:
        """First moment that is within."""
        return None if self.first_day is None else midnight(self.first_day)

    @property
    def until(self) -> datetime | None:
        """First moment that is no longer within."""
        return None if self.last_day is None else midnight(self.last_day + timedelta(days=1))

    @property
    def share(self) -> float | None:
        """`below` as a share of 1."""
        return None if self.below is None else self.below / 100

    @property
    def looks_at_turns(self) -> bool:
        """Whether a turn, and not the conversation as a whole, decides."""
        return any(getattr(self, name) is not None for name in TURN_FIELDS)

    def parameters(self) -> dict[str, str]:
        """Return the filters as they stand in an address."""
        return {
            name: value.isoformat() if isinstance(value, date) else str(value)
            for name, field in _FIELDS.items()
            if (value := getattr(self, field)) is not None
        }

    def query(self, **more: str | int) -> str:
        """Return the address's query with further parameters, beginning with "?", or ""."""
        parameters = {**self.parameters(), **more}
        pairs = (f"{name}={_quoted(str(value))}" for name, value in parameters.items())
        return f"?{'&'.join(pairs)}" if parameters else ""


def _quoted(value: str) -> str:
    # Nearly all values: a page of statistics has 500 addresses, which took a fifth of its time
    return value if _PLAIN.fullmatch(value) else quote_plus(value)


TURN_FIELDS = ("topic", "treatment", "below", "kind", "flag", "language", "model", "slow")
# Name in the address -> field
_FIELDS = {
    "queue": "queue",
    "q": "words",
    "from": "first_day",
    "to": "last_day",
    "topic": "topic",
    "treatment": "treatment",
    "below": "below",
    "kind": "kind",
    "flag": "flag",
    "language": "language",
    "model": "model",
    "slow": "slow",
    "rating": "rating",
    "hour": "hour",
    "state": "state",
    "reviewer": "reviewer",
    "tag": "tag",
    "shortest": "shortest",
    "longest": "longest",
}


@dataclasses.dataclass(frozen=True)
class FilterInput:
    """What was asked for: the filters that can be used, what was typed, and what is wrong."""

    filters: Filters
    typed: Mapping[str, str]
    errors: Mapping[str, str]


def read(arguments: Mapping[str, str]) -> FilterInput:
    """Read the query of an address. Empty fields of the form count as not given."""
    typed = {name: arguments.get(name, "").strip()[:200] for name in _FIELDS}
    values: dict[str, object] = {}
    errors: dict[str, str] = {}
    for name, field in _FIELDS.items():
        if not typed[name]:
            continue
        try:
            values[field] = _READERS[name](typed[name])
        except ValueError as error:
            errors[name] = str(error)
    first, last = values.get("first_day"), values.get("last_day")
    if isinstance(first, date) and isinstance(last, date) and first > last:
        errors["to"] = "The last day is before the first: change one of them."
    shortest, longest = values.get("shortest"), values.get("longest")
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        errors["longest"] = "This is less than the shortest length: change one of them."
    return FilterInput(Filters(**values), typed, errors)  # type: ignore[arg-type]


def read_day(raw: str) -> date:
    """Read a day written as YYYY-MM-DD.

    Raises:
        ValueError: it is none; the message says what to do.
    """
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        day = date.min
    # Far from the ends of the calendar, where adding a day fails.
    if not 1970 <= day.year <= 9000:
        raise ValueError("This is no date: write it as year-month-day, such as 2026-11-22.")
    return day


def read_key(raw: str | None) -> int | None:
    """Read the key at which a page begins; anything else counts as not given."""
    return int(raw) if raw and _KEY.fullmatch(raw) else None


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _read_percent(raw: str) -> int:
    number = raw.removesuffix("%").strip()
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:6]) <= 100:
        raise ValueError("Write a whole number from 1 to 100.")
    return int(number)


def _read_id(raw: str) -> str:
    if not _ID.fullmatch(raw):
        raise ValueError("Choose one from the list.")
    return raw


def _read_one_of(values: Sequence[str]) -> Callable[[str], str]:
    def read_it(raw: str) -> str:
        if raw not in values:
            raise ValueError("Choose one from the list.")
        return raw

    return read_it


def _read_words(raw: str) -> str:
    search.read_terms(raw)
    return raw


def _read_count(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:6]) <= 9999:
        raise ValueError("Write a whole number from 1 to 9999.")
    return int(raw)


def _read_hour(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or int(raw[:6]) > 23:
        raise ValueError("Write a whole number from 0 to 23.")
    return int(raw)


def _read_name(raw: str) -> str:
    if not raw.isprintable():
        raise ValueError("Choose one from the list.")
    return raw


_READERS: Mapping[str, Callable[[str], object]] = {
    "queue": _read_one_of(queues.NAMES),
    "q": _read_words,
    "from": read_day,
    "to": read_day,
    "topic": _read_id,
    "treatment": _read_name,
    "below": _read_percent,
    "kind": _read_id,
    "flag": _read_id,
    "language": _read_id,
    "model": _read_name,
    "slow": _read_one_of(("yes",)),
    "rating": _read_one_of(RATINGS),
    "hour": _read_hour,
    "state": _read_one_of(SHOWN_STATES),
    "reviewer": _read_name,
    "tag": _read_name,
    "shortest": _read_count,
    "longest": _read_count,
}
