"""A tracker store whose conversations stay small: one row each, in SQLite or PostgreSQL.

A row holds the session start, the slots and the last few turns, so that the two hundredth turn of
a conversation costs what the fifth costs, and a restarted bot goes on where it was. The lasting
record of what was said is the website's own store, not this one.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from sqlalchemy.dialects import postgresql, sqlite

import settings
from components import turn
from components.recent_turns import recent_turns

Result = TypeVar("Result")

# Between two purges of expired rows
PURGE_EVERY_SECONDS = 600.0
POSTGRESQL_CONNECTIONS = 4
# Any number will do, as long as every bot takes the same
POSTGRES_LOCK = 0x5350_4D54

_log = logging.getLogger(__name__)

_tables = sa.MetaData()
CONVERSATIONS = sa.Table(
    "conversation_state",
    _tables,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("saved_at", sa.Float, nullable=False, index=True),  # seconds since 1970
)

# Made once: making a statement takes longer than SQLite takes to run it
_READ = sa.select(CONVERSATIONS.c.events).where(
    CONVERSATIONS.c.conversation == sa.bindparam("conversation"),
    CONVERSATIONS.c.saved_at >= sa.bindparam("oldest"),
)


class BoundedTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Keeps dialogue state in a database, bounded in size and time.

    Every statement runs in a thread, off the event loop that answers the other visitors.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        host: str | None = None,
        url: str | None = None,
        turns: int | None = None,
        hours: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Open the database.

        Args:
            domain: Rasa's, for slots and their initial values.
            event_broker: Rasa's; events are published to it as in the other stores.
            host: what Rasa calls the `url` of endpoints.yml; used when `url` is not given.
            url: SQLAlchemy address; setting TRACKER_DATABASE_URL when neither is given.
            turns: turns kept; setting TRACKER_TURNS when not given.
            hours: hours after the last message a conversation is forgotten; setting
                CONVERSATION_HOURS when not given.
            **kwargs: other fields of endpoints.yml.

        Raises:
            ConnectionException: the database cannot be opened; the message says which.
        """
        super().__init__(domain, event_broker, **kwargs)
        values = settings.load()
        self._turns = values.tracker_turns if turns is None else turns
        self._lifetime = 3600.0 * (values.conversation_hours if hours is None else hours)
        address = url or host or values.tracker_database_url
        try:
            self._engine = _engine(address)
            _create_table(self._engine)
        except (OSError, sa.exc.SQLAlchemyError) as error:
            raise ConnectionException(
                f"The tracker store {sa.engine.make_url(address)!r} cannot be opened: {error}. "
                "Check TRACKER_DATABASE_URL, or leave it empty for an SQLite file in VAR_DIR."
            ) from error
        insert = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        self._upsert = _upsert(insert(CONVERSATIONS))
        # SQLite lets one writer in at a time: more threads would only wait for each other
        threads = 1 if self._engine.dialect.name == "sqlite" else POSTGRESQL_CONNECTIONS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="tracker-store")
        self._purged_at = 0.0

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def create_tracker(
        self, sender_id: str, append_action_listen: bool = True
    ) -> DialogueStateTracker:
        """Return a new tracker. It is stored with its first turn, not before."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the bounded tracker in place of what was stored.

        A failure of the database is logged: the visitor still gets the answer, and the next turn
        goes on from what was stored last.
        """
        if not tracker.events:
            return
        turn.report(tracker)
        await self.stream_events(tracker)
        events = json.dumps([event.as_dict() for event in self.bounded(list(tracker.events))])
        try:
            await self._in_thread(lambda: self._write(tracker.sender_id, events))
        except sa.exc.SQLAlchemyError as error:
            _log.error("the dialogue state could not be saved: %s", error)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the stored tracker, None when there is none or it has expired.

        Within a turn that is observed it is read once.
        """
        known = turn.tracker_of(sender_id)
        if known is not None:
            return known
        stored = await self._in_thread(lambda: self._read(sender_id))
        if stored is None:
            return None
        events = [_event_class(each["event"])._from_parameters(each) for each in json.loads(stored)]
        tracker = DialogueStateTracker.from_events(
            sender_id, turn.before_repeat(events), self.domain.slots, self.max_event_history
        )
        turn.keep(tracker)
        return tracker

    async def delete(self, sender_id: str) -> bool:
        """Erase a conversation; return whether there was one."""
        return await self._in_thread(lambda: self._delete(sender_id))

    async def purge(self) -> int:
        """Erase the expired conversations; return how many."""
        return await self._in_thread(self._purge)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that have not expired."""

        def read() -> list[str]:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    sa.select(CONVERSATIONS.c.conversation).where(
                        CONVERSATIONS.c.saved_at >= self._oldest()
                    )
                )
                return [row.conversation for row in rows]

        return await self._in_thread(read)

    def bounded(self, events: list[Event]) -> Sequence[Event]:
        """Return the events of the last turns, after a session start and the slots before them.

        The visitor's messages before the last lose their ranking, which only the action of the
        same turn reads.
        """
        messages = [event for event in events if isinstance(event, UserUttered)]
        for message in messages[:-1]:
            if message.parse_data:
                message.parse_data.pop("intent_ranking", None)
        return recent_turns(events, self._turns, self.domain.slots)

    def close(self) -> None:
        """Wait for running statements and close the connections."""
        self._threads.shutdown()
        self._engine.dispose()

    def _oldest(self) -> float:
        return time.time() - self._lifetime

    def _write(self, sender_id: str, events: str) -> None:
        values = {"conversation": sender_id, "events": events, "saved_at": time.time()}
        with self._engine.begin() as connection:
            connection.execute(self._upsert, values)
        if time.monotonic() - self._purged_at > PURGE_EVERY_SECONDS:
            self._purged_at = time.monotonic()
            self._purge()

    def _read(self, sender_id: str) -> str | None:
        with self._engine.connect() as connection:
            values = {"conversation": sender_id, "oldest": self._oldest()}
            stored: str | None = connection.execute(_READ, values).scalar()
        return stored

    def _delete(self, sender_id: str) -> bool:
        with self._engine.begin() as connection:
            done = connection.execute(
                sa.delete(CONVERSATIONS).where(CONVERSATIONS.c.conversation == sender_id)
            )
        self._erase_from_log(done.rowcount)
        return bool(done.rowcount)

    def _purge(self) -> int:
        with self._engine.begin() as connection:
            done = connection.execute(
                sa.delete(CONVERSATIONS).where(CONVERSATIONS.c.saved_at < self._oldest())
            )
        self._erase_from_log(done.rowcount)
        if done.rowcount:
            _log.info("purged %d expired conversations", done.rowcount)
        return int(done.rowcount)

    def _erase_from_log(self, rows: int) -> None:
        """After rows were deleted: SQLite's write-ahead log would hold them for a while longer."""
        if rows and self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _upsert(insert: Any) -> Any:
    new = {name: insert.excluded[name] for name in ("events", "saved_at")}
    return insert.on_conflict_do_update(index_elements=[CONVERSATIONS.c.conversation], set_=new)


@functools.cache
def _event_class(name: str) -> type[Event]:
    """Return the class of an event; Rasa looks through all its classes for every single one."""
    found: type[Event] = Event.resolve_by_type(name)
    return found


def _create_table(engine: sa.engine.Engine) -> None:
    """Make the table if it is missing; of several processes that start together one does it."""
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(POSTGRES_LOCK)))
        _tables.create_all(connection)


def _engine(address: str) -> sa.engine.Engine:
    url = sa.engine.make_url(address)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(
            url,
            pool_size=POSTGRESQL_CONNECTIONS,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,  # an error must not carry what a visitor typed into the log
            future=True,
        )
    if url.database:
        settings.ROOT.joinpath(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        # The one thread of the store may not be the one that opened the connection
        connect_args={"check_same_thread": False, "timeout": 5},
        poolclass=sa.pool.StaticPool,
        hide_parameters=True,
        future=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased leaves no bytes in the file
        cursor.close()

    return engine
