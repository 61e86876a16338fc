"""The audit log: complete, readable, and beyond anybody's reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from helpline.staff import audit, words
from helpline.staff.audit import AuditFilters
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.models import AuditEntry
from tests.postgres import PostgresServer
from tests.staff.running import Browser, StaffProcess, text_of

REFUSAL = "the audit log can be added to, never changed"


def write_some(session: Session) -> None:
    for number in range(25):
        session.add(
            AuditEntry(
                at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=12 * (number // 5)),
                actor="rita" if number % 2 else "lena",
                action=audit.VIEWED if number % 3 else audit.MARKED,
                subject=f"subject-{number % 4}",
            )
        )
        session.flush()


def expected(session: Session, filters: AuditFilters) -> list[int]:
    return [
        entry.id
        for entry in sorted(session.query(AuditEntry), key=lambda entry: -entry.id)
        if filters.actor in (None, entry.actor)
        and filters.action in (None, entry.action)
        and filters.subject in (None, entry.subject)
        and (filters.since is None or entry.at >= filters.since)
        and (filters.until is None or entry.at < filters.until)
    ]


@pytest.mark.parametrize(
    "filters",
    [
        AuditFilters(),
        AuditFilters(actor="rita"),
        AuditFilters(action=audit.MARKED),
        AuditFilters(subject="subject-1"),
        AuditFilters(actor="lena", action=audit.VIEWED),
        AuditFilters(since=datetime(2026, 11, 2, tzinfo=UTC)),
        AuditFilters(until=datetime(2026, 11, 2, tzinfo=UTC)),
        AuditFilters(
            actor="rita",
            since=datetime(2026, 11, 2, tzinfo=UTC),
            until=datetime(2026, 11, 3, tzinfo=UTC),
        ),
        AuditFilters(since=datetime(2027, 1, 1, tzinfo=UTC)),
        AuditFilters(actor="nobody"),
    ],
)
def test_the_log_is_paged_and_filtered(store: Store, filters: AuditFilters) -> None:
    store.write_now(write_some)
    wanted = store.read_now(expected, filters)
    found: list[int] = []
    older: int | None = None
    while True:
        page = store.read_now(audit.page, filters, older_than=older, size=4)
        found += [entry.id for entry in page.rows]
        if not page.older:
            break
        older = page.rows[-1].id
    assert found == wanted


CHANGES = [
    "UPDATE audit_entry SET actor = 'somebody else'",
    "UPDATE audit_entry SET at = at WHERE id = 1",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE id = 1",
]


def contents(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM audit_entry ORDER BY id"))
        return [tuple(row) for row in rows]


def assert_refused(engine: Engine, statement: str) -> None:
    before = contents(engine)
    assert len(before) == 25
    with pytest.raises(DBAPIError, match=REFUSAL), engine.begin() as connection:
        connection.execute(text(statement))
    assert contents(engine) == before


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        "INSERT OR REPLACE INTO audit_entry (id, at, actor, action) VALUES (1, '2026', 'x', 'y')",
        "REPLACE INTO audit_entry (id, at, actor, action) VALUES (25, '2026', 'x', 'y')",
        "INSERT INTO audit_entry (id, at, actor, action) VALUES (1, '2026', 'x', 'y') "
        "ON CONFLICT (id) DO UPDATE SET actor = 'x'",
    ],
)
def test_sqlite_refuses_every_change(store: Store, change: str) -> None:
    store.write_now(write_some)
    assert_refused(store.engine, change)


@pytest.fixture(scope="module")
def postgresql(postgres: PostgresServer) -> Iterator[Store]:
    store = Store(postgres.new_database())
    upgrade(store.engine)
    store.write_now(write_some)
    yield store
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        "TRUNCATE audit_entry",
        "INSERT INTO audit_entry (id, at, actor, action) VALUES (1, now(), 'x', 'y') "
        "ON CONFLICT (id) DO UPDATE SET actor = 'x'",
    ],
)
def test_postgresql_refuses_every_change(postgresql: Store, change: str) -> None:
    assert_refused(postgresql.engine, change)


def test_an_entry_and_what_it_tells_of_stand_or_fall_together(store: Store) -> None:
    class Trouble(Exception):
        pass

    def fail(session: Session) -> None:
        audit.record(session, "rita", audit.VIEWED, "abc")
        raise Trouble

    with pytest.raises(Trouble):
        store.write_now(fail)
    assert contents(store.engine) == []


def test_the_page_shows_and_filters_the_log(console: StaffProcess, rita: Browser) -> None:
    console.browser().sign_in("lena")
    page = rita.get("/audit")
    assert page.status_code == 200
    assert "Signed in" in text_of(page)
    filtered = rita.get("/audit?who=lena&what=staff.signed_in")
    rows = re.findall(r'<tr role="row">(.*?)</tr>', filtered.text, re.S)[1:]
    assert rows
    assert all("lena" in row and "Signed in" in row for row in rows)
    assert "No entry fits" in text_of(rita.get("/audit?who=lena&from=2090-01-01"))
    today = utc_now().date().isoformat()
    assert "lena" in text_of(rita.get(f"/audit?who=lena&from={today}"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (["data/nlu/help.yml", "tests/nlu/help.yml"], "data/nlu/help.yml, tests/nlu/help.yml"),
        ([], "none"),
        (None, "none"),
        (True, "yes"),
        (False, "no"),
        (90, "90"),
        ("The figure is wrong.", "The figure is wrong."),
    ],
)
def test_details_are_said_in_words(value: object, said: str) -> None:
    assert words.detail(value) == said


def test_a_wrong_date_is_explained(rita: Browser) -> None:
    answer = rita.get("/audit?from=yesterday&who=rita")
    assert answer.status_code == 400
    assert 'id="from-error">This is no date' in answer.text
    assert "<option selected>rita</option>" in answer.text
    answer = rita.get("/audit?from=2026-11-02&to=2026-11-01")
    assert "The last day is before the first" in text_of(answer)


@pytest.mark.parametrize("who", ["%00", "<script>", "' OR 1=1 --", "x" * 5000])
def test_odd_filters_find_nothing_and_harm_nothing(rita: Browser, who: str) -> None:
    answer = rita.get(f"/audit?about={who}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace('<script src="', "")


def test_the_log_is_paged_on_the_page(console: StaffProcess, rita: Browser) -> None:
    def many(session: Session) -> None:
        for number in range(audit.PAGE_SIZE + 5):
            audit.record(session, "lena", audit.VIEWED, f"{number:032x}")

    console.store.write_now(many)
    first = rita.get("/audit?what=conversation.viewed&who=lena")
    older = re.search(r'href="(/audit\?[^"]*older=\d+)"', first.text)
    assert older is not None
    second = rita.get(older[1].replace("&amp;", "&"))
    assert second.status_code == 200
    assert f"{0:032x}" in second.text
    assert f"{0:032x}" not in first.text
    assert "who=lena" in older[1]
