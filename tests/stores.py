"""Which store the processes of a test use: SQLite in their folder, or PostgreSQL and Redis.

`make test-several` runs suites a second time with TEST_POSTGRES and TEST_REDIS, the addresses of
two servers that it has started.
"""

from __future__ import annotations

import os
import secrets
from functools import cache
from pathlib import Path

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
