"""Fills an empty store fast: indexes are made after the rows, PostgreSQL takes them by COPY."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from tests.factories import Factory, move_counters, tables_of

BATCH = 500


def fill_fast(
    engine: Engine,
    conversations: int,
    *,
    days: float,
    until: datetime,
    say: Callable[[str], None],
    seed: int = 1,
) -> None:
    """Add made-up conversations (21 messages on average) to a migrated, empty store.

    Args:
        engine: of the store.
        conversations: how many to add.
        days: they began, evenly, in this many days before `until`.
        until: when the last one began.
        say: is told how far it is, every few seconds.
        seed: of the random numbers.
    """
    started = told = time.perf_counter()
    lengths = random.Random(seed)  # noqa: S311
    step = timedelta(days=days) / max(conversations, 1)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        make_indexes = _drop_indexes(connection)
        maker = Factory(connection, seed)
        for start in range(0, conversations, BATCH):
            numbers = range(start, min(start + BATCH, conversations))
            began = [until - (conversations - 1 - number) * step for number in numbers]
            rows = maker.batch(began, [lengths.choice(range(21)) for _ in numbers])
            for model, values in tables_of(rows):
                if values:
                    _add(connection, model.__table__, values)
            if time.perf_counter() - told > 5:
                told = time.perf_counter()
                share = numbers.stop / conversations
                say(f"{share:4.0%} of {conversations:,} conversations, {told - started:.0f} s")
        say(f"making {len(make_indexes)} indexes after {time.perf_counter() - started:.0f} s")
        for statement in make_indexes:
            connection.exec_driver_sql(statement)
    if engine.dialect.name == "postgresql":
        move_counters(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    say(f"filled after {time.perf_counter() - started:.0f} s")


def _drop_indexes(connection: Connection) -> Sequence[str]:
    """Drop the indexes of the large tables; return the statements that make them again."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
            "AND tbl_name IN ('message', 'understanding', 'choice', 'flag', 'feedback')"
        ).all()
    else:
        found = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
            "AND tablename IN ('message', 'understanding', 'choice', 'flag', 'feedback') "
            "AND indexdef NOT LIKE 'CREATE UNIQUE%%'"
        ).all()
    for name, _ in found:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]


def _add(connection: Connection, table: Table, values: Sequence[dict[str, Any]]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), values)
        return
    names = [column.name for column in table.columns if column.name in values[0]]
    json_names = {column.name for column in table.columns if _is_json(column.type)}
    driver: Any = connection.connection.driver_connection
    quoted = ", ".join(f'"{name}"' for name in names)
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy,
    ):
        for row in values:
            copy.write_row(_cells(row, names, json_names))


def _cells(row: dict[str, Any], names: Iterable[str], json_names: set[str]) -> list[Any]:
    return [
        json.dumps(row[name]) if name in json_names and row[name] is not None else row[name]
        for name in names
    ]


def _is_json(kind: Any) -> bool:
    return "JSON" in type(kind).__name__.upper()
