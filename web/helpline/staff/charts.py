"""Charts as shapes for SVG: the templates only write them down. Numbers stand in tables beside."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

WIDTH = 720.0
HEIGHT = 240.0
LEFT = 56.0
BOTTOM = 40.0
TOP = 12.0
BAR_HEIGHT = 28.0
BAR_LABEL = 250.0
BAR_NUMBER = 70.0
MOST_LABELS = 8


@dataclasses.dataclass(frozen=True)
class Tick:
    """A number or name beside an axis."""

    at: float
    label: str


@dataclasses.dataclass(frozen=True)
class Box:
    """A column or a bar."""

    x: float
    y: float
    width: float
    height: float


@dataclasses.dataclass(frozen=True)
class Columns:
    """Columns over time, each with a mark at the height of the period before."""

    boxes: tuple[Box, ...]
    # Left end, right end and height of each mark
    marks: tuple[tuple[float, float, float], ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a chart: the points as SVG writes them, in unbroken stretches."""

    label: str
    stretches: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclasses.dataclass(frozen=True)
class Lines:
    """Shares over time."""

    lines: tuple[Line, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]


def columns(labels: Sequence[str], values: Sequence[int], before: Sequence[int]) -> Columns:
    """Draw numbers as columns; `before` are those of the period before, in the same order."""
    top = _round_up(max([*values, *before, 1]))
    wide = (WIDTH - LEFT) / max(len(values), 1)
    boxes, marks = [], []
    for number, (value, earlier) in enumerate(zip(values, before, strict=True)):
        x = LEFT + number * wide
        y = _y(value / top)
        boxes.append(Box(_r(x + wide * 0.15), y, _r(wide * 0.7), _r(HEIGHT - BOTTOM - y)))
        marks.append((_r(x + wide * 0.05), _r(x + wide * 0.95), _y(earlier / top)))
    ticks = tuple(Tick(_y(part / 2), f"{round(top * part / 2):,}") for part in range(3))
    return Columns(tuple(boxes), tuple(marks), ticks, _x_ticks(labels))


def lines(labels: Sequence[str], shares: Sequence[tuple[str, Sequence[float | None]]]) -> Lines:
    """Draw shares (0 to 1) as one line each; None interrupts a line."""
    wide = (WIDTH - LEFT) / max(len(labels), 1)
    drawn = []
    for label, values in shares:
        stretches: list[list[str]] = [[]]
        dots = []
        for number, value in enumerate(values):
            if value is None:
                stretches.append([])
                continue
            x, y = _r(LEFT + (number + 0.5) * wide), _y(value)
            stretches[-1].append(f"{x},{y}")
            dots.append((x, y))
        kept = tuple(" ".join(points) for points in stretches if points)
        drawn.append(Line(label, kept, tuple(dots)))
    ticks = tuple(Tick(_y(part / 4), f"{part * 25} %") for part in range(5))
    return Lines(tuple(drawn), ticks, _x_ticks(labels))


def bars(values: Sequence[int]) -> tuple[Box, ...]:
    """Draw numbers as bars below each other, beside room for their names."""
    most = max([*values, 1])
    room = WIDTH - BAR_LABEL - BAR_NUMBER
    return tuple(
        Box(BAR_LABEL, _r(place * BAR_HEIGHT + 4), _r(room * value / most), BAR_HEIGHT - 8)
        for place, value in enumerate(values)
    )


def _x_ticks(labels: Sequence[str]) -> tuple[Tick, ...]:
    wide = (WIDTH - LEFT) / max(len(labels), 1)
    every = -(-len(labels) // MOST_LABELS) or 1
    return tuple(
        Tick(_r(LEFT + (number + 0.5) * wide), label)
        for number, label in enumerate(labels)
        if number % every == 0
    )


def _y(share: float) -> float:
    return _r(TOP + (HEIGHT - BOTTOM - TOP) * (1 - share))


def _r(number: float) -> float:
    return round(number, 1)


def _round_up(number: int) -> int:
    """Return an even number with one or two digits that are not zero, at least as large."""
    scale = 1
    while number > 20 * scale:
        scale *= 10
    rounded = -(-number // scale) * scale
    return rounded + rounded % 2
