"""Visitors that send messages as quickly as they are answered, and what they had to wait.

Both bots are driven by the same code: a `Bot` knows how to open a conversation and say something.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import statistics
import time
import uuid
from typing import Protocol

import aiohttp

from bench.messages import MESSAGES

# Messages between what one visitor begins with and the next
APART = 7


class LoadError(RuntimeError):
    """A bot answered with an error or with nothing; a figure would be worthless."""


class Conversation(Protocol):
    """A conversation in which one can say something and wait for the answer."""

    async def say(self, text: str) -> None:
        """Send a message and read the whole answer; raises LoadError if there is none."""


class Bot(Protocol):
    """A bot under load."""

    @property
    def messages(self) -> tuple[str, ...]:
        """What its visitors say, in turn."""

    async def open(self, client: aiohttp.ClientSession) -> Conversation:
        """Begin a conversation."""


@dataclasses.dataclass(frozen=True)
class StockConversation:
    """A conversation over Rasa's REST channel."""

    client: aiohttp.ClientSession
    url: str
    sender: str

    async def say(self, text: str) -> None:
        """Send a message; the REST channel answers [] with 200 when something failed."""
        body = {"sender": self.sender, "message": text}
        async with self.client.post(f"{self.url}/webhooks/rest/webhook", json=body) as answer:
            if answer.status != 200 or not await answer.json():
                raise LoadError(f"stock bot: {answer.status} {await answer.text()}")


@dataclasses.dataclass(frozen=True)
class StockBot:
    """The bot of `rasa init`."""

    url: str
    messages: tuple[str, ...] = ("hello", "I am sad", "yes", "are you a bot", "I am great", "bye")

    async def open(self, client: aiohttp.ClientSession) -> StockConversation:
        """Begin a conversation; the client chooses its name."""
        return StockConversation(client, self.url, uuid.uuid4().hex)


@dataclasses.dataclass(frozen=True)
class StockPipeline:
    """Rasa's own pipeline trained on our data, asked only what a message means."""

    url: str
    messages: tuple[str, ...] = MESSAGES

    async def open(self, client: aiohttp.ClientSession) -> ParsedConversation:
        """Begin; the server keeps nothing."""
        return ParsedConversation(client, self.url)


@dataclasses.dataclass(frozen=True)
class ParsedConversation:
    """Texts for `/model/parse`."""

    client: aiohttp.ClientSession
    url: str

    async def say(self, text: str) -> None:
        """Send a text and read how it is understood."""
        async with self.client.post(f"{self.url}/model/parse", json={"text": text}) as answer:
            if answer.status != 200 or not (await answer.json()).get("intent"):
                raise LoadError(f"stock pipeline: {answer.status} {await answer.text()}")


@dataclasses.dataclass(frozen=True)
class HelplineConversation:
    """A conversation over the chat API, as the widget has it."""

    client: aiohttp.ClientSession
    url: str
    headers: dict[str, str]

    async def say(self, text: str) -> None:
        """Send a message; an answer that says the bot is away counts as none."""
        async with self.client.post(
            f"{self.url}/api/v1/messages",
            json={"text": text},
            headers={**self.headers, "Idempotency-Key": uuid.uuid4().hex},
        ) as answer:
            body = await answer.json()
            if answer.status != 200 or body["messages"][0]["kind"] == "unavailable":
                raise LoadError(f"helpline: {answer.status} {body}")


@dataclasses.dataclass(frozen=True)
class HelplineBot:
    """Our helpline: chat, bot, actions and store."""

    url: str
    messages: tuple[str, ...] = MESSAGES

    async def open(self, client: aiohttp.ClientSession) -> HelplineConversation:
        """Begin a conversation; the server gives it a token."""
        async with client.post(f"{self.url}/api/v1/conversations") as answer:
            if answer.status != 201:
                raise LoadError(f"helpline: {answer.status} {await answer.text()}")
            token = (await answer.json())["conversation"]["token"]
        return HelplineConversation(client, self.url, {"Authorization": f"Bearer {token}"})


@dataclasses.dataclass(frozen=True)
class Waits:
    """How long messages took, in milliseconds, and over how many seconds they were sent."""

    milliseconds: tuple[float, ...]
    seconds: float

    def percentile(self, share: float) -> float:
        """The wait that this share of messages did not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def per_second(self) -> float:
        """Messages a second."""
        return len(self.milliseconds) / self.seconds


async def _timed(conversation: Conversation, text: str) -> float:
    started = time.perf_counter()
    await conversation.say(text)
    return (time.perf_counter() - started) * 1000


async def visitors(bot: Bot, count: int, messages_each: int, turns: int = 6) -> Waits:
    """Let `count` visitors talk at once, each opening a new conversation after `turns` messages."""
    waits: list[float] = []

    async def visitor(client: aiohttp.ClientSession, place: int) -> None:
        # Not all say the same at the same time
        start = place * APART % len(bot.messages)
        texts = itertools.cycle((*bot.messages[start:], *bot.messages[:start]))
        for number in range(messages_each):
            if number % turns == 0:
                conversation = await bot.open(client)
            waits.append(await _timed(conversation, next(texts)))

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client:
        started = time.perf_counter()
        await asyncio.gather(*(visitor(client, place) for place in range(count)))
        return Waits(tuple(waits), time.perf_counter() - started)


async def long_conversation(bot: Bot, around: tuple[int, ...], width: int = 5) -> dict[int, float]:
    """Median wait in ms of the turns about each of `around`, in one long conversation."""
    texts = itertools.cycle(bot.messages)
    async with aiohttp.ClientSession() as client:
        conversation = await bot.open(client)
        waits = [await _timed(conversation, next(texts)) for _ in range(max(around) + width + 1)]
    return {turn: statistics.median(waits[max(0, turn - width) : turn + width]) for turn in around}
