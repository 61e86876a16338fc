"""The figures of the statistics page: how many conversations, and the filters that list them.

A figure counts conversations that began in a span of days, as the list of conversations does with
the figure's filters: its link opens exactly what it counts.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from helpline.staff.filters import HELPFUL, NOT_HELPFUL, Filters, read_day
from helpline.store import day_counts
from helpline.store.day_counts import Counts

DAY = "day"
WEEK = "week"
HOUR = "hour"
STEPS = (DAY, WEEK, HOUR)
DAYS_AT_FIRST = 30
MOST_DAYS = 366
# More rows in a table, or columns in a chart, nobody reads.
MOST_DAYS_BY_DAY = 92


@dataclasses.dataclass(frozen=True)
class Measure:
    """What is counted: the name in `Counts`, a label, and the filters that list the same."""

    name: str
    label: str
    filters: Mapping[str, Any]


MEASURES = (
    Measure(day_counts.ALL, "Conversations", {}),
    Measure("kind:answer", "Answered", {"kind": "answer"}),
    Measure("kind:clarify", "Asked back", {"kind": "clarify"}),
    Measure("kind:handoff", "Handed off", {"kind": "handoff"}),
    Measure("flag:crisis", "Crisis", {"flag": "crisis"}),
    Measure("flag:emergency", "Emergency", {"flag": "emergency"}),
    Measure("flag:abuse", "Abuse", {"flag": "abuse"}),
    Measure(day_counts.HELPFUL, "Found helpful", {"rating": HELPFUL}),
    Measure(day_counts.NOT_HELPFUL, "Not helpful", {"rating": NOT_HELPFUL}),
    Measure(day_counts.SLOW, "Waited over 1 s", {"slow": "yes"}),
    Measure("kind:unavailable", "Bot was down", {"kind": "unavailable"}),
)


class PeriodRefused(ValueError):
    """The span of days cannot be shown; `field` names what to change, the message how."""

    def __init__(self, field: str, message: str) -> None:
        """Name the field of the form."""
        super().__init__(message)
        self.field = field


@dataclasses.dataclass(frozen=True)
class Period:
    """Days in UTC, both within, and the step in which they are shown."""

    first: date
    last: date
    step: str = DAY

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Period:
        """As many days just before it."""
        length = timedelta(days=(self.last - self.first).days + 1)
        return Period(self.first - length, self.last - length, self.step)

    def query(self) -> dict[str, str]:
        """Return the period as it stands in an address."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat(), "by": self.step}


