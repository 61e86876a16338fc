"""Rate limits that hold for all chat processes together, when there is a Redis to count in.

The counting itself is done by the library `limits`. Redis that is away costs nobody an answer: each
process then counts for itself, as it does without REDIS_URL.
"""

from __future__ import annotations

import time
from typing import Any

import structlog

from helpline.shared.limits import SlidingWindow

_log = structlog.get_logger("helpline.chat")

# A visitor is not kept waiting for Redis, and a Redis that is away is not asked at every request.
TIMEOUT_SECONDS = 1.0
PAUSE_SECONDS = 5.0


class RateLimit:
    """At most `limit` events in any `seconds`, for each key."""

    def __init__(self, name: str, limit: int, seconds: int, redis_url: str = "") -> None:
        """Count in Redis, or in memory without `redis_url`.

        Args:
            name: tells the limits of one Redis, and of the numbers in /metrics, apart.
            limit: events that are allowed.
            seconds: in how much time.
            redis_url: redis://, rediss:// or unix:// address.
        """
        self.name = name
        self._seconds = seconds
        self._own = SlidingWindow(limit, seconds)
        # A limit of 0 lets nobody in, which needs no counting
        self._shared = _Shared(name, limit, seconds, redis_url) if redis_url and limit else None
        self._away_until = 0.0

    async def wait(self, key: bytes) -> float:
        """Count an event of `key`; return 0, or the seconds to wait if it is one too many.

        An event that is refused is not counted.
        """
        if self._shared is None or time.monotonic() < self._away_until:
            return self._own.wait(key)
        try:
            return min(await self._shared.wait(key), float(self._seconds))
        except Exception as error:  # whatever its client raises: the visitor must be answered
            self._away_until = time.monotonic() + PAUSE_SECONDS
            _log.warning("limits are counted by each process", error=type(error).__name__)
            return self._own.wait(key)

    @property
    def away(self) -> bool:
        """Whether Redis did not answer when it was asked last."""
        return time.monotonic() < self._away_until

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._shared is not None:
            await self._shared.pool.aclose()


class _Shared:
    """A moving window in Redis."""

    def __init__(self, name: str, limit: int, seconds: int, redis_url: str) -> None:
        # Heavy, and only needed with Redis
        from limits import RateLimitItemPerSecond
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import MovingWindowRateLimiter
        from redis.asyncio import ConnectionPool

        self.pool = ConnectionPool.from_url(
            redis_url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        # The types of `limits` leave out the pool that its documentation offers
        pool: Any = self.pool
        storage = RedisStorage(
            f"async+{redis_url}",
            implementation="redispy",
            key_prefix="helpline",
            connection_pool=pool,
        )
        self._window = MovingWindowRateLimiter(storage)
        self._item = RateLimitItemPerSecond(limit, seconds)
        self._name = name

    async def wait(self, key: bytes) -> float:
        if await self._window.hit(self._item, self._name, key.hex()):
            return 0.0
        window = await self._window.get_window_stats(self._item, self._name, key.hex())
        return max(window.reset_time - time.time(), 0.001)
