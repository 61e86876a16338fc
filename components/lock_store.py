"""One message of a conversation at a time, also when several bot processes share the work.

Rasa's own lock in Redis looks again once a second, blocks the event loop while it asks, and keeps a
conversation locked for a minute when the bot that worked on it was killed. The lock of redis-py is
atomic, waits off the loop and ends by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

import settings

# No turn takes longer: the chat process gives up after BOT_TIMEOUT_SECONDS (8 by default).
LOCK_SECONDS = 10.0
# A bot that was killed leaves its lock; the visitor who writes again is not kept waiting for it.
WAIT_SECONDS = 3.0
LOOK_AGAIN_SECONDS = 0.02
TIMEOUT_SECONDS = 1.0
# A Redis that is away is not asked at every message.
PAUSE_SECONDS = 5.0
KEY_PREFIX = "helpline:conversation:"

_log = logging.getLogger(__name__)


class ConversationLockStore(LockStore):
    """Locks conversations in this process, and in Redis too when REDIS_URL names one.

    Redis that is away, or a lock that stays taken for WAIT_SECONDS, delays a message and never
    loses it: the chat process sends one message of a conversation at a time anyway.
    """

    def __init__(
        self, endpoint_config: EndpointConfig | None = None, redis_url: str | None = None
    ) -> None:
        """Open no connection yet; `redis_url` stands in for REDIS_URL in tests."""
        super().__init__()
        address = settings.load().redis_url if redis_url is None else redis_url
        self._redis = (
            redis.asyncio.Redis.from_url(
                address, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
            )
            if address
            else None
        )
        self._own: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._away_until = 0.0

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_SECONDS,
        wait_time_in_seconds: float = LOOK_AGAIN_SECONDS,
    ) -> AsyncGenerator[TicketLock, None]:
        """Keep others away from a conversation until the block ends."""
        lock = self._own.setdefault(conversation_id, asyncio.Lock())
        async with lock, self._shared(conversation_id):
            yield TicketLock(conversation_id)

    @asynccontextmanager
    async def _shared(self, conversation_id: str) -> AsyncIterator[None]:
        if self._redis is None or time.monotonic() < self._away_until:
            yield
            return
        lock = self._redis.lock(
            KEY_PREFIX + conversation_id,
            timeout=LOCK_SECONDS,
            sleep=LOOK_AGAIN_SECONDS,
            blocking_timeout=WAIT_SECONDS,
        )
        taken = await self._take(lock)
        try:
            yield
        finally:
            if taken:
                # Released or run out meanwhile: nobody is kept waiting either way
                with contextlib.suppress(RedisError, LockError, OSError, TimeoutError):
                    await lock.release()

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.close(close_connection_pool=True)

    async def _take(self, lock: Lock) -> bool:
        try:
            if await lock.acquire():
                return True
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            _log.warning("conversations are locked in this process only: %s", type(error).__name__)
            return False
        _log.warning("a conversation stayed locked for %s s, going on without", WAIT_SECONDS)
        return False
