"""The lines that one message leaves in the logs of chat, bot and actions have one id."""

from __future__ import annotations

import json

import pytest

from scripts.processes import RunningHelpline
from tests.conversations.player import Player

# Answered by a custom action
QUESTION = "what are the side effects of mayzent"


@pytest.mark.parametrize("name", ["chat", "bot", "actions"])
def test_a_message_can_be_followed(helpline: RunningHelpline, name: str) -> None:
    with Player(helpline.chat_url) as player:
        answer = player.post({"text": QUESTION})
    assert answer.json()["messages"][0]["kind"] == "answer"
    followed = answer.headers["x-request-id"]
    lines = helpline.log_file(name).read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines if followed in line]
    assert found and all(line["request"] == followed for line in found)
    assert not any("mayzent" in line.lower() for line in lines)
