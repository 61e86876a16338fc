"""Visitors as the widget is one: they send a message again, with its key, until it is answered.

Everything they saw is kept, so that it can be compared with the store afterwards.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import ssl
import time
import uuid
from typing import Any

import aiohttp

TEXTS = (
    "what is spms",
    "what did the betaseron trials show",
    "is there anything new in the pipeline",
    "which treatments are there for spms",
    "what are the side effects of mayzent",
    "can i talk to a person",
    "what does research look like these days",
    "should i stop taking my medicine",
    "asdf qwer uiop",
    "thanks",
)
# The widget gives up a request after this long and sends it again
REQUEST_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 2.0
TURNS = 8
UNREACHABLE = "unreachable"


@dataclasses.dataclass
class Sent:
    """One message of a visitor, and what they saw of it."""

    key: str
    body: dict[str, str]
    at: float
    # None until it was acknowledged
    answer: list[dict[str, Any]] | None = None
    attempts: int = 0
    # Seconds until the first answer, or until the visitor had the phone number
    first_help: float | None = None


@dataclasses.dataclass
class Talk:
    """One conversation as its visitor saw it."""

    id: str
    token: str
    sent: list[Sent] = dataclasses.field(default_factory=list)
    erased: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """The header that shows whose conversation it is."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One request: when it began and ended (monotonic seconds), and what came back.

    `outcome` is "answer", "number" (the phone number instead of an answer), "unreachable" (the
    connection was refused or broke off: the widget shows the number itself), "nothing" (no answer
    in REQUEST_SECONDS, or a page of a proxy) or "wrong" (an answer without a number).
    """

    begun: float
    ended: float
    outcome: str
    detail: str


@dataclasses.dataclass
class Mix:
    """How often visitors do something beside asking, as shares of their messages."""

    choices: float = 0.25
    # Sent twice at once, as after a lost connection that was not lost
    twice: float = 0.05
    history: float = 0.05
    feedback: float = 0.05
    erase: float = 0.1


class Crowd:
    """Visitors that talk at once until `stop` is set."""

    def __init__(self, url: str, pause_seconds: float, seed: int = 1, mix: Mix | None = None):
        """Talk with the chat API at `url`, each visitor resting about `pause_seconds`."""
        self.talks: list[Talk] = []
        self.attempts: list[Attempt] = []
        self.stop = asyncio.Event()
        self._url = url
        self._pause = pause_seconds
        self._mix = mix or Mix()
        self._random = random.Random(seed)  # noqa: S311  (repeatable, and no secret)
        self._tls = ssl.create_default_context()
        # The proxy of a measurement has a certificate of its own making
        self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE

    async def run(self, count: int) -> None:
        """Let `count` visitors talk until `stop` is set; every message begun is answered first."""
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        connector = aiohttp.TCPConnector(limit=0, ssl=self._tls)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as client:
            await asyncio.gather(*(self._visitor(client) for _ in range(count)))

    async def _visitor(self, client: aiohttp.ClientSession) -> None:
        await self._rest()
        while not self.stop.is_set():
            talk = await self._open(client)
            if talk is not None:
                await self._converse(client, talk)

    async def _rest(self) -> None:
        if self._pause:
            seconds = self._random.expovariate(1 / self._pause)
            await _wait(self.stop, min(seconds, 5 * self._pause))

    async def _open(self, client: aiohttp.ClientSession) -> Talk | None:
        while not self.stop.is_set():
            status, body = await self._request(client, "POST", "/api/v1/conversations", {}, None)
            if status == 201:
                conversation = body["conversation"]
                talk = Talk(conversation["id"], conversation["token"])
                self.talks.append(talk)
                return talk
            await _wait(self.stop, _pause(0))
        return None

    async def _converse(self, client: aiohttp.ClientSession, talk: Talk) -> None:
        choices: list[str] = []
        for _ in range(self._random.randint(1, TURNS)):
            if self.stop.is_set():
                return
            if choices and self._random.random() < self._mix.choices:
                body = {"choice": self._random.choice(choices)}
            else:
                body = {"text": self._random.choice(TEXTS)}
            answer = await self._ask(client, talk, body)
            choices = [choice["id"] for message in answer for choice in message["choices"]]
            await self._beside(client, talk, answer)
            await self._rest()
        if self._random.random() < self._mix.erase and not self.stop.is_set():
            status, _ = await self._request(
                client, "DELETE", "/api/v1/conversations/current", talk.headers, None
            )
            talk.erased = status == 204

    async def _beside(
        self, client: aiohttp.ClientSession, talk: Talk, answer: list[dict[str, Any]]
    ) -> None:
        chance = self._random.random()
        if chance < self._mix.history:
            await self._request(client, "GET", "/api/v1/messages", talk.headers, None)
        elif chance < self._mix.history + self._mix.feedback:
            rating = {"message_id": answer[0]["id"], "helpful": True}
            await self._request(client, "POST", "/api/v1/feedback", talk.headers, rating)

    async def _ask(
        self, client: aiohttp.ClientSession, talk: Talk, body: dict[str, str]
    ) -> list[dict[str, Any]]:
        sent = Sent(uuid.uuid4().hex, body, time.monotonic())
        talk.sent.append(sent)
        if self._random.random() < self._mix.twice:
            first, second = await asyncio.gather(
                self._until_answered(client, talk, sent), self._until_answered(client, talk, sent)
            )
            if first != second:
                raise AssertionError("a message that was sent twice had two answers")
            return first
        return await self._until_answered(client, talk, sent)

    async def _until_answered(
        self, client: aiohttp.ClientSession, talk: Talk, sent: Sent
    ) -> list[dict[str, Any]]:
        headers = {**talk.headers, "Idempotency-Key": sent.key}
        tries = 0
        while True:
            sent.attempts += 1
            status, body = await self._request(
                client, "POST", "/api/v1/messages", headers, sent.body
            )
            helped = _helps(status, body) or self.attempts[-1].outcome == UNREACHABLE
            if helped and sent.first_help is None:
                sent.first_help = time.monotonic() - sent.at
            if status == 200:
                messages: list[dict[str, Any]] = body["messages"]
                if sent.answer is not None and sent.answer != messages:
                    raise AssertionError("a message had two answers")
                sent.answer = messages
                return messages
            # Not cut short by `stop`: what was begun is brought to its end
            await asyncio.sleep(_pause(tries))
            tries += 1

    async def _request(
        self,
        client: aiohttp.ClientSession,
        method: str,
        path: str,
        headers: dict[str, str],
        body: dict[str, Any] | None,
    ) -> tuple[int, Any]:
        begun = time.monotonic()
        status, content, detail, reached = 0, None, "", True
        try:
            async with client.request(
                method, self._url + path, json=body, headers=headers
            ) as answer:
                status = answer.status
                if answer.content_type.endswith("json"):
                    content = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            status, content, detail = 0, None, type(error).__name__
            reached = isinstance(error, TimeoutError)
        outcome = _outcome(status, content) if reached else UNREACHABLE
        detail = detail or f"{method} {path} {status}"
        self.attempts.append(Attempt(begun, time.monotonic(), outcome, detail))
        return status, content


def _outcome(status: int, content: Any) -> str:
    if status == 0 or (status >= 500 and content is None):
        return "nothing"
    if status < 300:
        first = content.get("messages", [{}])[0] if isinstance(content, dict) else {}
        return "number" if first.get("kind") == "unavailable" else "answer"
    return "number" if _helps(status, content) else "wrong"


def _helps(status: int, content: Any) -> bool:
    """Whether the visitor has an answer, or a number to call."""
    if not isinstance(content, dict):
        return False
    if status == 200:
        return bool(content.get("messages"))
    return bool((content.get("contact") or {}).get("phone"))


def _pause(tries: int) -> float:
    return float(min(0.25 * 2**tries, LONGEST_PAUSE_SECONDS))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
