"""Rate limits: a sliding window in memory, by a keyed hash of who asks."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime


class SlidingWindow:
    """At most `limit` events in any `seconds`, for each key."""

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow `limit` events in `seconds`; `clock` gives the time in seconds."""
        self.limit = limit
        self.seconds = seconds
        self._clock = clock
        self._events: dict[bytes, deque[float]] = {}
        self._next_sweep = clock() + seconds

    def wait(self, key: bytes) -> float:
        """Count an event of `key`; return 0, or the seconds to wait if it is one too many.

        An event that is refused is not counted, so somebody who keeps trying gets through as soon
        as there is room.
        """
        now = self._clock()
        if now >= self._next_sweep:
            self._sweep(now)
        events = self._events.setdefault(key, deque())
        while events and events[0] <= now - self.seconds:
            events.popleft()
        if len(events) >= self.limit:
            return events[0] + self.seconds - now if events else self.seconds
        events.append(now)
        return 0.0

    def _sweep(self, now: float) -> None:
        """Forget keys without a recent event, so that memory does not grow."""
        self._next_sweep = now + self.seconds
        oldest = now - self.seconds
        self._events = {
            key: events for key, events in self._events.items() if events and events[-1] > oldest
        }

    def __len__(self) -> int:
        """Return the number of keys that are remembered."""
        return len(self._events)


class AddressHasher:
    """Turns an address into a key that means nothing outside the helpline, nor tomorrow."""

    def __init__(self, secret: str | None = None) -> None:
        """Take a random key, which is gone when the process ends.

        With a `secret`, processes that share it know an address by the same key, on the same day.
        """
        self._key = secrets.token_bytes(32)
        self._secret = secret

    def _key_of_today(self) -> bytes:
        if self._secret is None:
            return self._key
        day = datetime.now(UTC).date().isoformat()
        return hashlib.blake2b(f"{day} {self._secret}".encode(), digest_size=32).digest()

    def __call__(self, address: str) -> bytes:
        """Return the key of an address; all addresses of an IPv6 /64 network share one."""
        try:
            parsed = ipaddress.ip_address(address.strip("[]"))
        except ValueError:
            network = address
        else:
            if isinstance(parsed, ipaddress.IPv6Address):
                network = str(ipaddress.ip_network((parsed, 64), strict=False))
            else:
                network = str(parsed)
        return hashlib.blake2b(network.encode(), key=self._key_of_today(), digest_size=16).digest()
