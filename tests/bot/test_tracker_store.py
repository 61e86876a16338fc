from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from rasa.utils.endpoints import EndpointConfig

from components import tracker_store
from components.tracker_store import BoundedTrackerStore
from components.turn import observed_turn
from tests.bot.conftest import ROOT
from tests.postgres import PostgresServer

TURNS = 8
SLOTS = [
    TextSlot(name, mappings=[{}], influence_conversation=False) for name in ("treatment", "topic")
]


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
def store(domain: Domain, own_var_dir: Path) -> Iterator[BoundedTrackerStore]:
    made = BoundedTrackerStore(domain)
    yield made
    made.close()


def turn(number: int, treatment: str | None = None) -> list[Event]:
    named = [] if treatment is None else [{"entity": "treatment", "value": treatment}]
    intent = {"name": "side_effects", "confidence": 0.9}
    parsed = {"intent": intent, "entities": named, "intent_ranking": [intent] * 10}
    return [
        UserUttered(f"message {number}", intent, named, parsed, timestamp=float(number)),
        *([SlotSet("treatment", treatment)] if treatment else []),
        ActionExecuted("utter_side_effects"),
        BotUttered(f"answer {number}", metadata={"utter_action": "utter_side_effects"}),
        ActionExecuted("action_listen"),
    ]


def tracker(turns: int, first_treatment: str | None = None) -> DialogueStateTracker:
    events: list[Event] = [
        ActionExecuted("action_session_start", timestamp=0.5),
        SessionStarted(timestamp=0.5),
        ActionExecuted("action_listen", timestamp=0.5),
    ]
    for number in range(1, turns + 1):
        events += turn(number, first_treatment if number == 1 else None)
    return DialogueStateTracker.from_events("someone", events, SLOTS)


def files_of(folder: Path) -> list[tuple[str, bytes]]:
    found = [(path.name, path.read_bytes()) for path in folder.glob("tracker.db*")]
    assert found
    return found


async def test_what_is_saved_comes_back(store: BoundedTrackerStore) -> None:
    await store.save(tracker(3, "siponimod"))
    found = await store.retrieve("someone")
    assert found is not None
    assert [e.text for e in found.events if isinstance(e, UserUttered)] == [
        "message 1",
        "message 2",
        "message 3",
    ]
    assert found.get_slot("treatment") == "siponimod"
    assert await store.retrieve("someone else") is None


async def test_turn_200_is_no_longer_than_turn_8(store: BoundedTrackerStore) -> None:
    await store.save(tracker(TURNS, "siponimod"))
    eighth = await store.retrieve("someone")
    await store.save(tracker(200, "siponimod"))
    late = await store.retrieve("someone")
    assert eighth is not None
    assert late is not None
    assert [e.text for e in late.events if isinstance(e, UserUttered)] == [
        f"message {number}" for number in range(193, 201)
    ]
    assert len(late.events) <= len(eighth.events) + 2
    # The slot was set in the first turn, which is gone
    assert late.get_slot("treatment") == "siponimod"
    assert late.get_slot("topic") is None
    assert isinstance(late.events[1], SessionStarted)
    assert late.latest_action_name == "action_listen"


async def test_bounding_again_and_again_keeps_slots(store: BoundedTrackerStore) -> None:
    await store.save(tracker(1, "siponimod"))
    for number in range(2, 40):
        found = await store.retrieve("someone")
        assert found is not None
        found.update_with_events(turn(number), store.domain)
        await store.save(found)
    found = await store.retrieve("someone")
    assert found is not None
    assert found.get_slot("treatment") == "siponimod"
    assert sum(isinstance(event, UserUttered) for event in found.events) == TURNS
    assert sum(isinstance(event, SessionStarted) for event in found.events) == 1


async def test_only_the_last_message_keeps_its_ranking(store: BoundedTrackerStore) -> None:
    await store.save(tracker(3))
    found = await store.retrieve("someone")
    assert found is not None
    messages = [event for event in found.events if isinstance(event, UserUttered)]
    assert ["intent_ranking" in message.parse_data for message in messages] == [
        False,
        False,
        True,
    ]


async def test_a_restarted_bot_goes_on(domain: Domain, own_var_dir: Path) -> None:
    before = BoundedTrackerStore(domain)
    await before.save(tracker(2, "ocrelizumab"))
    before.close()
    after = BoundedTrackerStore(domain)
    found = await after.retrieve("someone")
    after.close()
    assert found is not None
    assert found.get_slot("treatment") == "ocrelizumab"


