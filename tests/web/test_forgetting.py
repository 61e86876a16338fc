"""What was erased leaves the database's files too, soon after and whoever erased it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from helpline.chat import forgetting
from helpline.chat.forgetting import Forgetting
from helpline.privacy.erasure import erase_by_id
from helpline.privacy.retention import erase_batch
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.models import VISITOR, Conversation, Message
from tests.factories import fill

WORD = "xylophonist"


class CountingStore(Store):
    """A store that counts how often its files were made to forget, and may fail to at first."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.runs = 0
        self.fails = 0
        self.done = asyncio.Event()

    async def forget_erased(self) -> bool:
        self.runs += 1
        done = await super().forget_erased()
        self.done.set()
        return done and self.runs > self.fails


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CountingStore]:
    """Forty conversations; a visitor of the seventh has written WORD, long ago."""
    own = CountingStore(f"sqlite:///{tmp_path / 'own.db'}")
    upgrade(own.engine)
    fill(own.engine, 40, turns=[3])
    mine = (Message.conversation_id == 7, Message.author == VISITOR)
    own.write_now(lambda s: s.execute(update(Message).where(*mine).values(text=WORD)))
    own.write_now(
        lambda s: s.execute(update(Message).where(*mine).values(at=utc_now() - timedelta(days=400)))
    )
    own.forget_erased_now()
    yield own
    own.close()


def is_on_disk(folder: Path) -> bool:
    return any(WORD.encode() in path.read_bytes() for path in folder.iterdir())


def erase(session: Session) -> None:
    public_id = session.get_one(Conversation, 7).public_id
    assert erase_by_id(session, public_id, "a reviewer")


def test_an_erasure_of_another_process_is_seen(store: CountingStore, tmp_path: Path) -> None:
    job = Forgetting(store)
    asyncio.run(job.forget())
    assert store.runs == 0, "nothing was ever erased"
    other = Store(str(store.engine.url))
    other.write_now(erase)
    other.close()
    assert is_on_disk(tmp_path), "or this test would show nothing"
    asyncio.run(job.forget())
    assert not is_on_disk(tmp_path)
    asyncio.run(job.forget())
    assert store.runs == 1, "there is nothing new to forget"


def test_what_retention_erased_is_seen(store: CountingStore, tmp_path: Path) -> None:
    store.write_now(erase_batch, 365, 24)
    asyncio.run(Forgetting(store).forget())
    assert not is_on_disk(tmp_path)


def test_it_is_tried_again_until_it_is_done(store: CountingStore) -> None:
    store.fails = 1
    store.write_now(erase)
    job = Forgetting(store)
    for runs in (1, 2, 2):
        asyncio.run(job.forget())
        assert store.runs == runs


def test_it_begins_soon_after_and_with_a_start(
    store: CountingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LOOK_EVERY_SECONDS", 3600)

    async def run() -> None:
        job = Forgetting(store)
        running = asyncio.create_task(job.run())
        await store.write(erase)
        job.soon()
        await store.done.wait()
        assert not is_on_disk(tmp_path)
        running.cancel()
        # A process that died in between: the next one looks by itself
        store.done.clear()
        monkeypatch.setattr(forgetting, "LOOK_EVERY_SECONDS", 0.01)
        running = asyncio.create_task(Forgetting(store).run())
        await store.done.wait()
        running.cancel()

    asyncio.run(run())


def test_visitors_have_the_database_most_of_the_time() -> None:
    for took in (0.01, 2.0):
        assert took / (took + forgetting.rest_after(took)) == pytest.approx(0.05)
