"""A crisis, an emergency or abuse is answered first, whatever bot, limits and store do."""

from __future__ import annotations

from typing import Any

import pytest

from helpline.chat import turn_runner, written
from helpline.chat.composing import compose
from helpline.chat.turn_runner import assess_text
from safety import Alarm
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding
from tests.web.test_conversation import flags_of
from tests.web.test_problems import assert_problem

CRISIS = "I want to kill myself"
SAID = [
    ("crisis", CRISIS, "988"),
    ("emergency", "I can't breathe and my chest hurts badly", "911"),
    ("abuse", "my husband hits me", "911"),
]


@pytest.mark.parametrize(("kind", "said", "line"), SAID)
def test_the_alarm_wins_over_what_the_bot_says(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot, kind: str, said: str, line: str
) -> None:
    answer = visitor.say(said)
    assert [message["kind"] for message in answer] == [kind]
    assert line in answer[0]["text"]
    assert answer[0]["contact"] is not None
    assert flags_of(chat, visitor) == {kind}
    assert bot.received[0]["text"] == said, "the dialogue knows of it too"


@pytest.mark.parametrize(("kind", "said", "line"), SAID)
@pytest.mark.parametrize("fault", ["dead", "slow", "garbage"])
def test_the_alarm_is_answered_without_the_bot(
    visitor: Visitor, bot: ScriptedBot, kind: str, said: str, line: str, fault: str
) -> None:
    if fault == "slow":
        bot.delay = 1.5
    elif fault == "garbage":
        bot.raw = b"garbage"
    else:
        bot.drop_connection = True
    first, second = visitor.say(said)
    assert first["kind"] == kind and line in first["text"]
    assert second["kind"] == "unavailable"
    assert second["contact"]["phone"] == "1-800-344-4867"
    assert first["choices"] == [], "nobody could answer them"


def test_the_bots_own_alarm_is_kept_and_flagged(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.answer = {
        "messages": [bot_message("Please call or text 988.", "crisis", answer="utter_crisis")],
        "understanding": understanding("crisis", safety={"kind": "crisis", "rule": "model"}),
    }
    [answer] = visitor.say("a sentence that only the model understands")
    assert answer["text"] == "Please call or text 988."
    assert flags_of(chat, visitor) == {"crisis"}


def test_a_crisis_in_a_text_that_is_too_long(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    answer = visitor.say("It has been a long year. " * 100 + CRISIS)
    assert answer[0]["kind"] == "crisis"
    assert len(visitor.history()[1]["text"]) <= 1000
    assert flags_of(chat, visitor) == {"crisis"}


def test_a_crisis_after_too_many_messages(chat_with: StartChat) -> None:
    chat = chat_with(RATE_LIMITS="true", RATE_MESSAGES_PER_MINUTE="2")
    with chat.client() as client:
        visitor = Visitor(client)
        visitor.say("one")
        visitor.say("two")
        assert_problem(visitor.post({"text": "three"}), 429, "too-many-requests")
        assert visitor.say(CRISIS)[0]["kind"] == "crisis"


def test_a_crisis_in_a_comment_is_flagged(chat: ChatProcess, visitor: Visitor) -> None:
    [answer] = visitor.say("what is spms?")
    assert visitor.rate(answer["id"], False, CRISIS).status_code == 204
    assert flags_of(chat, visitor) == {"crisis", "thumbs_down"}


def test_a_crisis_while_the_store_is_broken(chat_with: StartChat) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        drop_table(chat, "message")
        assert_problem(visitor.post({"text": "what is spms?"}), 503, "unavailable")
        answer = visitor.say(CRISIS)
        assert answer[0]["kind"] == "crisis" and "988" in answer[0]["text"]
        assert "Traceback" not in chat.log and CRISIS not in chat.log


def drop_table(chat: ChatProcess, name: str) -> None:
    """Break the database under a running process."""
    with chat.store.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name}_gone")


def test_the_last_words_when_the_files_are_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ValueError("a file is broken")

    monkeypatch.setattr(written, "load_responses", broken)
    for kind, line in (("crisis", "988"), ("emergency", "911"), ("abuse", "911")):
        answer = written.alarm_answer(kind)
        assert answer["kind"] == kind and line in answer["text"] and answer["contact"]
    assert written.unavailable()["contact"]["phone"] == "1-800-344-4867"
    greeting = written.greeting(30)
    assert "30 days" in greeting["text"] and greeting["kind"] == "greeting"


def test_compose_puts_the_alarm_first_and_never_returns_nothing() -> None:
    alarm = Alarm("crisis", "rule", "words")
    other = bot_message("Call 911.", "emergency")
    assert [m["kind"] for m in compose([bot_message("Hi")], alarm, ())] == ["crisis"]
    assert [m["kind"] for m in compose([other], alarm, ())] == ["crisis", "emergency"]
    assert [m["kind"] for m in compose([], None, ())] == ["unavailable"]
    kinds = [m["kind"] for m in compose([bot_message("Hi")], None, ("phone number",))]
    assert kinds == ["answer", "smalltalk"]


def test_a_broken_edit_does_not_switch_off_the_gate_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ValueError("a phrase is broken")

    assert assess_text(CRISIS) is not None
    monkeypatch.setattr(turn_runner, "load_phrases", broken)
    alarm = assess_text(CRISIS)
    assert alarm is not None and alarm.kind == "crisis"
