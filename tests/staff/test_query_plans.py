"""On a store with a million messages every list must walk an index (see helpline.staff.inbox)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from helpline.learning import questions
from helpline.staff import audit, inbox, known, queues, sessions, transcript
from helpline.staff.audit import AuditFilters
from helpline.staff.filters import Filters
from helpline.store import day_counts, search
from helpline.store.database import Store
from helpline.store.models import AuditEntry, Conversation
from tests.factories import NOW, fill
from tests.postgres import PostgresServer
from tests.staff.test_inbox import CASES

BIG_TABLES = ("message", "understanding", "flag", "choice", "feedback", "audit_entry", "review")
Statement = tuple[str, Any]


@contextmanager
def statements(engine: Engine) -> Iterator[list[Statement]]:
    """Collect what is sent to the database."""
    seen: list[Statement] = []

    def listen(_c: Any, _cursor: Any, text: str, values: Any, _x: Any, _many: bool) -> None:
        if text.lstrip().upper().startswith("SELECT"):
            seen.append((text, values))

    event.listen(engine, "before_cursor_execute", listen)
    yield seen
    event.remove(engine, "before_cursor_execute", listen)


def plans(store: Store, work: Callable[[Session], Any], explain: str) -> list[list[str]]:
    """Return the query plan of every SELECT that `work` sends."""
    with statements(store.engine) as seen:
        store.read_now(work)
    assert seen
    found = []
    with store.engine.connect() as connection:
        for text, values in seen:
            rows = connection.exec_driver_sql(f"{explain} {text}", values).all()
            found.append([str(row[-1]) for row in rows])
    return found


def list_both_ways(filters: Filters) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        inbox.list_page(session, filters)
        inbox.list_page(session, filters, older_than=1000)
        inbox.list_page(session, filters, newer_than=10)
        inbox.neighbours(session, filters, 100, 1)

    return work


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'helpline.db'}")
    from helpline.store.migrate import upgrade

    upgrade(store.engine)
    fill(store.engine, 30)
    yield store
    store.close()


@pytest.mark.parametrize("filters", CASES, ids=lambda filters: filters.query()[1:] or "all")
def test_sqlite_walks_an_index_and_sorts_nothing(sqlite: Store, filters: Filters) -> None:
    for plan in plans(sqlite, list_both_ways(filters), "EXPLAIN QUERY PLAN"):
        text = "\n".join(plan)
        # Only the walk itself may scan: conversations in the order of their key.
        for table in BIG_TABLES:
            # `ix_understanding_slow` has the few slow answers only.
            allowed = "COVERING INDEX|INDEX ix_understanding_slow"
            assert not re.search(rf"SCAN {table}\b(?! USING (?:{allowed}))", text), text
            assert not re.search(rf"SCAN {table}_\d", text), text
        assert "FOR ORDER BY" not in text or "lowest_confidence" in text, text
        assert "AUTOMATIC" not in text, text


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(topic="what_is_spms"), "ix_understanding_staff_topic"),
        (Filters(topic="what_is_spms", below=50), "ix_understanding_staff_topic"),
        (Filters(kind="clarify"), "ix_understanding_staff_kind"),
        (Filters(kind="clarify", below=50), "ix_understanding_staff_kind"),
        (Filters(flag="crisis"), "ix_flag_staff"),
        (Filters(queue="crisis"), "ix_flag_queue"),
        (Filters(queue="unreviewed"), "ix_conversation_review_state_id"),
        (Filters(treatment="siponimod"), "ix_understanding_treatment_conversation_id"),
        (Filters(language="es"), "ix_understanding_language_conversation_id"),
        (Filters(model="made-up-model"), "ix_understanding_model_conversation_id"),
        (Filters(tag="a tag"), "ix_tag_name_conversation_id"),
        (Filters(reviewer="rita"), "ix_review_user_id_conversation_id"),
        (Filters(state="later"), "ix_conversation_review_state_id"),
    ],
)
def test_sqlite_reads_nothing_but_the_index(sqlite: Store, filters: Filters, index: str) -> None:
    walks = [
        plan
        for plan in plans(sqlite, list_both_ways(filters), "EXPLAIN QUERY PLAN")
        if any(f"USING COVERING INDEX {index}" in step for step in plan)
    ]
    assert len(walks) >= 4  # first page, older, newer, neighbours


@pytest.mark.parametrize(
    "filters",
    [
        AuditFilters(),
        AuditFilters(actor="rita"),
        AuditFilters(action="conversation.viewed"),
        AuditFilters(subject="abc"),
        AuditFilters(since=NOW - timedelta(days=1), until=NOW),
        AuditFilters(actor="rita", since=NOW - timedelta(days=1)),
    ],
)
def test_the_audit_log_is_read_along_an_index(sqlite: Store, filters: AuditFilters) -> None:
    def work(session: Session) -> None:
        audit.page(session, filters, older_than=1000)
        audit.page(session, filters, newer_than=10)

    for plan in plans(sqlite, work, "EXPLAIN QUERY PLAN"):
        text = "\n".join(plan)
        assert "FOR ORDER BY" not in text, text
        assert "SCAN audit_entry" not in text or filters == AuditFilters(), text


def test_a_transcript_reads_its_own_rows_only(sqlite: Store) -> None:
    def work(session: Session) -> None:
        conversation = session.get_one(Conversation, 5)
        assert transcript.find(session, conversation.public_id) is not None
        transcript.read(session, conversation)
        sessions.find(session, "any")

    for plan in plans(sqlite, work, "EXPLAIN QUERY PLAN"):
        assert not any(step.startswith("SCAN") for step in plan), plan


def test_counting_a_queue_reads_nothing_but_the_queue(sqlite: Store) -> None:
    found = plans(sqlite, queues.counts, "EXPLAIN QUERY PLAN")
    assert len(found) == len(queues.NAMES)
    for plan in found:
        text = "\n".join(plan)
        assert "USING COVERING INDEX ix_flag_queue" in text or (
            "USING COVERING INDEX ix_conversation_review_state_id" in text
        ), text
        assert "TEMP B-TREE FOR ORDER BY" not in text, text


def test_what_filters_offer_is_found_by_steps_into_an_index(sqlite: Store) -> None:
    for plan in plans(sqlite, known.read, "EXPLAIN QUERY PLAN"):
        text = "\n".join(plan)
        assert "SCAN" not in text or "staff_user" in text or "USING COVERING INDEX" in text, text


def test_unknown_questions_are_found_along_the_flags(sqlite: Store) -> None:
    for plan in plans(sqlite, questions.unknown_messages, "EXPLAIN QUERY PLAN"):
        text = "\n".join(plan)
        assert "ix_flag_name_message_id" in text, text
        assert "SCAN" not in text and "FOR ORDER BY" not in text, text


def test_nothing_counts_rows(sqlite: Store) -> None:
    with statements(sqlite.engine) as seen:
        for filters in CASES:
            sqlite.read_now(list_both_ways(filters))
    assert not [text for text, _ in seen if "count(" in text.lower()]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(topic="what_is_spms"),
        Filters(kind="clarify", below=50),
        Filters(flag="handoff"),
        Filters(state="new", flag="handoff"),
        Filters(queue="handoff"),
        Filters(queue="unreviewed"),
        Filters(treatment="siponimod"),
        Filters(words="letters"),
        Filters(words="wonders tired", queue="handoff"),
        Filters(first_day=(NOW - timedelta(days=20)).date(), kind="answer"),
    ],
    ids=lambda filters: filters.query()[1:] or "all",
)
def test_postgresql_walks_an_index(postgres: PostgresServer, filters: Filters) -> None:
    store = Store(_filled(postgres))
    try:
        for plan in plans(store, list_both_ways(filters), "EXPLAIN"):
            text = "\n".join(plan)
            for table in ("message", "understanding", "flag", "audit_entry"):
                assert f"Seq Scan on {table}" not in text, text
    finally:
        store.close()


def test_postgresql_knows_which_words_are_rare(postgres: PostgresServer) -> None:
    """A word that stands nowhere must not be looked for in every message."""
    store = Store(_filled(postgres))

    def expected(word: str) -> int:
        [walk, *_] = plans(store, list_both_ways(Filters(words=word)), "EXPLAIN")
        [rows] = re.findall(
            r"Bitmap Index Scan on ix_message_search .* rows=(\d+)", "\n".join(walk)
        )
        return int(rows)

    try:
        assert expected("xylophone") < expected("tired") / 5
    finally:
        store.close()


def test_postgresql_looks_for_the_first_match_in_the_conversations_alone(
    postgres: PostgresServer,
) -> None:
    store = Store(_filled(postgres))
    keys = list(range(900, 950))
    try:
        [plan] = plans(store, lambda s: search.first_matches(s, "tired", keys), "EXPLAIN")
        assert "ix_message_search" not in "\n".join(plan)
    finally:
        store.close()


@pytest.mark.parametrize(
    "work",
    [
        lambda session: day_counts.count_day(session, (NOW - timedelta(days=9)).date()),
        queues.counts,
    ],
    ids=["a day of the statistics", "queues"],
)
def test_postgresql_counts_along_an_index(
    postgres: PostgresServer, work: Callable[[Session], Any]
) -> None:
    store = Store(_filled(postgres))
    try:
        for plan in plans(store, work, "EXPLAIN"):
            text = "\n".join(plan)
            for table in ("conversation", "message", "understanding"):
                assert f"Seq Scan on {table}" not in text, text
    finally:
        store.close()


_database: list[str] = []


def _filled(postgres: PostgresServer) -> str:
    """Return a database with enough rows that reading a whole table would be dear."""
    if not _database:
        from helpline.store.migrate import upgrade

        address = postgres.new_database()
        store = Store(address)
        upgrade(store.engine)
        fill(store.engine, 1000)
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        store.close()
        _database.append(address)
    return _database[0]


def test_the_audit_table_is_known_here() -> None:
    """The names above are those of real tables."""
    assert AuditEntry.__tablename__ in BIG_TABLES
