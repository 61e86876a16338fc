"""What the month came to: a row a week, as a table in Markdown and as a curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from bench.month.staff import Reviewed
from helpline.staff import charts

FALLBACK = "nlu_fallback"
_TEMPLATES = (Path(__file__).parent, Path(charts.__file__).with_name("templates"))


@dataclasses.dataclass(frozen=True)
class Week:
    """One week: what staff saw, and what the model of the first day makes of the same messages.

    `first` and `last` are the intents of the first day's and of the last model, in the order of
    `seen`.
    """

    seen: tuple[Reviewed, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]

    @property
    def right(self) -> float:
        """Share understood, 0 to 1."""
        return self._share(lambda one, _: one.is_right)

    @property
    def right_first(self) -> float:
        """The same of the first day's model."""
        return self._share(lambda one, first: first in one.asked.right)

    @property
    def asked_back(self) -> float:
        """Share that the bot asked back about."""
        return self._share(lambda one, _: one.intent == FALLBACK)

    @property
    def asked_back_first(self) -> float:
        """The same of the first day's model."""
        return self._share(lambda _, first: first == FALLBACK)

    @property
    def corrected(self) -> float:
        """Share that staff corrected."""
        return self._share(lambda one, _: one.corrected)

    def count(self, holds: Callable[[Reviewed], bool]) -> int:
        """Count the messages for which something holds."""
        return sum(map(holds, self.seen))

    def _share(self, holds: Callable[[Reviewed, str], bool]) -> float:
        found = sum(holds(one, first) for one, first in zip(self.seen, self.first, strict=True))
        return found / len(self.seen)


COLUMNS = (
    "week",
    "messages read",
    "understood",
    "by the first model",
    "asked back",
    "by the first model",
    "wrong answer",
    "corrected",
    "of these with one key",
    "of these in a queue",
)


def table(weeks: Sequence[Week]) -> str:
    """Return the weeks as a table in Markdown."""
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    rows += [_cells(str(number), week) for number, week in enumerate(weeks, start=1)]
    rows.append(_cells("all", _together(weeks)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(name: str, week: Week) -> tuple[str, ...]:
    return (
        name,
        str(len(week.seen)),
        f"{week.right:.3f}",
        f"{week.right_first:.3f}",
        f"{week.asked_back:.3f}",
        f"{week.asked_back_first:.3f}",
        f"{1 - week.right - week.asked_back:.3f}",
        str(week.count(lambda one: one.corrected)),
        str(week.count(lambda one: one.by_key)),
        str(week.count(lambda one: one.corrected and one.flagged)),
    )


def _together(weeks: Sequence[Week]) -> Week:
    return Week(
        tuple(one for week in weeks for one in week.seen),
        tuple(intent for week in weeks for intent in week.first),
        tuple(intent for week in weeks for intent in week.last),
    )


def learned(weeks: Sequence[Week]) -> tuple[int, int]:
    """Return how many messages were corrected, and how many of them the last model understands.

    Pass the weeks that it was trained from.
    """
    corrected = [
        (one, last)
        for week in weeks
        for one, last in zip(week.seen, week.last, strict=True)
        if one.corrected
    ]
    return len(corrected), sum(last in one.asked.right for one, last in corrected)


def lost(weeks: Sequence[Week]) -> list[Reviewed]:
    """Return what the first day's model understands and the last does not."""
    return [
        one
        for week in weeks
        for one, first, last in zip(week.seen, week.first, week.last, strict=True)
        if first in one.asked.right and last not in one.asked.right
    ]


def draw(weeks: Sequence[Week], path: Path) -> None:
    """Write the curve as SVG."""
    drawn = charts.lines(
        [f"week {number}" for number in range(1, len(weeks) + 1)],
        [
            ("understood", [week.right for week in weeks]),
            ("understood by the first model", [week.right_first for week in weeks]),
            ("asked back", [week.asked_back for week in weeks]),
            ("corrected by staff", [week.corrected for week in weeks]),
        ],
    )
    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    told = "; ".join(
        f"week {number}: understood {week.right:.0%}, by the first model {week.right_first:.0%}, "
        f"asked back {week.asked_back:.0%}, corrected {week.corrected:.0%}"
        for number, week in enumerate(weeks, start=1)
    )
    text = pages.get_template("curve.svg.jinja").render(chart=drawn, sizes=charts, told=told)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
