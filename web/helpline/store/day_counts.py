"""How many conversations of a day were answered, handed off and so on: what statistics add up.

Every count is one of conversations that began on that day, as the console's filters list them. A
day is *settled* when none of its conversations can go on; then its counts are kept in a row, so
that nobody counts them again. Erasing a conversation takes the row of its day away in the same
transaction. Days without a row are counted when they are asked for, and again after LIVE_SECONDS.
What a row says is remembered in the process as well, for as long as the row stands.
"""

from __future__ import annotations

import bisect
import dataclasses
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Date, delete, exists, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpline.store.base import Base, Json, UtcDateTime, utc_now
from helpline.store.models import Conversation, Feedback, Flag, Understanding

Name = TypeVar("Name", str, int)

ALL = "all"
QUESTIONS = "questions"
HELPFUL = "rating:helpful"
NOT_HELPFUL = "rating:not_helpful"
SLOW = "slow"
SLOW_MILLISECONDS = 1000
# Upper ends in milliseconds of the steps in which waiting times are counted; the last is open.
WAIT_STEPS = (10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 8000)
# After this a conversation that has expired takes no more rows, not even late ones.
SETTLING = timedelta(hours=1)
# Days that a process remembers, about 20 kB each
MOST_REMEMBERED = 200
# A day without a row is counted at most this often: most of what the page costs, and whoever reads
# statistics asks for the same days several times in a row.
LIVE_SECONDS = 10.0


class DayCounts(Base):
    """The counts of one settled day, in UTC."""

    __tablename__ = "day_counts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # `Counts` as JSON
    counts: Mapped[dict[str, Any]] = mapped_column(Json)


