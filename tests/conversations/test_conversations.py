"""Every conversation in this folder, played through the chat API of real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.processes import RunningHelpline
from tests.conversations.player import Conversation, Player, differences, read_conversations

CONVERSATIONS = read_conversations(Path(__file__).parent)


@pytest.mark.parametrize(
    "conversation", CONVERSATIONS, ids=[f"{each.file}: {each.name}" for each in CONVERSATIONS]
)
def test_conversation(conversation: Conversation, helpline: RunningHelpline) -> None:
    with Player(helpline.chat_url) as player:
        for number, turn in enumerate(conversation.turns, start=1):
            messages = player.take(turn)
            wrong = differences(turn.get("expect", {}), messages)
            said = turn.get("say") or f"[{turn['choose']}]"
            answered = [(m["kind"], m["topic"], m["text"][:150]) for m in messages]
            assert not wrong, f"turn {number} {said!r}: {'; '.join(wrong)}\nanswered {answered}"