def read_period(typed: Mapping[str, str], today: date) -> Period:
    """Read the period of an address; without one, it is the last 30 days and today.

    Raises:
        PeriodRefused: it cannot be shown.
    """
    days = {}
    for name, default in (("from", today - timedelta(days=DAYS_AT_FIRST - 1)), ("to", today)):
        try:
            days[name] = read_day(typed[name]) if typed.get(name) else default
        except ValueError as error:
            raise PeriodRefused(name, str(error)) from None
    step = typed.get("by") or DAY
    if step not in STEPS:
        raise PeriodRefused("by", "Choose one from the list.")
    length = (days["to"] - days["from"]).days + 1
    if length < 1:
        raise PeriodRefused("to", "The last day is before the first: change one of them.")
    if length > MOST_DAYS:
        raise PeriodRefused("from", f"Choose a span of at most {MOST_DAYS} days.")
    if step == DAY and length > MOST_DAYS_BY_DAY:
        raise PeriodRefused(
            "by", f"Choose weeks: this span is longer than {MOST_DAYS_BY_DAY} days."
        )
    return Period(days["from"], days["to"], step)


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number of conversations, and the filters that list them."""

    label: str
    count: int
    filters: Filters
    # Of all conversations of its span, 0 to 1; None where there is none
    share: float | None
    # The same of the period before; None where nothing is compared
    before: Figure | None = None

    @property
    def address(self) -> str:
        """Address of the list of what is counted."""
        return f"/conversations{self.filters.query()}"


@dataclasses.dataclass(frozen=True)
class Row:
    """One step of the period: a day, a week or an hour of the day, with a figure a measure."""

    label: str
    figures: tuple[Figure, ...]
    # Conversations in the same step of the period before
    before: int


@dataclasses.dataclass(frozen=True)
class Waits:
    """Milliseconds within which half, and 95 of 100, answers came; None: unknown or longer."""

    half: int | None
    most: int | None
    answers: int


@dataclasses.dataclass(frozen=True)
class Statistics:
    """All that the page shows."""

    period: Period
    headline: tuple[Figure, ...]
    questions: int
    questions_before: int
    waits: Waits
    waits_before: Waits
    rows: tuple[Row, ...]
    topics: tuple[Figure, ...]


def read(session: Session, period: Period) -> Statistics:
    """Add up the days of a period and of the one before it."""
    before = period.before
    by_day = day_counts.read_days(session, before.days + period.days)
    now, then = _sum(by_day, period), _sum(by_day, before)
    total, total_before = now.total, then.total
    return Statistics(
        period=period,
        headline=tuple(_compared(total, total_before, period)),
        questions=total[day_counts.QUESTIONS],
        questions_before=total_before[day_counts.QUESTIONS],
        waits=_waits(now),
        waits_before=_waits(then),
        rows=tuple(_rows(by_day, period, now, then)),
        topics=tuple(_topics(now, then, period)),
    )


def _sum(by_day: Mapping[date, Counts], period: Period) -> Counts:
    total = Counts()
    add = total.add if period.step == HOUR else total.add_but_hours
    for day in period.days:
        add(by_day[day])
    return total


def _waits(counts: Counts) -> Waits:
    return Waits(counts.wait_of(0.5), counts.wait_of(0.95), counts.waits.total())


def _figure(measure: Measure, counts: Counter[str], span: Period, **more: Any) -> Figure:
    filters = Filters(first_day=span.first, last_day=span.last, **measure.filters, **more)
    everything = counts[day_counts.ALL]
    share = counts[measure.name] / everything if everything else None
    return Figure(measure.label, counts[measure.name], filters, share)


def _compared(now: Counter[str], then: Counter[str], period: Period) -> Iterator[Figure]:
    for measure in MEASURES:
        figure = _figure(measure, now, period)
        yield dataclasses.replace(figure, before=_figure(measure, then, period.before))


def _rows(
    by_day: Mapping[date, Counts], period: Period, now: Counts, then: Counts
) -> Iterator[Row]:
    if period.step == HOUR:
        for hour in range(24):
            measures = Counter(now.hours.get(hour, {}))
            figures = tuple(_figure(one, measures, period, hour=hour) for one in MEASURES)
            before = then.hours.get(hour, {}).get(day_counts.ALL, 0)
            yield Row(f"{hour:02}:00", figures, before)
        return
    length = timedelta(days=len(period.days))
    for span in _spans(period):
        total, earlier = Counter[str](), 0
        for day in span.days:
            day_counts.add_numbers(total, by_day[day].total)
            earlier += by_day[day - length].total[day_counts.ALL]
        label = f"{span.first.day} {span.first:%b}"
        if span.last != span.first:
            label += f" to {span.last.day} {span.last:%b}"
        figures = tuple(_figure(one, total, span) for one in MEASURES)
        yield Row(label, figures, earlier)


def _spans(period: Period) -> Iterator[Period]:
    """Cut a period into days, or into weeks from Monday on; the first and last may be shorter."""
    first = period.first
    while first <= period.last:
        last = first if period.step == DAY else first + timedelta(days=6 - first.weekday())
        yield Period(first, min(last, period.last))
        first = last + timedelta(days=1)


def _topics(now: Counts, then: Counts, period: Period) -> Iterator[Figure]:
    def figures(counts: Counts, span: Period) -> Callable[[str], Figure]:
        everything = counts.total[day_counts.ALL]

        def figure(topic: str) -> Figure:
            filters = Filters(first_day=span.first, last_day=span.last, topic=topic)
            number = counts.topics[topic]
            return Figure(topic, number, filters, number / everything if everything else None)

        return figure

    figure, earlier = figures(now, period), figures(then, period.before)
    names = {**now.topics, **then.topics}
    for topic in sorted(names, key=lambda name: (-now.topics[name], name)):
        yield dataclasses.replace(figure(topic), before=earlier(topic))
