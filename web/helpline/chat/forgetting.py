"""Takes what was erased out of the database's files too, without keeping anybody waiting.

An erasure is done when its transaction is: nobody can read or find the conversation any more.
SQLite's search index and write-ahead log still hold words of it, and taking them out takes longer
the more is stored: half a second at 200,000 messages, when the erasure itself takes 25 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from helpline.chat.errors import log_unexpected
from helpline.privacy.retention import TEXT_ERASED
from helpline.store.conversations import ERASED
from helpline.store.database import Store
from helpline.store.models import AuditEntry

# Staff, commands and other processes erase too: the audit log tells.
LOOK_EVERY_SECONDS = 30.0
# However much is erased, this work takes no more than this share of the time.
MOST_OF_THE_TIME = 0.05


class Forgetting:
    """The job that does it, soon after an erasure, and after a start for those before."""

    def __init__(self, store: Store) -> None:
        """Begin with `run`."""
        self._store = store
        self._erased = asyncio.Event()
        # Key of the newest erasure in the audit log that is out of the files
        self._forgotten = 0

    def soon(self) -> None:
        """Tell that something was erased just now."""
        self._erased.set()

    async def run(self) -> None:
        """Do it again and again, for as long as the process lives."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._erased.wait()
            self._erased.clear()
            began = time.monotonic()
            try:
                await self.forget()
            except SQLAlchemyError as error:
                log_unexpected("job failed", error)
            await asyncio.sleep(rest_after(time.monotonic() - began))

    async def forget(self) -> None:
        """Take out what was erased since the last time.

        Raises:
            SQLAlchemyError: the database cannot be used; the next time it is tried again.
        """
        newest = await self._store.read(_newest_erasure)
        if newest > self._forgotten:
            if await self._store.forget_erased():
                self._forgotten = newest


def rest_after(took: float) -> float:
    """Return how long to rest after work that took so long, both in seconds."""
    return took * (1 / MOST_OF_THE_TIME - 1)


def _newest_erasure(session: Session) -> int:
    wanted = select(func.max(AuditEntry.id)).where(AuditEntry.action.in_((ERASED, TEXT_ERASED)))
    return session.scalar(wanted) or 0
