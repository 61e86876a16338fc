"""Rate limits: a sliding window for each conversation and each address, in memory or in Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from helpline.chat.shared_limits import RateLimit
from helpline.shared.limits import AddressHasher, SlidingWindow
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.web.conftest import StartChat
from tests.web.running import Visitor
from tests.web.test_problems import assert_problem


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_slides() -> None:
    clock = Clock()
    window = SlidingWindow(3, 60, clock)
    assert [window.wait(b"a") for _ in range(3)] == [0, 0, 0]
    assert window.wait(b"a") == 60
    assert window.wait(b"b") == 0
    clock.now += 59
    assert window.wait(b"a") == 1
    clock.now += 1
    assert [window.wait(b"a") for _ in range(3)] == [0, 0, 0]
    assert window.wait(b"a") == 60


def test_refused_events_do_not_prolong_the_wait() -> None:
    clock = Clock()
    window = SlidingWindow(1, 60, clock)
    assert window.wait(b"a") == 0
    for _ in range(100):
        assert window.wait(b"a") > 0
    clock.now += 60
    assert window.wait(b"a") == 0


def test_a_window_forgets_who_is_gone() -> None:
    clock = Clock()
    window = SlidingWindow(5, 60, clock)
    for number in range(1000):
        window.wait(str(number).encode())
    assert len(window) == 1000
    clock.now += 121
    window.wait(b"somebody")
    assert len(window) == 1


def test_a_limit_of_nothing() -> None:
    assert SlidingWindow(0, 60, Clock()).wait(b"a") == 60


def test_addresses_are_kept_as_keyed_hashes() -> None:
    one, two = AddressHasher(), AddressHasher()
    assert one("203.0.113.7") == one("203.0.113.7") != one("203.0.113.8")
    assert one("203.0.113.7") != two("203.0.113.7"), "each process has a key of its own"
    assert one("2001:db8::1") == one("[2001:db8::ffff]") != one("2001:db8:0:1::1")
    assert b"203" not in one("203.0.113.7")
    assert one("no address at all")


def test_messages_of_one_conversation(chat_with: StartChat) -> None:
    chat = chat_with(RATE_LIMITS="true", RATE_MESSAGES_PER_MINUTE="3")
    with chat.client() as client:
        visitor, other = Visitor(client), Visitor(client)
        for _ in range(3):
            visitor.say("hello")
        refused = visitor.post({"text": "hello"})
        assert_problem(refused, 429, "too-many-requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert len(visitor.history()) == 7, "what was said stays"
        other.say("hello")
        assert 'helpline_rate_limited_total{limit="messages"} 1.0' in client.get("/metrics").text


def test_requests_of_one_address(chat_with: StartChat) -> None:
    chat = chat_with(RATE_LIMITS="true", RATE_ADDRESS_PER_MINUTE="5", TRUSTED_PROXIES="1")
    with chat.client() as client:

        def get(address: str) -> int:
            headers = {"X-Forwarded-For": address}
            return client.get("/api/v1/messages", headers=headers).status_code

        assert [get("203.0.113.1") for _ in range(6)] == [401] * 5 + [429]
        assert get("203.0.113.2") == 401
        # What a visitor adds in front of the proxy's own entry is not believed.
        assert get("198.51.100.9, 203.0.113.1") == 429
        page = client.get("/", headers={"X-Forwarded-For": "203.0.113.1", "Accept": "text/html"})
        assert page.status_code == 429 and "1-800-344-4867" in page.text
        assert client.get("/healthz").status_code == 200


def test_new_conversations_of_one_address(chat_with: StartChat) -> None:
    chat = chat_with(RATE_LIMITS="true", RATE_CONVERSATIONS_PER_HOUR="2")
    with chat.client() as client:
        visitors = [Visitor(client), Visitor(client)]
        refused = client.post("/api/v1/conversations")
        assert_problem(refused, 429, "too-many-requests")
        assert int(refused.headers["retry-after"]) > 3000
        visitors[0].say("those who are here go on")


def test_forwarded_addresses_count_only_behind_proxies(chat_with: StartChat) -> None:
    chat = chat_with(RATE_LIMITS="true", RATE_ADDRESS_PER_MINUTE="2")
    with chat.client() as client:
        answers = [
            client.get("/api/v1/messages", headers={"X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(3)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 429]


MakeLimit = Callable[[str, int], RateLimit]


@pytest_asyncio.fixture
async def limit_in(redis_server: RedisServer) -> AsyncIterator[MakeLimit]:
    """Make limits of a name and number of events a minute in Redis."""
    made: list[RateLimit] = []

    def make(name: str, limit: int) -> RateLimit:
        made.append(RateLimit(name, limit, 60, redis_server.url))
        return made[-1]

    yield make
    for limit in made:
        await limit.close()


async def test_processes_count_together_in_redis(limit_in: MakeLimit) -> None:
    one, two = limit_in("messages", 3), limit_in("messages", 3)
    assert [await limit.wait(b"a") for limit in (one, two, one)] == [0, 0, 0]
    assert 50 < await two.wait(b"a") <= 60
    assert await two.wait(b"b") == 0
    assert await limit_in("openings", 3).wait(b"a") == 0


async def test_each_counts_for_itself_while_redis_is_away(
    redis_server: RedisServer, limit_in: MakeLimit, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = limit_in("messages", 1), limit_in("messages", 1)
    redis_server.kill()
    assert (await one.wait(b"a"), await two.wait(b"a")) == (0, 0)
    assert await one.wait(b"a") > 0
    monkeypatch.setattr(one, "_away_until", 0.0)
    redis_server.start()
    assert await one.wait(b"a") == 0 and await one.wait(b"a") > 0


async def test_without_redis_a_limit_is_the_process_own() -> None:
    assert await RateLimit("messages", 0, 60).wait(b"a") == 60
    limit = RateLimit("messages", 1, 60)
    assert (await limit.wait(b"a"), await limit.wait(b"a") > 0) == (0, True)


def test_addresses_of_processes_with_one_secret_have_one_key() -> None:
    assert AddressHasher("s")("203.0.113.1") == AddressHasher("s")("203.0.113.1")
    assert AddressHasher("s")("203.0.113.1") != AddressHasher("t")("203.0.113.1")


def test_two_chat_processes_share_a_visitor_and_the_limits(
    chat_with: StartChat, redis_server: RedisServer, postgres: PostgresServer
) -> None:
    shared = {
        "database_url": postgres.new_database(),
        "CHAT_SECRET": "shared by both",
        "REDIS_URL": redis_server.url,
        "RATE_LIMITS": "true",
        "RATE_MESSAGES_PER_MINUTE": "4",
    }
    one, two = chat_with(**shared), chat_with(**shared)
    with one.client() as first, two.client() as second:
        visitor = Visitor(first)
        headers = visitor.headers
        for turn in range(2):
            visitor.say(f"question {turn}")
            body = {"text": f"question {turn} again"}
            answer = second.post("/api/v1/messages", json=body, headers=headers)
            assert answer.status_code == 200
        body = {"text": "one more"}
        refused = [
            each.post("/api/v1/messages", json=body, headers=headers) for each in (first, second)
        ]
        assert [answer.status_code for answer in refused] == [429, 429]
        elsewhere = second.get("/api/v1/messages", headers=headers).json()["messages"]
        assert visitor.history() == elsewhere and len(elsewhere) == 9
