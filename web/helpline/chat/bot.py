"""Asks the bot over loopback, and checks what comes back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from content.message import KINDS
from helpline.chat import request_ids

# Larger than any answer by far; a bot gone wild cannot fill our memory.
LARGEST_ANSWER = 1_000_000
# The bot closes idle connections after 5 seconds; a message must not meet one that is closing.
KEEP_ALIVE_SECONDS = 3
STATUS_TIMEOUT_SECONDS = 1.0
# nginx leaves a bot out after it was away, until its clock of whole seconds is more than
# `fail_timeout` (1 s) further: for up to two seconds. While operators restart one bot after the
# other, it may for so long have none to ask, though one has just come back.
NO_BOT = 502
NO_BOT_PAUSES_SECONDS = (0.2, 0.4, 0.7, 1.0)
ERASE_TIMEOUT_SECONDS = 2.0


class BotError(Exception):
    """The bot gave no answer that can be used.

    `reason` is one of "refused", "timeout", "status", "broken".
    """

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class BotAnswer:
    """Messages as `content.message.Message`, and how the visitor's message was understood."""

    messages: list[dict[str, Any]]
    understanding: Mapping[str, Any]


@dataclass(frozen=True)
class BotStatus:
    """Whether the bot can answer, and with which model."""

    ready: bool
    model: str | None = None


class BotClient:
    """Speaks with the bot's channel (`/webhooks/helpline`). Open it inside the event loop."""

    def __init__(self, url: str, secret: str, timeout_seconds: float) -> None:
        """Open a pool of connections.

        Args:
            url: address of the bot, without a slash at the end.
            secret: shared with the bot.
            timeout_seconds: longest wait for an answer.
        """
        self._channel = f"{url}/webhooks/helpline"
        self._timeout = timeout_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=KEEP_ALIVE_SECONDS),
            headers={"Authorization": f"Bearer {secret}"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    def move_to(self, url: str) -> None:
        """Ask another bot from the next request on; those under way end where they began."""
        self._channel = f"{url}/webhooks/helpline"

    async def ask(
        self,
        conversation: str,
        *,
        text: str | None = None,
        payload: Mapping[str, Any] | None = None,
        turn: int | None = None,
        timeout_seconds: float | None = None,
    ) -> BotAnswer:
        """Hand the bot a typed text or the payload of a choice, and return its answer.

        `turn` tells a message that comes again: whatever the bot knew of it counts for nothing.

        Raises:
            BotError: it is down, too slow, or answers something else than agreed.
        """
        body: dict[str, Any] = {"conversation": conversation}
        if payload is not None:
            body["payload"] = payload
        else:
            body["text"] = text
        timeout = self._timeout
        if timeout_seconds is not None:
            timeout = min(timeout, timeout_seconds)
        headers = {} if turn is None else {"Idempotency-Key": str(turn)}
        give_up = time.monotonic() + timeout
        status, answer = await self._request("POST", "/messages", timeout, body, headers)
        for pause in NO_BOT_PAUSES_SECONDS:
            left = give_up - time.monotonic() - pause
            # Without its number, a message that comes again would count as another
            if status != NO_BOT or turn is None or left <= 0:
                break
            await asyncio.sleep(pause)
            status, answer = await self._request("POST", "/messages", left, body, headers)
        if status != 200:
            raise BotError("status")
        return read_answer(answer)

    async def erase(self, conversation: str) -> None:
        """Have the bot forget a conversation.

        Raises:
            BotError: it did not confirm.
        """
        status, _ = await self._request(
            "DELETE", f"/conversations/{conversation}", ERASE_TIMEOUT_SECONDS
        )
        if status != 204:
            raise BotError("status")

    async def status(self) -> BotStatus:
        """Ask whether the bot is ready; never fails."""
        try:
            status, body = await self._request("GET", "/", STATUS_TIMEOUT_SECONDS)
            told = json.loads(body) if status == 200 else {}
        except (BotError, ValueError):
            return BotStatus(ready=False)
        if not isinstance(told, dict):
            return BotStatus(ready=False)
        model = told.get("model")
        return BotStatus(
            ready=told.get("status") == "ready", model=None if model is None else str(model)
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _request(
        self,
        method: str,
        path: str,
        seconds: float,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        current = request_ids.current()
        headers = {**(headers or {}), **({request_ids.HEADER: current} if current else {})}
        try:
            async with self._session.request(
                method,
                self._channel + path,
                json=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as response:
                content = await response.content.read(LARGEST_ANSWER + 1)
                while len(content) <= LARGEST_ANSWER and not response.content.at_eof():
                    content += await response.content.read(LARGEST_ANSWER + 1 - len(content))
                if len(content) > LARGEST_ANSWER:
                    raise BotError("broken")
                return response.status, content
        except TimeoutError:
            raise BotError("timeout") from None
        except aiohttp.ClientConnectionError:
            raise BotError("refused") from None
        except aiohttp.ClientError:
            raise BotError("broken") from None


def read_answer(content: bytes) -> BotAnswer:
    """Read the bot's answer.

    Raises:
        BotError: it is not of the agreed form, or holds no message at all.
    """
    try:
        answer = json.loads(content)
        messages = [_message(message) for message in answer["messages"]]
        understanding = answer["understanding"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BotError("broken") from None
    if not messages or not isinstance(understanding, dict):
        raise BotError("broken")
    return BotAnswer(messages, understanding)


def _message(given: Any) -> dict[str, Any]:
    """Return one message with the agreed fields alone; ValueError if they cannot be used."""
    kind = given["kind"]
    text = _text(given["text"])
    contact = given.get("contact")
    if kind not in KINDS:
        raise ValueError("unknown kind")
    if not text.strip() and not contact:
        raise ValueError("nothing to read")
    return {
        "kind": kind,
        "text": text,
        "topic": _optional(given.get("topic")),
        "answer": _optional(given.get("answer")),
        "checked_on": _optional(given.get("checked_on")),
        "links": [
            {"label": _text(link["label"]), "url": _text(link["url"])}
            for link in given.get("links") or ()
        ],
        "sources": [
            {
                "title": _text(source["title"]),
                "publisher": _text(source["publisher"]),
                "url": _optional(source.get("url")),
                "published": _optional(source.get("published")),
            }
            for source in given.get("sources") or ()
        ],
        "choices": [_choice(choice) for choice in given.get("choices") or ()],
        "contact": None if not contact else _contact(contact),
    }


def _choice(given: Any) -> dict[str, Any]:
    payload = given["payload"]
    entities = payload.get("entities") or {}
    if not isinstance(entities, dict):
        raise ValueError("entities must be named")
    return {
        "label": _text(given["label"]),
        "payload": {"intent": _text(payload["intent"]), "entities": entities},
    }


def _contact(given: Any) -> dict[str, Any]:
    return {
        "name": _text(given["name"]),
        "phone": _optional(given.get("phone")),
        "url": _optional(given.get("url")),
        "for": _text(given["for"]),
        "hours": _optional(given.get("hours")),
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    return value.replace("\0", "")


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)
