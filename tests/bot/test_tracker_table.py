"""The table of the dialogue state is made once, however many bots start together."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain

from components.tracker_store import BoundedTrackerStore
from tests.postgres import PostgresServer

PROCESSES = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    return postgres.new_database()


def _open(address: str) -> int:
    store = BoundedTrackerStore(Domain.empty(), url=address)
    with store._engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT count(*) FROM conversation_state")).scalar()
    store.close()
    return int(rows)


@pytest.mark.parametrize("old", [False, True], ids=["empty", "old"])
def test_several_processes_at_once(address: str, old: bool) -> None:
    if old:
        store = BoundedTrackerStore(Domain.empty(), url=address)
        store._write("somebody", "[]")
        store.close()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        assert list(pool.map(_open, [address] * PROCESSES)) == [int(old)] * PROCESSES
