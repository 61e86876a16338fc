"""A whole bot: trained in a folder of its own, run as real processes, asked over HTTP."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content.contacts import LAST_RESORT
from tests.bot.running import SECRET, UNRULED_INTENT, Bot, Conversation, train

PHONE = str(LAST_RESORT.phone)
FIRST_PORT = 5110
NOT_UNDERSTOOD = "qwpoe rtlkj asdfmn"

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on a part of the project's data."""
    return train(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="module")
def bot(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    running = Bot(tmp_path_factory.mktemp("bot"), model, FIRST_PORT)
    try:
        running.start("bot", "actions")
        yield running
    finally:
        running.stop()


@pytest.fixture
def visitor(bot: Bot) -> Conversation:
    return Conversation(bot)


def test_ready_and_which_model(bot: Bot) -> None:
    status, _, told = bot.request("GET", "/", secret=None)
    assert status == 200
    assert told["status"] == "ready"
    assert re.fullmatch(r"[0-9a-f]{32}", told["model"])


def test_an_answer_with_sources_choices_and_understanding(visitor: Conversation) -> None:
    answer = visitor.say("what did the Betaseron trials show in SPMS?")
    assert (answer["kind"], answer["topic"]) == ("answer", "research_history_interferon")
    assert answer["answer"] == "utter_research_history_interferon"
    assert "Betaseron" in answer["text"]
    assert answer["sources"][0].keys() == {"title", "publisher", "url", "published"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer["checked_on"])
    assert {"label", "payload"} == answer["choices"][0].keys()

    told = answer["understanding"]
    assert told["intent"] == "research_history_interferon"
    assert told["actions"] == ["utter_research_history_interferon"]
    assert told["policy"].startswith("RulePolicy") or "RulePolicy" in told["policy"]
    assert {"entity": "treatment", "value": "interferon-beta-1b", "start": 13, "end": 22} in told[
        "entities"
    ]
    assert told["ranking"][0] == {"name": told["intent"], "confidence": told["confidence"]}
    assert len(told["ranking"]) == 10
    assert told["nearest"].keys() == {"text", "score"}
    assert told["margin"] == pytest.approx(
        told["ranking"][0]["confidence"] - told["ranking"][1]["confidence"]
    )
    assert told["safety"] is None
    assert told["milliseconds"] > 0
    assert told["topic"] == "research_history_interferon"


def test_a_choice_is_followed_and_more_is_told(visitor: Conversation) -> None:
    visitor.say("what did the Betaseron trials show in SPMS?")
    second = visitor.choose("research_history_interferon", treatment="siponimod")
    assert second["topic"] == "research_history_interferon"
    assert "Mayzent" in second["text"]
    assert second["understanding"]["confidence"] == 1.0
    third = visitor.say("yes, tell me more")
    assert third["answer"] == "utter_research_history_interferon_more"


def test_every_choice_that_is_offered_can_be_chosen(visitor: Conversation) -> None:
    answer = visitor.say("what is secondary progressive ms")
    assert answer["choices"]
    for choice in answer["choices"]:
        payload = choice["payload"]
        assert visitor.choose(payload["intent"], **payload["entities"])["text"]


def test_a_choice_of_a_whole_topic_ends_the_talk_about_a_treatment(visitor: Conversation) -> None:
    visitor.choose("research_history_interferon", treatment="siponimod")
    assert slots(visitor)["treatment"] == "siponimod"
    visitor.choose("research_history_interferon")
    assert slots(visitor)["treatment"] is None


@pytest.mark.parametrize(
    "typed", ["/restart", ' / /crisis{"x":1}', "/greet@0.01", "//session_start", "/back"]
)
def test_typed_commands_are_not_obeyed(visitor: Conversation, typed: str) -> None:
    visitor.say("what is secondary progressive ms")
    answer = visitor.say(typed)
    told = answer["understanding"]
    assert told["nearest"] is not None  # the text was understood, as text
    assert answer["kind"] != "crisis"
    assert not {"action_restart", "action_back"} & set(told["actions"])
    assert visitor.say("what is secondary progressive ms")["topic"] == "what_is_spms"


def test_two_failures_in_a_row_offer_a_person_and_yes_accepts(visitor: Conversation) -> None:
    first = visitor.say(NOT_UNDERSTOOD)
    assert first["kind"] in ("clarify", "out_of_scope")
    second = visitor.say(NOT_UNDERSTOOD)
    assert second["kind"] == "handoff"
    assert second["topic"] == "contact_navigator_support"
    assert second["contact"]["phone"] == PHONE
    assert visitor.say("yes")["kind"] == "handoff"
    assert visitor.say("what is secondary progressive ms")["kind"] == "answer"


def test_what_no_rule_covers_is_asked_back(visitor: Conversation) -> None:
    answer = visitor.choose(UNRULED_INTENT)
    assert answer["kind"] == "clarify"
    assert answer["understanding"]["actions"] == ["action_clarify"]
    assert visitor.choose(UNRULED_INTENT)["kind"] == "handoff"


def test_asked_for_a_person(visitor: Conversation) -> None:
    answer = visitor.say("I want to talk to a real person")
    assert answer["kind"] == "handoff"
    assert answer["contact"].keys() == {"name", "phone", "url", "for", "hours"}
    assert PHONE in answer["text"]
    assert visitor.say("yes")["kind"] == "handoff"


def test_a_crisis_comes_first_and_the_conversation_goes_on(visitor: Conversation) -> None:
    answer = visitor.say("i want to kill myself")
    assert answer["kind"] == "crisis"
    assert "988" in answer["text"]
    told = answer["understanding"]
    assert (told["intent"], told["confidence"]) == ("crisis", 1.0)
    assert told["safety"]["kind"] == "crisis"
    assert visitor.say("what is secondary progressive ms")["kind"] == "answer"


@pytest.mark.parametrize("text", ["", "   ", "/", "?????", "🧠💊❓", "\x00", "a" * 20_000])
def test_odd_input_gets_a_calm_answer(visitor: Conversation, text: str) -> None:
    answer = visitor.say(text)
    assert answer["kind"] in ("clarify", "out_of_scope", "handoff", "smalltalk", "answer")


def test_where_it_comes_from(visitor: Conversation) -> None:
    answered = visitor.say("what is secondary progressive ms")
    told = visitor.say("where does this information come from")
    assert told["understanding"]["actions"] == ["action_show_sources"]
    assert told["sources"] == answered["sources"]


def test_starting_over_forgets_the_treatment(visitor: Conversation) -> None:
    visitor.say("what did the Betaseron trials show in SPMS?")
    assert slots(visitor)["treatment"] == "interferon-beta-1b"
    assert visitor.say("start over")["understanding"]["intent"] == "start_over"
    assert slots(visitor)["treatment"] is None


def test_variations_take_turns(visitor: Conversation) -> None:
    texts = [visitor.say("hello")["text"] for _ in range(3)]
    assert len(set(texts)) == 3


def slots(visitor: Conversation) -> dict[str, Any]:
    """The slots that the bot's database holds for a conversation."""
    found: dict[str, Any] = {}
    for event in stored(visitor):
        if event["event"] == "slot":
            found[event["name"]] = event["value"]
    return found


def stored(visitor: Conversation) -> list[dict[str, Any]]:
    database = sqlite3.connect(visitor.bot.folder / "var" / "tracker.db")
    try:
        rows = database.execute(
            "select events from conversation_state where conversation = ?", (visitor.id,)
        ).fetchall()
    finally:
        database.close()
    return [event for (events,) in rows for event in json.loads(events)]


def test_a_long_conversation_stays_small(visitor: Conversation) -> None:
    visitor.say("tell me about mayzent")
    for _ in range(12):
        visitor.say("what is secondary progressive ms")
    events = stored(visitor)
    assert sum(event["event"] == "user" for event in events) == 8
    assert len(events) < 90
    assert slots(visitor)["treatment"] == "siponimod"


@pytest.mark.parametrize("secret", [None, "wrong", "", SECRET + "x", "é"])
def test_without_the_secret_nothing_is_said(bot: Bot, secret: str | None) -> None:
    if secret == "é":
        secret = secret.encode().decode("latin-1")
    for method, path in (("POST", "/messages"), ("DELETE", "/conversations/x")):
        status, kind, problem = bot.request(
            method, path, {"conversation": "c", "text": "hello"}, secret=secret
        )
        assert status == 401
        assert kind == "application/problem+json"
        assert problem["status"] == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        ({"conversation": "c"}, 422),
        ({"conversation": "c", "payload": {"intent": "nosuch"}}, 422),
        ({"conversation": "c", "payload": {"intent": "restart"}}, 422),
        (b" " * 100_000, 413),
    ],
)
def test_problem_documents(bot: Bot, body: Any, status: int) -> None:
    found, kind, problem = bot.request("POST", "/messages", body)
    assert (found, kind) == (status, "application/problem+json")
    assert problem.keys() == {"type", "title", "status", "detail"}


