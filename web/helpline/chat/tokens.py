"""Tokens of conversations: made here, given to the visitor once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

_START = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Credentials:
    """Id and token of a new conversation."""

    public_id: str
    token: str


def new_credentials() -> Credentials:
    """Make a random id (128 bits) and token (256 bits)."""
    return Credentials(secrets.token_hex(16), secrets.token_urlsafe(32))


def hash_token(token: str) -> str:
    """Return what the store keeps of a token. A plain hash will do: a token is random enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_start() -> str:
    """Make the random value that a page without a conversation carries in a hidden field."""
    return secrets.token_urlsafe(32)


def credentials_of_start(start: str, secret: str) -> Credentials | None:
    """Derive the conversation that the first form of a page begins; None if `start` is not ours.

    A form that is sent twice (a reload) thus begins one conversation, not two, and the page needs
    neither a cookie nor a row in the store before the visitor has written something.
    """
    if not _START.fullmatch(start):
        return None
    derived = _keyed(secret, b"token", start.encode())
    public_id = _keyed(secret, b"id", start.encode())
    return Credentials(public_id[:32], derived)


def hash_body(body: Mapping[str, str], secret: str) -> str:
    """Return a keyed hash of a request's body, to tell a repeat from another request.

    Keyed, because the body may hold a phone number: a plain hash of it could be found by trying.
    """
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=True)
    return _keyed(secret, b"body", canonical.encode())


def _keyed(secret: str, purpose: bytes, value: bytes) -> str:
    return hmac.new(secret.encode(), purpose + b"\0" + value, hashlib.sha256).hexdigest()
