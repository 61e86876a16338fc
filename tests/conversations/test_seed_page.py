"""Every item of the page that the helpline began with is found by asking (docs/seed-page.md)."""

from __future__ import annotations

import pytest

from content.contacts import load_contacts
from scripts.content_seed_page import SeedRow, read_rows
from scripts.processes import RunningHelpline
from tests.conversations.player import Player, differences

ROWS = read_rows()
PHONE = load_contacts()["ms_navigator"].phone or ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.item)
def test_seed_item(row: SeedRow, helpline: RunningHelpline) -> None:
    kind = "handoff" if row.intent == "contact_navigator_support" else "answer"
    expected = {
        "kind": kind,
        "topic": row.intent,
        "contains": [words.replace("{phone}", PHONE) for words in row.must_say],
        "sources": kind == "answer",
    }
    with Player(helpline.chat_url) as player:
        messages = player.take({"say": row.question})
    wrong = differences(expected, messages)
    assert not wrong, f"{row.question!r}: {'; '.join(wrong)}\n{messages[0]['text']}"
