"""A conversation full of personal data, through real processes: afterwards it is nowhere.

Looked for in every file of the helpline's folder (the store and its log, Rasa's tracker, what
chat, bot and action server wrote at their most talkative), in the metrics, and in what a visitor
reads back.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from scripts.processes import RunningHelpline, running_helpline
from tests.conversations.player import Player
from tests.stores import everything_kept

PLANTED = {
    "phone number": "(312) 555-0148",
    "phone number abroad": "+44 7700 900461",
    "e-mail": "planted.person@mail.example",
    "street": "4417 Plantedwood Avenue",
    "social security": "536-22-8726",
    "card": "4539 1488 0343 6467",
    "birth": "03/14/1961",
    "name": "Zebulon Quackenbush",
}
SAID = (
    "Hi, my name is {name}. What is SPMS?",
    "call me at {phone number} or {phone number abroad} please",
    "my email is {e-mail}, send me something on siponimod",
    "I live at {street}, Springfield, IL 62704, is there help for ramps",
    "my ssn is {social security} and my card is {card}, who pays for mayzent",
    "I was born on {birth}. can I still get it",
    "xqzt blorp {phone number} wibble {e-mail}",
    "I want to kill myself, my number is {phone number}",
    '/contact_navigator_support{{"country": "{e-mail}"}}',
    "my husband {name} hits me, write to {e-mail}",
)
HARMLESS = "a harmless sentence that must be found"


@pytest.fixture(scope="module")
def helpline() -> Iterator[RunningHelpline]:
    """One of its own, with logs at DEBUG."""
    with running_helpline(
        ("chat", "actions", "bot"), {"RATE_LIMITS": "false", "LOG_LEVEL": "DEBUG"}
    ) as running:
        yield running


def all_kept(helpline: RunningHelpline) -> dict[str, bytes]:
    stores = (helpline.settings.database_url, helpline.settings.tracker_database_url)
    return everything_kept(helpline.var_dir, *stores)


def test_planted_personal_data_is_nowhere(helpline: RunningHelpline) -> None:
    with Player(helpline.chat_url) as player:
        for said in SAID:
            answer = player.post({"text": said.format(**PLANTED)})
            assert answer.status_code == 200
            for what, value in PLANTED.items():
                assert value not in answer.text, what
        last = player.take({"say": HARMLESS})
        token = player.conversation["token"]
        comment = "ring {phone number}, {e-mail}".format(**PLANTED)
        assert player.rate(last[0]["id"], False, comment).status_code == 204

    # While the bot is away, its errors must not quote either.
    helpline.kill("bot")
    with Player(helpline.chat_url) as player:
        assert player.post({"text": SAID[1].format(**PLANTED)}).status_code == 200

    metrics = urllib.request.urlopen(f"{helpline.chat_url}/metrics").read()
    assert b"helpline_redacted_total" in metrics
    found = all_kept(helpline)
    assert {"chat.log", "bot.log", "actions.log"} <= set(found)
    in_stores = {name: content for name, content in found.items() if not name.endswith(".log")}
    assert sum(HARMLESS.encode() in content for content in in_stores.values()) >= 2, (
        "it should be in the store and in the bot's tracker"
    )
    assert all(len(found[f"{name}.log"]) > 100 for name in ("chat", "bot"))
    found["metrics"] = metrics
    for where, content in found.items():
        for what, value in PLANTED.items():
            for form in (value, value.replace(" ", ""), value.lower()):
                assert form.encode() not in content, f"{what} is in {where}"
    # No log holds what was said, planted or not, nor the key to the conversation.
    for name in ("chat.log", "bot.log", "actions.log"):
        assert HARMLESS.encode() not in found[name], name
        assert token.encode() not in found[name], name


def test_the_bots_tracker_ends_with_the_conversation(helpline: RunningHelpline) -> None:
    helpline.start("bot")
    with Player(helpline.chat_url) as player:
        player.take({"say": "what is spms"})
        known = player.conversation["id"]

        def rows() -> int:
            found = everything_kept(helpline.var_dir, helpline.settings.tracker_database_url)
            tracker = [v for k, v in found.items() if k.startswith(("tracker.db", "PostgreSQL"))]
            assert tracker
            return sum(content.count(known.encode()) for content in tracker)

        assert rows() > 0
        player.erase()
        assert rows() == 0
