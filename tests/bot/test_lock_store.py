"""One message of a conversation at a time: in one process, in several, and with Redis away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig

from components import lock_store
from components.lock_store import ConversationLockStore
from tests.redis_server import RedisServer

MakeStore = Callable[[str], ConversationLockStore]


@pytest_asyncio.fixture
async def store_with() -> AsyncIterator[MakeStore]:
    """Make lock stores; their connections are closed when the test ends."""
    made: list[ConversationLockStore] = []

    def make(redis_url: str) -> ConversationLockStore:
        made.append(ConversationLockStore(redis_url=redis_url))
        return made[-1]

    yield make
    for store in made:
        await store.close()


async def overlap(*stores: ConversationLockStore, conversations: tuple[str, ...]) -> int:
    """How many work at once at most, when each store works on each conversation five times."""
    at_work = most = 0

    async def work(store: ConversationLockStore, conversation: str) -> None:
        nonlocal at_work, most
        async with store.lock(conversation):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.005)
            at_work -= 1

    await asyncio.gather(
        *(work(store, each) for store in stores for each in conversations for _ in range(5))
    )
    return most


async def test_one_at_a_time_in_one_process(store_with: MakeStore) -> None:
    store = store_with("")
    assert await overlap(store, conversations=("a",)) == 1
    assert await overlap(store, conversations=("a", "b", "c")) == 3
    assert len(store._own) == 0, "locks that nobody holds are forgotten"


async def test_one_at_a_time_in_several_processes(
    redis_server: RedisServer, store_with: MakeStore
) -> None:
    stores = [store_with(redis_server.url) for _ in range(3)]
    assert await overlap(*stores, conversations=("a",)) == 1


async def test_without_redis_two_processes_do_not_know_of_each_other(store_with: MakeStore) -> None:
    stores = [store_with("") for _ in range(3)]
    assert await overlap(*stores, conversations=("a",)) == 3


async def test_a_redis_that_is_away_stops_nobody(
    redis_server: RedisServer, store_with: MakeStore
) -> None:
    store = store_with(redis_server.url)
    async with store.lock("a"):
        redis_server.kill()
    assert await overlap(store, conversations=("a",)) == 1


async def test_it_counts_again_when_redis_is_back(
    redis_server: RedisServer, store_with: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "PAUSE_SECONDS", 0.0)
    redis_server.kill()
    stores = [store_with(redis_server.url) for _ in range(2)]
    assert await overlap(*stores, conversations=("a",)) == 2
    redis_server.start()
    assert await overlap(*stores, conversations=("a",)) == 1


async def test_the_lock_of_a_killed_bot_delays_and_loses_nothing(
    redis_server: RedisServer, store_with: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "WAIT_SECONDS", 0.1)
    killed = store_with(redis_server.url)
    assert killed._redis is not None
    await killed._redis.set(lock_store.KEY_PREFIX + "a", "of a bot that is gone")
    reached = False
    async with store_with(redis_server.url).lock("a"):
        reached = True
    assert reached


def test_rasa_makes_it_from_the_endpoints_file() -> None:
    made = LockStore.create(EndpointConfig(type="components.lock_store.ConversationLockStore"))
    assert isinstance(made, ConversationLockStore)
