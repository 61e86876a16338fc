"""Whatever the bot does, the visitor gets words and a number to call, and can go on later."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.store.models import Understanding
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor, free_port
from tests.web.scripted_bot import ANSWER, ScriptedBot, bot_message, understanding
from tests.web.test_conversation import flags_of


def assert_unavailable(messages: list[dict[str, Any]]) -> None:
    [message] = messages
    assert message["kind"] == "unavailable"
    assert message["contact"]["phone"] == "1-800-344-4867"
    assert "911" in message["text"] and "988" in message["text"]
    assert message["choices"] == []


GARBAGE = [
    b"",
    b"not json",
    b"[]",
    b"{}",
    b"null",
    b'{"messages": [], "understanding": {}}',
    b'{"messages": [{"kind": "answer", "text": ""}], "understanding": {}}',
    b'{"messages": [{"kind": "nonsense", "text": "x"}], "understanding": {}}',
    b'{"messages": [{"kind": "answer", "text": 5}], "understanding": {}}',
    b'{"messages": ["text"], "understanding": {}}',
    b'{"messages": [{"kind": "answer", "text": "x"}]}',
    b'{"messages": [{"kind": "answer", "text": "x"}], "understanding": []}',
    b'{"messages": [{"kind": "answer", "text": "x", "choices": [{}]}], "understanding": {}}',
    b'{"messages": [{"kind": "answer", "text": "x", "contact": "call"}], "understanding": {}}',
    b"[" * 100_000,
    b'{"messages": "' + b"x" * 2_000_000 + b'"}',
]


@pytest.mark.parametrize("raw", GARBAGE, ids=lambda raw: str(raw[:40]))
def test_garbage(chat: ChatProcess, visitor: Visitor, bot: ScriptedBot, raw: bytes) -> None:
    bot.raw = raw
    assert_unavailable(visitor.say("what is spms?"))
    assert _errors(chat, visitor) == ["broken"]
    bot.reset()
    assert visitor.say("what is spms?")[0]["kind"] == "answer"


@pytest.mark.parametrize("status", [204, 301, 401, 404, 500, 503])
def test_another_status(chat: ChatProcess, visitor: Visitor, bot: ScriptedBot, status: int) -> None:
    bot.status = status
    assert_unavailable(visitor.say("what is spms?"))
    assert _errors(chat, visitor) == ["status"]


@pytest.mark.parametrize(("times", "kind"), [(1, "answer"), (2, "answer"), (9, "unavailable")])
def test_no_bot_for_a_moment(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot, times: int, kind: str
) -> None:
    """As nginx says it while one of its bots comes and the other goes."""
    bot.away = times
    [message] = visitor.say("what is spms?")
    assert message["kind"] == kind
    assert [each["from"] for each in visitor.history()].count("visitor") == 1
    if kind == "unavailable":
        assert _errors(chat, visitor) == ["status"]
    assert len({json.dumps(body) for body in bot.received}) == 1, "always the same message"


def test_a_slow_bot(chat: ChatProcess, visitor: Visitor, bot: ScriptedBot) -> None:
    bot.delay = 1.5
    assert_unavailable(visitor.say("what is spms?"))
    assert _errors(chat, visitor) == ["timeout"]
    assert flags_of(chat, visitor) == {"error"}


def test_a_bot_that_hangs_up(chat: ChatProcess, visitor: Visitor, bot: ScriptedBot) -> None:
    bot.drop_connection = True
    assert_unavailable(visitor.say("what is spms?"))
    assert _errors(chat, visitor) == ["refused"]


def test_a_dead_bot_comes_back(chat: ChatProcess, visitor: Visitor, bot: ScriptedBot) -> None:
    assert visitor.say("what is spms?")[0]["kind"] == "answer"
    bot.stop()
    try:
        assert_unavailable(visitor.say("and how is it treated?"))
        ready = visitor.client.get("/readyz")
        assert ready.status_code == 503
        assert set(ready.json()["missing"]) == {"bot"}
        assert visitor.history()[-1]["kind"] == "unavailable"
        # The conversation can be erased meanwhile; the bot forgets it when it is back.
        assert visitor.erase().status_code == 204
    finally:
        bot.start()
    assert visitor.client.get("/readyz").status_code == 200
    give_up = time.monotonic() + 20
    while visitor.id not in bot.erased and time.monotonic() < give_up:
        time.sleep(0.1)
    assert visitor.id in bot.erased


def test_the_conversation_goes_on_after_the_bot_was_away(
    visitor: Visitor, bot: ScriptedBot
) -> None:
    visitor.say("what is spms?")
    bot.stop()
    try:
        assert_unavailable(visitor.say("and how is it treated?"))
    finally:
        bot.start()
    bot.received.clear()
    assert visitor.say("and how is it treated?")[0]["kind"] == "answer"
    assert bot.received == [{"conversation": visitor.id, "text": "and how is it treated?"}]


def test_no_bot_at_all(chat_with: StartChat) -> None:
    chat = chat_with(bot_url=f"http://127.0.0.1:{free_port()}")
    with chat.client() as client:
        visitor = Visitor(client)
        assert visitor.greeting["kind"] == "greeting"
        assert_unavailable(visitor.say("what is spms?"))
        assert client.get("/readyz").json()["missing"] == {"bot": "still loading"}


def test_unknown_fields_do_not_get_through(visitor: Visitor, bot: ScriptedBot) -> None:
    message = ANSWER["messages"][0] | {"slots": {"secret": 1}, "html": "<b>bold</b>"}
    bot.raw = json.dumps({**ANSWER, "messages": [message]}).encode()
    assert "secret" not in json.dumps(visitor.say("what is spms?"))


def test_an_understanding_of_another_form_does_no_harm(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.answer = {
        "messages": [bot_message("Yes.")],
        "understanding": {
            "intent": 5,
            "confidence": "high",
            "ranking": "none",
            "entities": {"a": 1},
            "nearest": "what",
            "safety": ["crisis"],
            "policy": "x" * 500,
            "milliseconds": True,
            "model": None,
        },
    }
    assert visitor.say("hello")[0]["text"] == "Yes."
    row = chat.store.read_now(_understandings, visitor)[0]
    assert (row.intent, row.confidence, row.ranking, row.entities) == (None, None, None, None)
    assert (row.safety_kind, row.nearest_text, row.bot_milliseconds) == (None, None, None)
    assert row.policy == "x" * 128


def test_what_was_not_understood_is_flagged(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.answer = {
        "messages": [bot_message("Do you mean one of these?", "clarify")],
        "understanding": understanding("nlu_fallback"),
    }
    visitor.say("blargh")
    assert flags_of(chat, visitor) == {"not_understood"}
    bot.answer = {
        "messages": [bot_message("Please call.", "handoff", topic="contact_navigator_support")],
        "understanding": understanding("nlu_fallback"),
    }
    visitor.say("blargh again")
    assert flags_of(chat, visitor) == {"not_understood", "handoff"}


def _understandings(session: Session, visitor: Visitor) -> list[Understanding]:
    from helpline.store.models import Conversation

    return list(
        session.scalars(
            select(Understanding)
            .join(Conversation, Conversation.id == Understanding.conversation_id)
            .where(Conversation.public_id == visitor.id)
            .order_by(Understanding.message_id)
        )
    )


def _errors(chat: ChatProcess, visitor: Visitor) -> list[str | None]:
    rows = chat.store.read_now(_understandings, visitor)
    assert all(row.kind == "unavailable" for row in rows)
    return [row.error for row in rows]
