"""Slows down guessing of passwords. Lives in memory only: no address reaches the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from helpline.shared.limits import AddressHasher, SlidingWindow

ACCOUNT_ATTEMPTS, ACCOUNT_SECONDS = 5, 300
ADDRESS_ATTEMPTS, ADDRESS_SECONDS = 30, 600


class _Attempts(SlidingWindow):
    """A sliding window that can be told which of its events were not failures."""

    def forget(self, key: bytes) -> None:
        """Forget every event of `key`."""
        self._events.pop(key, None)

    def forget_last(self, key: bytes) -> None:
        """Forget the last event of `key`."""
        if self._events.get(key):
            self._events[key].pop()


class SignInThrottle:
    """Failed attempts for each account and for each address.

    Anyone can use up the attempts of an account. Its owner is not locked out by that: a browser
    that signed in before holds a device token and has attempts of its own
    (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
    """

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without any attempts; `secret` signs the device tokens."""
        self._secret = secret.encode()
        self._hash_address = AddressHasher()
        self._accounts = _Attempts(ACCOUNT_ATTEMPTS, ACCOUNT_SECONDS, clock)
        self._addresses = _Attempts(ADDRESS_ATTEMPTS, ADDRESS_SECONDS, clock)

    def begin(self, name: str, address: str, device: str | None) -> float:
        """Count an attempt to sign in and return 0, or the seconds to wait before the next.

        The name need not be that of an account: all names are treated alike.
        """
        address_key = self._hash_address(address)
        wait = self._addresses.wait(address_key)
        if wait:
            return wait
        wait = self._accounts.wait(self._account_key(name, device))
        if wait:
            # Refused before any password was looked at.
            self._addresses.forget_last(address_key)
        return wait

    def succeeded(self, name: str, address: str, device: str | None) -> None:
        """Forget the failures of an account whose owner has just proved to be there."""
        self._accounts.forget(self._account_key(name, device))
        self._addresses.forget_last(self._hash_address(address))

    def new_device(self, name: str) -> str:
        """Make the token of a browser that `name` has signed in with."""
        nonce = secrets.token_urlsafe(18)
        return f"{nonce}.{self._sign(name, nonce)}"

    def is_device(self, name: str, device: str | None) -> bool:
        """Say whether a token was made here for `name`."""
        nonce, _, signature = (device or "").partition(".")
        expected = self._sign(name, nonce).encode()
        return bool(nonce) and hmac.compare_digest(
            signature.encode("utf-8", "surrogatepass"), expected
        )

    def _account_key(self, name: str, device: str | None) -> bytes:
        key = f"device {device}" if self.is_device(name, device) else f"account {name}"
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()

    def _sign(self, name: str, nonce: str) -> str:
        content = f"{nonce} {name}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()
