"""Statistics: every figure is the number of rows that its link opens, kept or counted anew."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from helpline.privacy.erasure import erase_by_id
from helpline.staff import charts, figures, inbox
from helpline.staff.figures import DAY, HOUR, WEEK, Figure, Period, PeriodRefused, read_period
from helpline.staff.filters import midnight
from helpline.store import day_counts
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.models import Conversation, Understanding
from tests.factories import NOW, fill
from tests.postgres import PostgresServer
from tests.staff.running import Browser, StaffProcess, rows_of, text_of
from tests.staff.test_query_plans import plans, statements

LAST = NOW.date()
PERIODS = [
    Period(LAST - timedelta(days=13), LAST, DAY),
    Period(LAST - timedelta(days=30), LAST - timedelta(days=3), WEEK),
    Period(LAST - timedelta(days=39), LAST, HOUR),
]


def filled(store: Store) -> Store:
    fill(store.engine, 300, seed=11)
    # The last conversations can still go on, or have gone on for days.
    late = select(func.max(Conversation.id)).scalar_subquery()
    going_on = (
        update(Conversation)
        .where(Conversation.id.in_((late, late - 40)))
        .values(expires_at=utc_now() + timedelta(days=1))
    )
    store.write_now(lambda session: session.execute(going_on))
    return store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def big(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
) -> Iterator[Store]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('statistics') / 'helpline.db'}"
    else:
        address = postgres.new_database()
    store = Store(address)
    upgrade(store.engine)
    yield filled(store)
    store.close()


def settle(store: Store) -> int:
    days = store.read_now(day_counts.unsettled_days)
    return sum(store.write_now(day_counts.settle_days, [day]) for day in days)


def listed(store: Store, figure: Figure) -> int:
    return len(store.read_now(inbox.list_page, figure.filters, size=10_000).rows)


def every_figure(store: Store, period: Period) -> Iterator[Figure]:
    found = store.read_now(figures.read, period)
    for figure in (*found.headline, *found.topics):
        yield figure
        assert figure.before is not None
        yield figure.before
    for row in found.rows:
        yield from row.figures


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.step)
def test_each_figure_counts_what_its_link_lists(big: Store, period: Period) -> None:
    seen = [(figure, listed(big, figure)) for figure in every_figure(big, period)]
    wrong = [(figure, number) for figure, number in seen if figure.count != number]
    assert not wrong
    assert sum(figure.count > 0 for figure, _ in seen) > 60
    # Each measure was there at least once, so that none is equal for being empty.
    assert {figure.label for figure, number in seen if number} >= {
        measure.label for measure in figures.MEASURES if measure.label != "Abuse"
    }


def test_kept_counts_are_those_of_the_rows_also_after_erasing(big: Store) -> None:
    period = PERIODS[0]
    fresh = big.read_now(figures.read, period)
    assert settle(big) > 50
    assert settle(big) == 0
    assert big.read_now(figures.read, period) == fresh
    chosen = select(Conversation.public_id).where(
        Conversation.turns > 3, Conversation.created_at < midnight(LAST - timedelta(days=4))
    )
    chosen = chosen.order_by(Conversation.id.desc())
    erased = big.read_now(lambda session: session.scalars(chosen.limit(1)).one())
    big.write_now(erase_by_id, erased, "visitor")
    after = big.read_now(figures.read, period)
    assert after.headline[0].count == fresh.headline[0].count - 1
    assert after.questions < fresh.questions
    assert settle(big) == 1
    assert big.read_now(figures.read, period) == after
    for figure in every_figure(big, period):
        assert figure.count == listed(big, figure)


def test_a_day_that_can_go_on_is_not_kept(big: Store) -> None:
    settle(big)
    open_days = big.read_now(
        lambda session: [
            began.date()
            for began in session.scalars(
                select(Conversation.created_at).where(Conversation.expires_at > utc_now())
            )
        ]
    )
    kept = big.read_now(lambda session: set(session.scalars(select(day_counts.DayCounts.day))))
    assert len(open_days) >= 2
    assert kept
    assert not kept & set(open_days)
    assert utc_now().date() not in kept


def test_kept_days_are_not_counted_again_and_others_along_an_index(store: Store) -> None:
    filled(store)
    settle(store)
    day = LAST - timedelta(days=5)
    # When it was counted, and the counts; these are remembered.
    for number in (2, 1):
        with statements(store.engine) as seen:
            store.read_now(day_counts.read_days, [day])
        assert len(seen) == number
        assert all("day_counts" in statement for statement, *_ in seen)
    # Before the first conversation there is nothing to count.
    with statements(store.engine) as seen:
        store.read_now(
            day_counts.read_days, [LAST - timedelta(days=back) for back in range(90, 200)]
        )
    assert len(seen) == 2
    for plan in plans(store, lambda s: day_counts.count_day(s, day), "EXPLAIN QUERY PLAN"):
        text = "\n".join(plan)
        assert "ix_conversation_created_at" in text
        # Of a turn nothing but the index is read; what was found is scanned in memory.
        assert "SEARCH understanding" not in text or "COVERING INDEX ix_understanding" in text, text
        assert not re.search(r"SCAN (?!anon_1)", text), text


def test_a_day_that_goes_on_is_counted_now_and_then(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at again it is remembered; not for long, and not when something was erased."""
    filled(store)
    day = LAST - timedelta(days=5)

    def conversations() -> tuple[int, bool]:
        with statements(store.engine) as seen:
            counts = store.read_now(day_counts.read_days, [day])[day]
        return counts.total[day_counts.ALL], any("understanding" in text for text, _ in seen)

    number, counted = conversations()
    assert number > 1 and counted
    assert conversations() == (number, False)
    began = (Conversation.created_at >= midnight(day), Conversation.turns > 0)
    some = select(Conversation.public_id).where(*began).order_by(Conversation.created_at).limit(1)
    erased = store.read_now(lambda session: session.scalars(some).one())
    store.write_now(erase_by_id, erased, "visitor")
    assert conversations() == (number - 1, True)
    assert conversations() == (number - 1, False)
    monkeypatch.setattr(day_counts, "LIVE_SECONDS", 0.0)
    assert conversations() == (number - 1, True)


