"""Faults of a helpline on several processes: a database, Redis, one of two."""

from __future__ import annotations

import pytest

from bench.scale.stack import Scaled, wait_until
from tests.faults.load import Load


def test_postgresql_is_killed_and_comes_back(scaled: Scaled) -> None:
    errors = scaled.metric("helpline_store_errors_total")
    with Load(scaled) as load:
        scaled.postgres.kill()
        try:
            load.wait_for_help(4)
            assert not scaled.ready()
        finally:
            scaled.postgres.start_again()
        scaled.wait_ready()
        load.wait_for_answers(20)
    load.judge("PostgreSQL killed and started again")
    assert scaled.metric("helpline_store_errors_total") > errors
    assert any('"store failed"' in scaled.log(name) for name in scaled.names("chat"))


def test_redis_is_killed_and_comes_back(scaled: Scaled) -> None:
    with Load(scaled) as load:
        scaled.redis.kill()
        try:
            load.wait_for_answers(20)
            wait_until(
                lambda: any(
                    "limits are counted by each process" in scaled.log(name)
                    for name in scaled.names("chat")
                ),
                "the chat processes say so",
            )
        finally:
            scaled.redis.start()
        load.wait_for_answers(20)
    found = load.judge("Redis killed and started again")
    assert found.seconds == 0, found


@pytest.mark.parametrize("name", ["bot", "chat"])
def test_one_of_two_is_killed(scaled: Scaled, name: str) -> None:
    before = scaled.pids(name)
    with Load(scaled) as load:
        scaled.kill(name)
        load.wait_for_answers(20)
        wait_until(lambda: len(scaled.pids(name)) == 2 != before, f"{name} is started again")
        scaled.wait_ready()
        load.wait_for_answers(12)
    load.judge(f"one of two {name} processes killed")


@pytest.mark.parametrize("name", ["chat", "bot", "staff"])
def test_restarted_by_an_operator(scaled: Scaled, name: str) -> None:
    """As an upgrade does it: one after the other. No visitor may notice."""
    with Load(scaled, visitors=6) as load:
        for pid in scaled.pids(name):
            scaled.restart(name, pid)
            scaled.wait_ready()
            load.wait_for_answers(6)
    found = load.judge(f"every {name} process restarted")
    assert set(found.outcomes) == {"answer"}, found
