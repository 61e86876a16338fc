"""Passwords of staff: how they are made, checked and kept (argon2id)."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
# Far above any pass phrase; keeps the work of one hash bounded.
LONGEST = 256

# No characters that look alike; lower case, so that it can be read out and typed with one hand.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 5, 4

_hasher = PasswordHasher()
# One hash takes 64 MiB for a moment: never several at once.
_one_at_a_time = asyncio.Semaphore(1)
# Checked instead of a hash that does not exist, so that an unknown name takes as long as a known.
_NOBODY = _hasher.hash(secrets.token_urlsafe(32))


def generate() -> str:
    """Make a random password of 99 bits, such as "k7wm-p3xd-9fhr-bq2t-vn6c"."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP_LENGTH)]
    return "-".join(
        "".join(letters[start : start + _GROUP_LENGTH])
        for start in range(0, len(letters), _GROUP_LENGTH)
    )


def problem_with(password: str, name: str) -> str | None:
    """Say in one sentence what is wrong with a new password, or None."""
    if len(password) < SHORTEST:
        return (
            f"The password is too short: use at least {SHORTEST} characters, a few words will do."
        )
    if len(password) > LONGEST:
        return f"The password is too long: use at most {LONGEST} characters."
    if name and name in password.casefold():
        return "The password holds your name: choose one that does not."
    if len(set(password)) < 5:
        return "The password repeats too few characters: choose one that is harder to guess."
    return None


def hash_password(password: str) -> str:
    """Return what the database keeps of a password; takes about 50 ms of one core."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Check a password; with None it takes the same time and is never right."""
    if len(password) > LONGEST:
        password, password_hash = "", None
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


async def matches_soon(password_hash: str | None, password: str) -> bool:
    """Do what `matches` does without holding up other requests."""
    async with _one_at_a_time:
        return await asyncio.to_thread(matches, password_hash, password)


async def hash_soon(password: str) -> str:
    """Do what `hash_password` does without holding up other requests."""
    async with _one_at_a_time:
        return await asyncio.to_thread(hash_password, password)
