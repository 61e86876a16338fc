"""Alarms with an answer of their own, and careful answers after a crisis."""

from __future__ import annotations

import pytest

from content.responses import load_responses
from content.safety_phrases import load_phrases
from helpline.chat import safety_answers
from helpline.chat.safety_answers import answer_name
from tests.web.running import Visitor
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding

SPECIAL = [
    ("I'm a veteran and I want to kill myself", "crisis", "press 1", "Veterans Crisis Line"),
    ("i took too many pills by accident", "emergency", "Poison Help", "Poison Help"),
    ("my caregiver neglects me", "abuse", "Adult Protective Services", "Eldercare Locator"),
    ("the aide at the nursing home hits my mother", "abuse", "Eldercare", "Eldercare Locator"),
]


def test_every_special_rule_and_answer_exists() -> None:
    rules = {rule.name for rule in load_phrases().rules}
    assert set(safety_answers._OF_RULE) <= rules
    named = {*safety_answers._OF_RULE.values(), "utter_crisis_veteran"}
    assert named <= set(load_responses())


@pytest.mark.parametrize(("said", "kind", "words", "contact"), SPECIAL)
def test_the_special_answer_comes_from_the_gate(
    visitor: Visitor, said: str, kind: str, words: str, contact: str
) -> None:
    [answer] = visitor.say(said)
    assert answer["kind"] == kind
    assert words in answer["text"]
    assert contact in answer["contact"]["name"]


@pytest.mark.parametrize(("said", "kind", "words", "contact"), SPECIAL)
def test_it_takes_the_place_of_the_bots_general_one(
    visitor: Visitor, bot: ScriptedBot, said: str, kind: str, words: str, contact: str
) -> None:
    bot.answer = {
        "messages": [bot_message("A general answer.", kind, answer=f"utter_{kind}")],
        "understanding": understanding(kind, safety={"kind": kind, "rule": "any"}),
    }
    [answer] = visitor.say(said)
    assert words in answer["text"] and answer["choices"]


def test_the_bots_own_alarm_gets_the_special_answer_too(visitor: Visitor, bot: ScriptedBot) -> None:
    bot.answer = {
        "messages": [bot_message("A general answer.", "crisis", answer="utter_crisis")],
        "understanding": understanding("crisis"),
    }
    [answer] = visitor.say("words that only the model understands, as a vietnam vet")
    assert "press 1" in answer["text"]


@pytest.mark.parametrize(
    ("kind", "rule", "text", "name"),
    [
        ("crisis", "suicidal", "I am not a veteran, I want to die", "utter_crisis"),
        ("crisis", "suicidal", "my dog was at the vet and I want to die", "utter_crisis"),
        ("crisis", "suicidal", "I served in the Army. I want to die", "utter_crisis_veteran"),
        ("crisis", "suicidal", "I’m a vet, want it over", "utter_crisis_veteran"),
        ("crisis", "suicidal", "the VA does nothing, i give up", "utter_crisis_veteran"),
        ("crisis", "suicidal", "I want to die on vacation", "utter_crisis"),
        ("emergency", "seizure", "a veteran has a seizure", "utter_emergency"),
        # A rule never lends its answer to another kind.
        ("crisis", "overdose or poison", "took pills", "utter_crisis"),
        ("abuse", None, "my husband hits me", "utter_abuse"),
        (
            "abuse",
            "hitting and hurting",
            "they hit my elderly dad",
            "utter_abuse_older_or_disabled",
        ),
        ("emergency", "overdose or poison", "", "utter_emergency_overdose"),
    ],
)
def test_which_answer_fits(kind: str, rule: str | None, text: str, name: str) -> None:
    assert answer_name(kind, rule, text) == name


LINE = "You can call or text 988 at any time, day or night."


def test_two_turns_after_a_crisis_carry_the_line(visitor: Visitor, bot: ScriptedBot) -> None:
    def lines(said: str) -> list[str]:
        return [message["text"] for message in visitor.say(said)]

    assert LINE not in lines("what is spms?")
    assert LINE not in lines("I want to kill myself"), "the answer itself says it"
    for _ in range(2):
        answer = lines("which treatments are there?")
        assert answer[-1] == LINE and len(answer) == 2
    assert LINE not in lines("and what is new?")
    lines("I want to kill myself")
    assert LINE in lines("thanks")
    bot.drop_connection = True
    assert LINE not in lines("thanks again"), "the unavailable answer says it"


def test_other_alarms_and_other_visitors_do_not_carry_it(
    visitor: Visitor, other_visitor: Visitor
) -> None:
    visitor.say("my husband hits me")
    assert LINE not in str(visitor.say("what is spms?"))
    visitor.say("I want to kill myself")
    assert LINE not in str(other_visitor.say("what is spms?"))
