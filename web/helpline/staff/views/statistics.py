"""Statistics: figures of a period as charts, as tables that lead to the conversations, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, response

from helpline.staff import charts, words
from helpline.staff.figures import (
    MEASURES,
    PeriodRefused,
    Statistics,
    read,
    read_period,
)
from helpline.staff.guards import store_of
from helpline.staff.pages import page
from helpline.staff.requests import query_of
from helpline.store.base import utc_now

blueprint = Blueprint("statistics")
# Drawn as lines: how often, among all conversations of a step
DRAWN_SHARES = ("Answered", "Asked back", "Handed off")
MOST_BARS = 12
# A spreadsheet would run what begins with one of these.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/statistics")
async def show_statistics(request: Request) -> HTTPResponse:
    """Show the figures of the period in the address."""
    typed = query_of(request)
    period, shown, errors = None, dict[str, Any](), dict[str, str]()
    try:
        period = read_period(typed, utc_now().date())
    except PeriodRefused as refused:
        errors[refused.field] = str(refused)
    if period is not None:
        shown = _shown(await store_of(request).read(read, period))
        typed = period.query()
    return page(
        request,
        "statistics.html",
        status=400 if errors else 200,
        typed={name: typed.get(name, "") for name in ("from", "to", "by")},
        errors=errors,
        period=period,
        measures=MEASURES,
        **shown,
    )


@blueprint.get("/statistics/over-time.csv")
async def download_over_time(request: Request) -> HTTPResponse:
    """Hand out the table of the steps of the period."""
    return await _csv(request, "over-time", _rows_over_time)


@blueprint.get("/statistics/topics.csv")
async def download_topics(request: Request) -> HTTPResponse:
    """Hand out the table of the topics."""
    return await _csv(request, "topics", _rows_of_topics)


async def _csv(
    request: Request, name: str, rows_of: Callable[[Statistics], Iterable[Sequence[Any]]]
) -> HTTPResponse:
    try:
        period = read_period(query_of(request), utc_now().date())
    except PeriodRefused as refused:
        return response.text(str(refused), status=400)
    found = await store_of(request).read(read, period)
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in rows_of(found)])
    name = f"{name}-{period.first}-{period.last}.csv"
    return response.raw(
        # With its mark, so that spreadsheets read the letters rightly.
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _shown(found: Statistics) -> dict[str, Any]:
    labels = [row.label for row in found.rows]
    places = {measure.label: place for place, measure in enumerate(MEASURES)}
    shares = [
        (label, [row.figures[places[label]].share for row in found.rows]) for label in DRAWN_SHARES
    ]
    drawn_topics = [topic for topic in found.topics if topic.count][:MOST_BARS]
    return {
        "found": found,
        "columns": charts.columns(
            labels, [row.figures[0].count for row in found.rows], [row.before for row in found.rows]
        ),
        "lines": charts.lines(labels, shares),
        "bars": list(
            zip(drawn_topics, charts.bars([one.count for one in drawn_topics]), strict=True)
        ),
        "sizes": charts,
    }


def _rows_over_time(found: Statistics) -> Iterator[Sequence[Any]]:
    steps = {"day": "Day", "week": "Week", "hour": "Hour (UTC)"}
    yield [steps[found.period.step], *(one.label for one in MEASURES), "Conversations before"]
    for row in found.rows:
        yield [row.label, *(figure.count for figure in row.figures), row.before]


def _rows_of_topics(found: Statistics) -> Iterator[Sequence[Any]]:
    yield ["Topic", "Conversations", "Conversations before"]
    for topic in found.topics:
        before = topic.before.count if topic.before else ""
        yield [words.intent_label(topic.label), topic.count, before]


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
