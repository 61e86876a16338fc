"""Random requests of visitors: valid, odd and hostile. The same seed makes the same requests."""

from __future__ import annotations

import dataclasses
import json
import random
from typing import Any

QUESTIONS = (
    "what is spms",
    "how is secondary progressive ms different from relapsing ms",
    "what did the betaseron trials show",
    "which treatments are there",
    "is siponimod for me",
    "my legs are so heavy today",
    "how do I pay for mayzent",
    "can I talk to a real person",
    "where does this come from",
    "thanks",
    "yes",
    "no",
    "I want to kill myself",
    "I can't breathe",
    "my husband hits me",
    "¿qué es la esclerosis múltiple?",
    "call me at 212-555-0187, I am Jo Planted",
)
HOSTILE = (
    "'; DROP TABLE message; --",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "{{7*7}} ${7*7} %s %n {0} {treatment}",
    "/restart",
    '/contact_navigator_support{"treatment":"x"}',
    '/crisis{"x":',
    "//back",
    "../../etc/passwd\x00.txt",
    "() { :; }; echo vulnerable",
    "\ud800 \udfff",
    "\u202e\u200b\u2066 hidden",
    "A\u0301" * 300,
    "ﷺ" * 300,
    "z" + "\u0336" * 900,
    "((((((((((" * 90 + "a+" * 40,
    "[phone number] [name]",
    "=cmd|' /C calc'!A0",
    "\r\nSet-Cookie: a=b\r\n\r\n",
    "I want to die " * 70,
    "1" * 1000,
    "a@" * 500,
    "- " * 500,
    "👩🏽‍🦽" * 120,
)
# Where random letters come from: Latin, marks, Arabic, Hangul, emoji, private use, controls.
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz     ",
    "".join(map(chr, range(32, 127))),
    "".join(map(chr, range(0x300, 0x340))) + "aeiou ",
    "".join(map(chr, range(0x600, 0x640))) + " ",
    "".join(map(chr, range(0xAC00, 0xAC40))),
    "".join(map(chr, range(0x1F600, 0x1F640))),
    "".join(map(chr, range(0xE000, 0xE020))) + "".join(map(chr, range(0, 32))),
)
WRONG_BODIES: tuple[Any, ...] = (
    {},
    [],
    None,
    5,
    "text",
    {"text": None},
    {"text": 5},
    {"text": []},
    {"text": {"$gt": ""}},
    {"text": "a", "choice": "b"},
    {"choice": "no-such-choice"},
    {"choice": {"intent": "crisis"}},
    {"choice": None},
    {"text": "a", "extra": 1},
    {"text": ""},
    {"text": "x" * 1001},
    {"text": "x" * 30_000},
)
WRONG_BYTES = (
    b"",
    b"{",
    b"\xff\xfe\x00",
    b'{"text": NaN}',
    b"[" * 20_000,
    b'{"text": "\\ud800"}',
    b'{"text": "a", "text": "b"}',
    b'{"text": 1e999}',
    b'{"text": "' + b"x" * 70_000 + b'"}',
)


@dataclasses.dataclass(frozen=True)
class Call:
    """One request: what it does, and the body or key it brings."""

    sort: str
    method: str
    path: str
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


def _misspelt(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice(
            ("", letters[at] * 2, rng.choice("abcdefgh "), letters[at].upper())
        )
        if not any(letters):
            return text
    return "".join(letters)


def text_of(rng: random.Random) -> str:
    """Return something a visitor may type, of any sort."""
    sort = rng.random()
    if sort < 0.35:
        return rng.choice(QUESTIONS)
    if sort < 0.55:
        return _misspelt(rng.choice(QUESTIONS), rng)
    if sort < 0.65:
        return " ".join(rng.choice(QUESTIONS) for _ in range(rng.randint(2, 6)))
    if sort < 0.80:
        return rng.choice(HOSTILE)
    alphabet = rng.choice(ALPHABETS)
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 1100)))


def call(rng: random.Random, choices: list[str], messages: list[str]) -> Call:
    """Return a visitor's next request.

    Args:
        rng: the chance.
        choices: ids of choices that the conversation offers.
        messages: ids of the bot's messages so far.
    """
    sort = rng.random()
    post = ("POST", "/api/v1/messages")
    if sort < 0.70:
        return Call("text", *post, _json({"text": text_of(rng)}), _key(rng))
    if sort < 0.80 and choices:
        return Call("choice", *post, _json({"choice": rng.choice(choices)}), _key(rng))
    if sort < 0.86:
        return Call("wrong body", *post, _json(rng.choice(WRONG_BODIES)))
    if sort < 0.90:
        return Call("wrong bytes", *post, rng.choice(WRONG_BYTES))
    if sort < 0.94 and messages:
        rating = {"message_id": rng.choice(messages), "helpful": rng.random() < 0.5}
        if rng.random() < 0.5:
            rating["comment"] = text_of(rng)
        return Call("rating", "POST", "/api/v1/feedback", _json(rating))
    if sort < 0.97:
        return Call("history", "GET", "/api/v1/messages")
    wrong = (("Authorization", "Bearer " + "".join(rng.choices("abc-_/é", k=43))),)
    return Call("wrong token", *post, _json({"text": "hello"}), wrong)


def _key(rng: random.Random) -> tuple[tuple[str, str], ...]:
    if rng.random() < 0.5:
        return ()
    # Few keys, so that repeats and the same key for another body happen.
    return (("Idempotency-Key", f"key-{rng.randrange(6)}"),)


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
