"""Rules, stories, responses and domain against each other."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Action

import actions
from content.responses import load_responses
from content.topics import load_other_intents, load_topics
from tests.bot.conftest import ROOT

# Computed for every treatment, so they have no answer of one name
COMPUTED = {
    "contact_navigator_support": "action_hand_off",
    "treatment_specific_drug": "action_answer_treatment",
    "side_effects": "action_answer_treatment",
}


def actions_in_code() -> set[str]:
    """The names of the actions that the action server would offer."""
    for module in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"actions.{module.name}")
    return {kind().name() for kind in Action.__subclasses__() if kind.__module__[:8] == "actions."}


ACTIONS = actions_in_code()


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def steps_of(folder: str, kind: str) -> list[list[dict[str, Any]]]:
    return [
        each["steps"]
        for path in sorted((ROOT / "data" / folder).glob("*.yml"))
        for each in read(path)[kind]
    ]


RULES = steps_of("rules", "rules")
STORIES = steps_of("stories", "stories")
DOMAIN = read(ROOT / "domain.yml")
DOMAIN_INTENTS = [name for each in DOMAIN["intents"] for name in each]
ANSWER = {
    steps[0]["intent"]: steps[1]["action"]
    for steps in RULES
    if len(steps) == 2 and "intent" in steps[0]
}


def test_the_domain_has_every_intent_once() -> None:
    known = [*load_topics(), *load_other_intents(), "nlu_fallback"]
    assert sorted(DOMAIN_INTENTS) == sorted(known)
    assert set(DOMAIN["actions"]) == ACTIONS
    assert "action_hand_off" in ACTIONS


def test_every_topic_fills_the_topic_slot() -> None:
    mapped = {
        mapping["intent"]: mapping["value"] for mapping in DOMAIN["slots"]["topic"]["mappings"]
    }
    assert mapped == {topic: topic for topic in load_topics()}


@pytest.mark.parametrize("intent", DOMAIN_INTENTS)
def test_every_intent_has_a_rule_that_leads_to_something_said(intent: str) -> None:
    action = ANSWER[intent]
    assert action in ACTIONS or load_responses()[action]


@pytest.mark.parametrize("topic", load_topics())
def test_a_topic_is_answered_where_an_answer_is_written(topic: str) -> None:
    written = f"utter_{topic}" if f"utter_{topic}" in load_responses() else "action_hand_off"
    assert ANSWER[topic] == COMPUTED.get(topic, written)


def test_safety_and_boundaries_lead_where_they_must() -> None:
    assert ANSWER["crisis"] == "utter_crisis"
    assert ANSWER["emergency"] == "utter_emergency"
    assert ANSWER["abuse"] == "utter_abuse"
    assert ANSWER["contact_navigator_support"] == "action_hand_off"
    assert ANSWER["nlu_fallback"] == "action_clarify"
    assert ANSWER["out_of_scope"] == "action_out_of_scope"


def test_tell_me_more_leads_to_every_second_part() -> None:
    second_parts = {
        name for name in load_responses() if name.endswith("_more") and name[6:-5] in load_topics()
    }
    led_to = {
        steps[2]["action"]
        for steps in RULES
        if len(steps) == 3
        and steps[1] == {"intent": "affirm"}
        and steps[2]["action"] == f"{steps[0]['action']}_more"
    }
    assert led_to == second_parts


def test_nothing_takes_back_a_turn() -> None:
    told = [ROOT / "config.yml", *(ROOT / "data" / "rules").glob("*.yml")]
    told += (ROOT / "data" / "stories").glob("*.yml")
    for path in told:
        lines = [line.partition("#")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        assert not any("action_default_fallback" in line for line in lines), path.name


def test_there_are_enough_long_stories() -> None:
    lengths = [sum("intent" in step for step in steps) for steps in STORIES]
    assert len(lengths) >= 6
    assert min(lengths) >= 4


def test_every_choice_leads_to_an_intent_with_a_rule() -> None:
    for name, variations in load_responses().items():
        for variation in variations:
            for button in variation.get("buttons", ()):
                intent = button["payload"].removeprefix("/").partition("{")[0]
                assert intent in ANSWER, f"{name}: {button['payload']}"
