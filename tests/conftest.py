"""What the suites of every environment share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.processes import spare_ports
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started by the first test that asks it for a database."""
    server = PostgresServer(spare_ports(1)[0])
    yield server
    server.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running Redis server that the test may kill and start again."""
    server = RedisServer(spare_ports(1)[0])
    server.start()
    yield server
    server.kill()
