"""Runs the store's transactions in threads, away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as DatabaseTooSlow
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from helpline.store.engine import POOL_SIZE, open_engine
from helpline.store.migrate import upgrade

# Pages of the search index merged at a time, which takes some 50 ms.
MERGED_PAGES = 150

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Store:
    """The one database. Each call is one transaction of one function, in a thread of its own.

    A function either commits as a whole or leaves nothing, also when the request that started it
    is cancelled: the thread ends what it began.
    """

    def __init__(self, database_url: str, *, wait_seconds: float | None = None) -> None:
        """Make the engine; no connection is opened yet.

        Args:
            database_url: DATABASE_URL.
            wait_seconds: longest wait of `read` and `write`; None: as long as it takes.

        Raises:
            ValueError: the address names a database that the helpline does not use.
        """
        self.engine = open_engine(database_url)
        self._wait_seconds = wait_seconds
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        # SQLite lets one connection write at a time: a queue of ours is fairer than its waiting.
        self._writers = ThreadPoolExecutor(
            1 if self._is_sqlite else POOL_SIZE // 2, thread_name_prefix="store-write"
        )
        self._readers = ThreadPoolExecutor(POOL_SIZE // 2, thread_name_prefix="store-read")
        self._for_writing = self.engine.execution_options(writes=True)

    async def write(
        self,
        function: Callable[Concatenate[Session, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function(session, ...)` in one transaction that may write.

        Raises:
            SQLAlchemyError: the database cannot be used; nothing was written, unless it was too
                slow (`sqlalchemy.exc.TimeoutError`): then it may still come to its end.
        """
        work = partial(self.write_now, function, *args, **kwargs)
        return await self._in_thread(self._writers, work)

    async def read(
        self,
        function: Callable[Concatenate[Session, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Run `function(session, ...)` in one transaction that only reads.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        work = partial(self.read_now, function, *args, **kwargs)
        return await self._in_thread(self._readers, work)

    async def _in_thread(self, pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        waiting = asyncio.get_running_loop().run_in_executor(pool, work)
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await waiting
        except TimeoutError:
            raise DatabaseTooSlow("the database did not answer in time") from None

    def write_now(
        self,
        function: Callable[Concatenate[Session, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Do what `write` does in the calling thread, for commands and tests."""
        with Session(self._for_writing, expire_on_commit=False) as session, session.begin():
            return function(session, *args, **kwargs)

    def read_now(
        self,
        function: Callable[Concatenate[Session, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Do what `read` does in the calling thread."""
        with Session(self.engine, expire_on_commit=False) as session:
            return function(session, *args, **kwargs)

    async def migrate(self) -> bool:
        """Bring the tables up to date; return whether there was anything to do."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, upgrade, self.engine)

    async def ping(self) -> None:
        """Ask the database for nothing.

        Raises:
            SQLAlchemyError: it does not answer.
        """
        await self.read(lambda session: session.execute(text("SELECT 1")).scalar_one())

    def connections_in_use(self) -> int:
        """Return how many connections of the pool are at work."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    async def forget_erased(self) -> bool:
        """Take what was erased out of SQLite's search index and write-ahead log too.

        The index keeps words of what was erased until its parts are merged, the log keeps old
        pages until it is written back; PostgreSQL does both by itself. Returns whether it is done:
        somebody who read all the while can keep the log from being written back.
        """
        if self._is_sqlite:
            loop = asyncio.get_running_loop()
            # Step by step: a visitor's message may be waiting to be stored.
            begin = True
            while await loop.run_in_executor(self._writers, self._merge_search_index, begin):
                begin = False
            return await loop.run_in_executor(self._writers, self._write_back_log)
        return True

    def forget_erased_now(self) -> None:
        """Do what `forget_erased` does in the calling thread."""
        if self._is_sqlite:
            begin = True
            while self._merge_search_index(begin):
                begin = False
            self._write_back_log()

    def _merge_search_index(self, begin: bool) -> bool:
        """Merge a little of the search index; return whether there is more to do."""
        connection = self.engine.raw_connection()
        try:
            sqlite = connection.driver_connection
            assert sqlite is not None  # noqa: S101  (for the type checker)
            before = sqlite.total_changes
            # A negative number of pages begins to merge all parts into one (FTS5, 6.8).
            sqlite.execute(
                "INSERT INTO message_search (message_search, rank) VALUES ('merge', ?)",
                (-MERGED_PAGES if begin else MERGED_PAGES,),
            )
            # Less than two changes: nothing was done.
            more: bool = sqlite.total_changes - before >= 2
        finally:
            connection.close()
        return more

    def _write_back_log(self) -> bool:
        connection = self.engine.raw_connection()  # a checkpoint cannot run inside a transaction
        try:
            row = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        busy: int = row[0]
        return not busy

    def close(self) -> None:
        """Wait for running transactions and close every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()
