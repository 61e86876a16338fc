"""A chat process with a scripted bot, shared by the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.web.running import ChatProcess, Visitor, start_chat
from tests.web.scripted_bot import ScriptedBot


@pytest.fixture(scope="session")
def running_bot() -> Iterator[ScriptedBot]:
    bot = ScriptedBot()
    bot.start()
    yield bot
    bot.stop()


@pytest.fixture
def bot(running_bot: ScriptedBot) -> Iterator[ScriptedBot]:
    """The bot of the shared chat process, answering as at first."""
    running_bot.reset()
    yield running_bot
    running_bot.reset()


@pytest.fixture(scope="session")
def running_chat(
    tmp_path_factory: pytest.TempPathFactory, running_bot: ScriptedBot
) -> Iterator[ChatProcess]:
    chat = start_chat(
        tmp_path_factory.mktemp("chat"),
        running_bot.url,
        BOT_TIMEOUT_SECONDS="1",
        EMBED_ORIGINS="https://society.example https://clinic.example",
    )
    yield chat
    chat.stop()


@pytest.fixture
def chat(running_chat: ChatProcess, bot: ScriptedBot) -> ChatProcess:
    """The shared chat process: no rate limits, one second for the bot."""
    return running_chat


@pytest.fixture
def client(chat: ChatProcess) -> Iterator[httpx2.Client]:
    with chat.client() as client:
        yield client


@pytest.fixture
def visitor(client: httpx2.Client) -> Visitor:
    return Visitor(client)


@pytest.fixture
def other_visitor(client: httpx2.Client) -> Visitor:
    return Visitor(client)


StartChat = Callable[..., ChatProcess]


@pytest.fixture
def chat_with(tmp_path: Path, bot: ScriptedBot) -> Iterator[StartChat]:
    """Start further chat processes with settings of their own; they end with the test."""
    started: list[ChatProcess] = []

    def start(**settings: Any) -> ChatProcess:
        chat = start_chat(tmp_path, settings.pop("bot_url", bot.url), **settings)
        started.append(chat)
        return chat

    yield start
    for chat in started:
        if chat.process.poll() is None:
            chat.stop()
