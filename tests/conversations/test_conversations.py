"""Every conversation in this folder, played through the chat API of real processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.processes import RunningHelpline
from tests.conversations.player import Conversation, Player, differences, read_conversations

CONVERSATIONS = read_conversations(Path(__file__).parent)


def _parameters() -> list[Any]:
    return [
        pytest.param(
            each,
            id=f"{each.file}: {each.name}",
            # shown with its reason in the summary; passing is no failure: remove `awaits` then
            marks=[pytest.mark.xfail(reason=each.awaits, strict=False)] if each.awaits else [],
        )
        for each in CONVERSATIONS
    ]


@pytest.mark.parametrize("conversation", _parameters())
def test_conversation(conversation: Conversation, helpline: RunningHelpline) -> None:
    with Player(helpline.chat_url) as player:
        for number, turn in enumerate(conversation.turns, start=1):
            messages = player.take(turn)
            wrong = differences(turn.get("expect", {}), messages)
            said = turn.get("say") or f"[{turn['choose']}]"
            answered = [(m["kind"], m["topic"], m["text"][:150]) for m in messages]
            assert not wrong, f"turn {number} {said!r}: {'; '.join(wrong)}\nanswered {answered}"