def test_waiting_times(store: Store) -> None:
    fill(store.engine, 40, seed=5, days=2, turns=[10])
    times = sorted(
        value
        for value in store.read_now(
            lambda session: session.scalars(select(Understanding.milliseconds)).all()
        )
        if value is not None
    )
    waits = store.read_now(figures.read, Period(LAST - timedelta(days=5), LAST)).waits
    assert waits.answers == len(times) == 400
    steps = list(day_counts.WAIT_STEPS)
    for share, told in ((0.5, waits.half), (0.95, waits.most)):
        exact = times[int(share * len(times)) - 1]
        assert told == next(step for step in steps if step >= exact)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "2020-01-01", "to": "2026-11-01"}, "from"),
        ({"from": "2026-06-01", "to": "2026-11-01", "by": "day"}, "by"),
        ({"by": "minute"}, "by"),
    ],
)
def test_a_period_that_cannot_be_shown(typed: dict[str, str], field: str) -> None:
    with pytest.raises(PeriodRefused) as refused:
        read_period(typed, LAST)
    assert refused.value.field == field


def test_periods_and_their_weeks(store: Store) -> None:
    period = read_period({}, LAST)
    assert (len(period.days), period.last) == (30, LAST)
    assert period.before.last == period.first - timedelta(days=1)
    # Tuesday to Monday: a short week, a whole one, a Monday
    weeks = Period(date(2026, 11, 3), date(2026, 11, 16), WEEK)
    rows = store.read_now(figures.read, weeks).rows
    assert [row.label for row in rows] == ["3 Nov to 8 Nov", "9 Nov to 15 Nov", "16 Nov"]


def test_charts_draw_the_numbers() -> None:
    drawn = charts.columns(["a", "b", "c"], [10, 5, 0], [0, 20, 10])
    heights = [box.height for box in drawn.boxes]
    assert heights[0] == pytest.approx(heights[1] * 2, abs=0.2)
    assert heights[2] == 0
    assert [tick.label for tick in drawn.y_ticks] == ["0", "10", "20"]
    assert drawn.marks[1][2] == charts.TOP
    broken = charts.lines(["a", "b", "c"], [("x", [0.5, None, 1.0])]).lines[0]
    assert len(broken.stretches) == 2
    assert len(broken.dots) == 2
    assert [box.width for box in charts.bars([4, 2])] == [400.0, 200.0]
    assert charts.columns([], [], []).boxes == ()


def test_the_page_links_to_what_it_counts(console: StaffProcess, rita: Browser) -> None:
    period = f"from={LAST - timedelta(days=20)}&to={LAST}"
    page = rita.get(f"/statistics?{period}")
    assert page.status_code == 200
    links = re.findall(r'<a href="(/conversations\?[^"]+)">([\d,]+)<', page.text)
    small = [(address, int(number)) for address, number in links if int(number) <= 50]
    assert len(small) > 20
    for address, number in small[:12]:
        assert len(rows_of(rita.get(html.unescape(address)))) == number
    assert page.text.count('<svg role="img" aria-label="') == 3
    assert "Time to answer" in text_of(page)


def test_what_is_wrong_stands_beside_its_field(rita: Browser) -> None:
    answer = rita.get("/statistics?from=soon")
    assert answer.status_code == 400
    assert 'id="from-error">This is no date' in answer.text
    assert 'value="soon"' in answer.text
    assert "Conversations before" not in answer.text


@pytest.mark.parametrize("what", ["over-time", "topics"])
def test_csv_holds_the_table(console: StaffProcess, rita: Browser, what: str) -> None:
    period = Period(LAST - timedelta(days=20), LAST)
    answer = rita.get(f"/statistics/{what}.csv", params=period.query())
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = console.store.read_now(figures.read, period)
    if what == "topics":
        wanted = [(topic.count, topic.before.count) for topic in found.topics if topic.before]
        assert [(int(row[1]), int(row[2])) for row in rows[1:]] == wanted
    else:
        assert len(rows) == 22
        assert [int(row[1]) for row in rows[1:]] == [row.figures[0].count for row in found.rows]
    assert rita.get(f"/statistics/{what}.csv?by=minute").status_code == 400


def test_without_conversations(store: Store) -> None:
    found = store.read_now(figures.read, Period(LAST, LAST))
    assert found.headline[0].count == 0
    assert found.headline[0].share is None
    assert found.waits.half is None
    assert store.read_now(day_counts.unsettled_days) == []
