"""Opens the store's database: SQLite in WAL mode, or PostgreSQL by its address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

# Longest wait for another process's write, in milliseconds; a write takes well under one.
SQLITE_BUSY_MILLISECONDS = 5_000
POOL_SIZE = 8
CONNECT_SECONDS = 5


def read_url(database_url: str) -> URL:
    """Turn DATABASE_URL into an address that SQLAlchemy opens with our drivers.

    Raises:
        ValueError: the address names a database that the helpline does not use.
    """
    url = make_url(database_url)
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(
            f"DATABASE_URL begins with {backend!r}: use sqlite:///file or postgresql://host/name."
        )
    return url.set(drivername="sqlite")


def open_engine(database_url: str, *, pool_size: int = POOL_SIZE) -> Engine:
    """Return an engine for the store.

    Transactions of SQLite are begun by us, with BEGIN IMMEDIATE when the connection's execution
    option `writes` is set: a transaction that reads first and writes later would otherwise fail
    at once when another process wrote in between, busy time-out or not. Errors never show the
    values of a statement, since they hold what visitors write.
    """
    url = read_url(database_url)
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
            # A database that vanished without a word is given up, not waited for
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "tcp_user_timeout": 1000 * CONNECT_SECONDS,
            },
        )
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # We begin transactions ourselves; the driver's own BEGIN would come too late and is deferred.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        # What is erased is overwritten in the file, not only unlinked.
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