async def test_one_row_a_conversation(store: BoundedTrackerStore, own_var_dir: Path) -> None:
    for turns in (1, 2, 3):
        await store.save(tracker(turns))
    with sqlite3.connect(own_var_dir / "tracker.db") as database:
        assert database.execute("select count(*) from conversation_state").fetchone() == (1,)
    database.close()
    assert list(await store.keys()) == ["someone"]


async def test_a_conversation_without_a_message_is_not_stored(store: BoundedTrackerStore) -> None:
    created = await store.get_or_create_tracker("someone", append_action_listen=False)
    assert not created.events
    await store.save(created)
    assert list(await store.keys()) == []


async def test_erased_without_a_trace(store: BoundedTrackerStore, own_var_dir: Path) -> None:
    await store.save(tracker(2))
    assert await store.delete("someone") is True
    assert await store.delete("someone") is False
    assert await store.retrieve("someone") is None
    store.close()
    assert not [name for name, content in files_of(own_var_dir) if b"message 1" in content]


async def test_expired_conversations_are_gone(
    store: BoundedTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.save(tracker(2))
    now = time.time()
    monkeypatch.setattr("components.tracker_store.time.time", lambda: now + 25 * 3600)
    assert await store.retrieve("someone") is None
    assert list(await store.keys()) == []
    assert await store.purge() == 1
    monkeypatch.undo()
    assert await store.retrieve("someone") is None


async def test_writing_purges_now_and_then(
    domain: Domain, own_var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_store, "PURGE_EVERY_SECONDS", 0.0)
    store = BoundedTrackerStore(domain, hours=1)
    await store.save(tracker(1))
    now = time.time()
    monkeypatch.setattr("components.tracker_store.time.time", lambda: now + 2 * 3600)
    other = tracker(1)
    other.sender_id = "someone else"
    await store.save(other)
    monkeypatch.undo()
    assert list(await store.keys()) == ["someone else"]
    store.close()


async def test_settings_bound_turns(
    domain: Domain, own_var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_TURNS", "2")
    store = BoundedTrackerStore(domain)
    await store.save(tracker(5))
    found = await store.retrieve("someone")
    store.close()
    assert found is not None
    assert sum(isinstance(event, UserUttered) for event in found.events) == 2


async def test_statements_run_off_the_event_loop(
    store: BoundedTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = store._read

    def slow(sender: str) -> Any:
        time.sleep(0.2)
        return read(sender)

    monkeypatch.setattr(store, "_read", slow)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await store.retrieve("someone")
    ticking.cancel()
    assert ticks >= 5


async def test_a_database_that_fails_costs_nobody_the_answer(
    store: BoundedTrackerStore, caplog: pytest.LogCaptureFixture
) -> None:
    with store._engine.begin() as connection:
        connection.execute(sa.text("drop table conversation_state"))
    await store.save(tracker(1))
    assert "could not be saved" in caplog.text
    assert "message 1" not in caplog.text


async def test_rasa_makes_it_from_endpoints_yml(domain: Domain, own_var_dir: Path) -> None:
    made = TrackerStore.create(
        EndpointConfig(type="components.tracker_store.BoundedTrackerStore"), domain
    )
    assert isinstance(made, BoundedTrackerStore)
    agent = Agent(domain=domain, tracker_store=made)
    assert await agent.tracker_store.retrieve("nobody") is None
    made.close()


def test_an_unusable_address_is_named(domain: Domain) -> None:
    with pytest.raises(ConnectionException, match="TRACKER_DATABASE_URL"):
        BoundedTrackerStore(domain, url="sqlite:////proc/nowhere/tracker.db")


async def test_the_turn_is_reported_to_its_observer(store: BoundedTrackerStore) -> None:
    with observed_turn() as observed:
        await store.save(tracker(3, "siponimod"))
    assert [action.action_name for action in observed.actions()] == ["utter_side_effects"]
    assert observed.slots["treatment"] == "siponimod"


async def test_postgresql(domain: Domain, postgres: PostgresServer) -> None:
    store = BoundedTrackerStore(domain, url=postgres.new_database())
    await store.save(tracker(2, "siponimod"))
    await store.save(tracker(12, "siponimod"))
    found = await store.retrieve("someone")
    assert found is not None
    assert found.get_slot("treatment") == "siponimod"
    assert await store.delete("someone") is True
    store.close()