@dataclasses.dataclass
class Counts:
    """Conversations of a day, or of several.

    `hours` has, for each hour of the day (UTC) in which they began, a number for each measure:
    "all", "questions", "kind:answer", "flag:crisis", "rating:helpful", "slow". `topics` are those
    of answers. `waits` counts answers by the step of WAIT_STEPS that their time falls in.
    """

    hours: dict[int, dict[str, int]] = dataclasses.field(default_factory=dict)
    topics: Counter[str] = dataclasses.field(default_factory=Counter)
    waits: Counter[int] = dataclasses.field(default_factory=Counter)
    # Each measure over all hours
    total: Counter[str] = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        """Add up the hours."""
        self.total = Counter()
        for measures in self.hours.values():
            add_numbers(self.total, measures)

    def add(self, other: Counts) -> None:
        """Add another day's."""
        for hour, measures in other.hours.items():
            add_numbers(self.hours.setdefault(hour, {}), measures)
        self.add_but_hours(other)

    def add_but_hours(self, other: Counts) -> None:
        """Add another day's, where nobody asks for hours of the day: they are most of the work."""
        add_numbers(self.total, other.total)
        add_numbers(self.topics, other.topics)
        add_numbers(self.waits, other.waits)

    def wait_of(self, share: float) -> int | None:
        """Return the milliseconds within which this share of answers came, rounded up to a step.

        None: there was no answer, or the step is the open one.
        """
        wanted = share * self.waits.total()
        reached = 0
        for step, milliseconds in enumerate(WAIT_STEPS):
            reached += self.waits[step]
            if reached and reached >= wanted:
                return milliseconds
        return None

    def to_json(self) -> dict[str, Any]:
        """Return what the row of a day keeps."""
        return {
            "hours": {str(hour): measures for hour, measures in self.hours.items()},
            "topics": dict(self.topics),
            "waits": {str(step): number for step, number in self.waits.items()},
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Counts:
        """Read what `to_json` wrote."""
        return cls(
            {int(hour): measures for hour, measures in kept["hours"].items()},
            Counter(kept["topics"]),
            Counter({int(step): number for step, number in kept["waits"].items()}),
        )


def add_numbers(numbers: dict[Name, int], more: Mapping[Name, int]) -> None:
    """Add numbers to others of the same names.

    `Counter.update` takes several times as long, and this is most of what a page's sums cost.
    """
    for name, number in more.items():
        numbers[name] = numbers.get(name, 0) + number


def read_days(session: Session, days: Sequence[date]) -> dict[date, Counts]:
    """Return the counts of these days; nothing is written."""
    if not days:
        return {}
    found = _kept_days(session, min(days), max(days))
    missing = [day for day in days if day not in found]
    first = _first_day(session) if missing else None
    for day in missing:
        is_before = first is None or day < first
        found[day] = Counts() if is_before else _count_live(session, day)
    return {day: found[day] for day in days}


def _kept_days(session: Session, first: date, last: date) -> dict[date, Counts]:
    """Return what is kept of days. Whoever gets them may not change them."""
    within = (DayCounts.day >= first, DayCounts.day <= last)
    marks = dict(session.execute(select(DayCounts.day, DayCounts.counted_at).where(*within)).all())
    with _remembering:
        known = _remembered.setdefault(_connections(session), {})
        found = {day: known[day][1] for day, at in marks.items() if known.get(day, (0,))[0] == at}
    if len(found) < len(marks):
        rows = session.execute(
            select(DayCounts.day, DayCounts.counted_at, DayCounts.counts).where(*within)
        )
        read = {day: (at, Counts.from_json(counts)) for day, at, counts in rows}
        found = {day: counts for day, (_, counts) in read.items()}
        with _remembering:
            known.update(read)
            for day in list(known)[:-MOST_REMEMBERED]:
                del known[day]
    return found


_remembering = threading.Lock()
# For each store: day -> when its row was counted, and the counts. A row that is made anew has
# another time, and of a day without a row nothing is taken from here.
_remembered: WeakKeyDictionary[Any, dict[date, tuple[datetime, Counts]]] = WeakKeyDictionary()
# For each store: day -> when it was counted (monotonic), and the counts.
_live: WeakKeyDictionary[Any, dict[date, tuple[float, Counts]]] = WeakKeyDictionary()


def _connections(session: Session) -> Any:
    """Return the pool of a store's connections: the same whether it reads or writes."""
    return session.get_bind().engine.pool


def _count_live(session: Session, day: date) -> Counts:
    """Return the counts of a day without a row, at most LIVE_SECONDS old; not to be changed."""
    now = time.monotonic()
    with _remembering:
        live = _live.setdefault(_connections(session), {})
        for other in [other for other, (at, _) in live.items() if at < now - LIVE_SECONDS]:
            del live[other]
        if day in live:
            return live[day][1]
    counts = count_day(session, day)
    with _remembering:
        live[day] = now, counts
    return counts


def count_day(session: Session, day: date) -> Counts:
    """Count the conversations that began on a day; indexes hold all that is read of their turns."""
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    span = (Conversation.created_at >= since, Conversation.created_at < since + timedelta(days=1))
    connection = session.connection()  # rows by the thousand: a session would look at each
    hours: dict[int, dict[str, int]] = {}
    hour_of: dict[int, int] = {}
    for key, began, turns in connection.execute(
        select(Conversation.id, Conversation.created_at, Conversation.turns).where(
            *span, Conversation.turns > 0
        )
    ):
        hour_of[key] = began.hour
        add_numbers(hours.setdefault(began.hour, {}), {ALL: 1, QUESTIONS: turns})
    if not hour_of:
        return Counts()

    def rows(*columns: Any) -> Any:
        """Read columns of a table that says with each row which conversation it is of."""
        of = columns[0]
        return connection.execute(
            select(*columns).join(Conversation, Conversation.id == of).where(*span)
        ).all()

    turn = (Understanding.kind, Understanding.topic, Understanding.milliseconds)
    of_turns = rows(Understanding.conversation_id, *turn)
    # Sets of pairs, so that a conversation counts once: few steps a row, there are thousands
    found = {(key, f"flag:{name}") for key, name in rows(Flag.conversation_id, Flag.name)}
    for key, helpful in rows(Feedback.conversation_id, Feedback.helpful):
        found.add((key, HELPFUL if helpful else NOT_HELPFUL))
    found |= {(key, f"kind:{kind}") for key, kind in {(row[0], row[1]) for row in of_turns}}
    times = Counter([row[3] for row in of_turns])
    del times[None]
    if any(milliseconds > SLOW_MILLISECONDS for milliseconds in times):
        found |= {(key, SLOW) for key, *_, took in of_turns if (took or 0) > SLOW_MILLISECONDS}
    # Erased between two of these queries: not known any more.
    for (hour, measure), number in Counter(
        (hour_of[key], measure) for key, measure in found if key in hour_of
    ).items():
        hours[hour][measure] = number
    answered = {(row[0], row[2]) for row in of_turns}
    topics = Counter(topic for key, topic in answered if topic is not None and key in hour_of)
    waits: Counter[int] = Counter()
    for milliseconds, number in times.items():
        waits[bisect.bisect_left(WAIT_STEPS, milliseconds)] += number
    return Counts(hours, topics, waits)


def settle_days(session: Session, days: Iterable[date]) -> int:
    """Keep the counts of those of these days that are settled and have no row yet.

    Returns how many rows were written. Few days a call: erasing waits meanwhile.
    """
    written = 0
    # Whoever erases at this moment is waited for, or waits: no row may count what is gone.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE day_counts IN SHARE ROW EXCLUSIVE MODE"))
    for day in days:
        if session.get(DayCounts, day) is None and _is_settled(session, day):
            counts = count_day(session, day).to_json()
            session.add(DayCounts(day=day, counted_at=utc_now(), counts=counts))
            written += 1
    return written


def unsettled_days(session: Session, limit: int = 400) -> list[date]:
    """Return days before today without a row, the newest first, at most `limit` days back."""
    first = _first_day(session)
    if first is None:
        return []
    today = utc_now().date()
    kept = set(session.scalars(select(DayCounts.day)))
    days = [today - timedelta(days=back) for back in range(1, limit)]
    return [day for day in days if day >= first and day not in kept]


def forget_day(session: Session, began: datetime) -> None:
    """Take the row of a day away, because a conversation that began then is being erased."""
    day = began.astimezone(UTC).date()
    session.execute(delete(DayCounts).where(DayCounts.day == day))
    with _remembering:
        _live.get(_connections(session), {}).pop(day, None)


def _first_day(session: Session) -> date | None:
    """Return the day on which the oldest conversation began; None: there is none."""
    oldest = session.scalar(select(func.min(Conversation.created_at)))
    return None if oldest is None else oldest.date()


def _is_settled(session: Session, day: date) -> bool:
    now = utc_now()
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if since + timedelta(days=1) + SETTLING > now:
        return False
    open_ones = exists().where(
        Conversation.created_at >= since,
        Conversation.created_at < since + timedelta(days=1),
        Conversation.expires_at > now - SETTLING,
    )
    return not session.scalar(select(open_ones))