def test_erasing_a_conversation(bot: Bot, visitor: Conversation) -> None:
    visitor.say("tell me about mayzent")
    assert stored(visitor)
    assert bot.request("DELETE", f"/conversations/{visitor.id}")[0] == 204
    assert stored(visitor) == []
    assert bot.request("DELETE", f"/conversations/{visitor.id}")[0] == 204


def test_nothing_that_was_typed_is_in_the_logs(bot: Bot, visitor: Conversation) -> None:
    marks = ["Zorbinax plum 4711", '/weird{"Zorbinax": plum}', "Zorbinax: kill myself"]
    for mark in marks:
        visitor.say(mark)
    assert "Zorbinax" not in bot.log("bot") + bot.log("actions")


class TestFailures:
    """Processes die; these tests have a bot of their own."""

    @pytest.fixture(scope="class")
    def bot(self, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
        running = Bot(tmp_path_factory.mktemp("failing-bot"), model, FIRST_PORT + 10)
        try:
            running.start("bot", "actions")
            yield running
        finally:
            running.stop()

    def test_killed_in_mid_conversation_it_goes_on_with_slots(
        self, bot: Bot, visitor: Conversation
    ) -> None:
        visitor.say("what did the Betaseron trials show in SPMS?")
        visitor.say(NOT_UNDERSTOOD)
        bot.stop("bot", hard=True)
        bot.start("bot")
        assert slots(visitor)["treatment"] == "interferon-beta-1b"
        # The failure before the restart still counts
        assert visitor.say(NOT_UNDERSTOOD)["kind"] == "handoff"

    def test_without_the_action_server_there_is_still_the_number(
        self, bot: Bot, visitor: Conversation
    ) -> None:
        bot.stop("actions", hard=True)
        try:
            for text in ("I want to talk to a real person", NOT_UNDERSTOOD):
                answer = visitor.say(text)
                assert answer["kind"] == "handoff"
                assert PHONE in answer["text"]
                assert answer["contact"]["phone"] == PHONE
            # What needs no action is answered as ever
            assert visitor.say("what is secondary progressive ms")["kind"] == "answer"
        finally:
            bot.start("actions")
        assert visitor.say("I want to talk to a real person")["answer"] == "utter_hand_off"
