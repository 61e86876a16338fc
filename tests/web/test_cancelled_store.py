"""Who is cancelled while the store works for them ends, whenever it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpline.store.database import Store


class HeldBack(ThreadPoolExecutor):
    """Does what it is asked, and tells of it when the test says so."""

    def __init__(self) -> None:
        super().__init__(1)
        self.told: Future[Any] = Future()

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.told.set_running_or_notify_cancel()
        return self.told


def nothing(_session: Session) -> None:
    """Write nothing."""


@pytest.mark.parametrize("turns_of_the_loop", [0, 1, 2])
def test_in_the_moment_in_which_the_store_is_done(tmp_path: Path, turns_of_the_loop: int) -> None:
    """Whoever asks the store again and again would otherwise never end, and be waited for."""
    store = Store(f"sqlite:///{tmp_path / 'helpline.db'}", wait_seconds=60)
    pool = HeldBack()
    store._writers = pool
    again = False

    async def ask() -> None:
        nonlocal again
        await store.write(nothing)
        await asyncio.sleep(0)
        again = True

    async def run() -> None:
        asking = asyncio.create_task(ask())
        await asyncio.sleep(0)
        pool.told.set_result(None)
        for _ in range(turns_of_the_loop):
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(run())
    store.close()
    assert not again
