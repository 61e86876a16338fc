"""The bot or the action server dies in mid-conversation: the number at once, then on as before."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import httpx2 as httpx
import pytest

from scripts.processes import RunningHelpline, running_helpline
from tests.conversations.player import Player, differences

NAVIGATOR = {"phone": True}


@pytest.fixture
def player(helpline: RunningHelpline) -> Iterator[Player]:
    with Player(helpline.chat_url) as it:
        yield it


@pytest.fixture(scope="module")
def helpline() -> Iterator[RunningHelpline]:
    """One of its own, since its processes get killed."""
    with running_helpline(("chat", "actions", "bot"), {"RATE_LIMITS": "false"}) as running:
        yield running


def test_killed_bot_shows_the_number_and_goes_on_with_slots(
    player: Player, helpline: RunningHelpline
) -> None:
    first = player.take({"say": "what did the betaseron trials show in spms?"})
    assert not differences(
        {"kind": "answer", "topic": "research_history_interferon", "contains": ["betaseron"]}, first
    )
    helpline.kill("bot")
    started = time.monotonic()
    away = player.take({"say": "what is spms"})
    assert time.monotonic() - started < 10
    assert not differences({"kind": "unavailable", **NAVIGATOR}, away)

    helpline.start("bot")
    # “it” is Betaseron only if the slots of before the crash are there
    again = player.take({"say": "where does this come from?"})
    assert again[0]["kind"] != "unavailable"
    assert "betaseron" in str(again).lower() or "interferon" in str(again).lower()
    assert not differences(
        {"kind": "answer", "topic": "what_is_spms"},
        player.take({"say": "what is secondary progressive ms"}),
    )


def test_crisis_line_is_shown_while_the_bot_is_down(
    player: Player, helpline: RunningHelpline
) -> None:
    helpline.kill("bot")
    messages = player.take({"say": "i want to kill myself"})
    assert not differences({"kind": "crisis", "contains": ["988"]}, messages)
    helpline.start("bot")


def test_dead_action_server_still_gives_the_number(
    player: Player, helpline: RunningHelpline
) -> None:
    helpline.kill("actions")
    messages = player.take({"say": "can i talk to a real person please"})
    assert not differences(
        {"kind": "handoff", "topic": "contact_navigator_support", **NAVIGATOR}, messages
    )
    helpline.start("actions")
    messages = player.take({"say": "can i talk to a real person please"})
    assert not differences({"kind": "handoff", **NAVIGATOR}, messages)


def test_a_message_that_comes_again_stands_in_place_of_the_first(helpline: RunningHelpline) -> None:
    """A bot that was killed may have stored a turn whose answer nobody got: the chat process, or
    nginx, sends the message again."""
    url = f"{helpline.settings.bot_url}/webhooks/helpline/messages"
    authorization = {"Authorization": f"Bearer {helpline.settings.secret('bot')}"}
    conversation = uuid.uuid4().hex

    def say(text: str, turn: int) -> str:
        answer = httpx.post(
            url,
            json={"conversation": conversation, "text": text},
            headers={**authorization, "Idempotency-Key": str(turn)},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["messages"][0]["kind"])

    # Once is not understood; a second failure in a row offers a person
    assert say("flibber wobble grontle", 1) in {"clarify", "out_of_scope"}
    assert say("flibber wobble grontle", 1) in {"clarify", "out_of_scope"}
    assert say("zzkx the purple of it", 2) == "handoff"
    assert say("zzkx the purple of it", 2) == "handoff"
