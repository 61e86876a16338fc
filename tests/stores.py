"""Which store the processes of a test use: SQLite in their folder, or PostgreSQL and Redis.

`make test-several` runs suites a second time with TEST_POSTGRES and TEST_REDIS, the addresses of
two servers that it has started.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from functools import cache
from pathlib import Path

from tests.postgres import server_programs

POSTGRES = os.environ.get("TEST_POSTGRES", "")
REDIS = os.environ.get("TEST_REDIS", "")


@cache
def store_of(folder: Path) -> str:
    """Return DATABASE_URL for the processes whose data are in `folder`, always the same."""
    if not POSTGRES:
        return f"sqlite:///{folder / 'helpline.db'}"
    import psycopg  # in the environment of the web suites only

    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{POSTGRES}/{name}"


def everything_kept(folder: Path, *stores: str) -> dict[str, bytes]:
    """Return all that a helpline keeps, by name.

    These are the files of its folder (database, write-ahead log, logs), and what is in each of the
    `stores` (as DATABASE_URL names them) that is a PostgreSQL database, under "PostgreSQL 1", ….
    """
    kept = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    databases = [store for store in stores if store.startswith("postgresql")]
    return kept | {f"PostgreSQL {n}": _rows_of(store) for n, store in enumerate(databases, 1)}


def _rows_of(database: str) -> bytes:
    programs = server_programs()
    assert programs is not None
    dump = (programs / "pg_dump", "--inserts", "--no-owner", database)
    return subprocess.run(dump, capture_output=True, check=True).stdout
