"""Staff switch to another model: running chat processes ask its bot within a second or two."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.serving import SECOND, Serving, forget_serving, write_serving
from tests.web.conftest import StartChat
from tests.web.duty_receivers import wait_for
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ANSWER, ScriptedBot


@pytest.fixture
def other_bot() -> Iterator[ScriptedBot]:
    """A second bot, which says so."""
    answer: dict[str, Any] = copy.deepcopy(ANSWER)
    answer["messages"][0]["text"] = "The other model says so."
    other = ScriptedBot(answer=answer)
    other.start()
    yield other
    other.stop()


def switch_to(chat: ChatProcess, bot: ScriptedBot) -> None:
    write_serving(chat.var_dir, Serving(SECOND, bot.port, "0" * 64, "other-model", "inputs"))


def test_a_switch_is_followed_and_taken_back_in_the_same_conversation(
    chat_with: StartChat, bot: ScriptedBot, other_bot: ScriptedBot
) -> None:
    chat = chat_with(BOT_PORT=str(bot.port))
    with chat.client() as client:
        visitor = Visitor(client)

        def answered(text: str) -> bool:
            said: str = visitor.say("what is spms")[0]["text"]
            return said.startswith(text)

        assert answered("SPMS is")
        switch_to(chat, other_bot)
        wait_for(lambda: answered("The other model"), "the other bot's answer")
        forget_serving(chat.var_dir)
        wait_for(lambda: answered("SPMS is"), "the first bot's answer")
        # Both knew it as the same conversation
        assert {asked["conversation"] for asked in (*bot.received, *other_bot.received)} == {
            bot.received[0]["conversation"]
        }
    assert chat.log.count("another bot answers from now on") == 2


def test_a_bot_elsewhere_is_not_what_staff_switch_here(
    chat_with: StartChat, bot: ScriptedBot, other_bot: ScriptedBot
) -> None:
    chat = chat_with()  # BOT_URL is not the one of BOT_PORT
    switch_to(chat, other_bot)
    with chat.client() as client:
        visitor = Visitor(client)
        for _ in range(3):
            assert visitor.say("what is spms")[0]["text"].startswith("SPMS is")
    assert not other_bot.received
    assert "another bot" not in chat.log
