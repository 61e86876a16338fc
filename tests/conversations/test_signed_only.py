"""With REQUIRE_SIGNED_ANSWERS nothing is answered that nobody has signed, and help always is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from content.signoff import load_signoffs
from scripts.processes import running_helpline
from tests.conversations.player import Player

NUMBER = "1-800-344-4867"


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    settings = {"RATE_LIMITS": "false", "REQUIRE_SIGNED_ANSWERS": "true"}
    with running_helpline(("chat", "actions", "bot"), settings) as running:
        with Player(running.chat_url) as one:
            yield one


def test_drafts_lead_to_a_person(player: Player) -> None:
    assert not load_signoffs(), "an answer is signed by now: ask one below that is not"
    for question in ("what is secondary progressive ms", "what are the side effects of mayzent"):
        (message,) = player.take({"say": question})
        assert (message["kind"], message["contact"]["phone"]) == ("handoff", NUMBER)
        assert "no checked answer" in message["text"]


def test_help_is_given_all_the_same(player: Player) -> None:
    assert player.take({"say": "i want to talk to a person"})[0]["kind"] == "handoff"
    crisis = player.take({"say": "i want to kill myself"})[0]
    assert crisis["kind"] == "crisis"
    assert "988" in crisis["text"]
