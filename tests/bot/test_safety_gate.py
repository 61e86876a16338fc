"""The safety gate as the last component: neither it nor the model's own alarm is overridden."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from components.safety_gate import SafetyGate
from content.safety_phrases import load_phrases

FALLBACK = "nlu_fallback"
HARMLESS = "what does spms stand for"


@pytest.fixture(scope="module")
def gate() -> SafetyGate:
    return SafetyGate(load_phrases())


def understood(gate: SafetyGate, text: str, *guesses: tuple[str, float]) -> dict[str, Any]:
    """Pass on a text with what the components before the gate made of it; first what they chose."""
    message = Message(data={"text": text})
    ranking = [{"name": name, "confidence": confidence} for name, confidence in guesses]
    message.set("intent", ranking[0], add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)
    gate.process([message])
    told: dict[str, Any] = message.as_dict(only_output_properties=True)
    return told


@pytest.mark.parametrize("before", ["what_is_spms", FALLBACK, "greet", "abuse"])
def test_what_the_gate_finds_goes_before_whatever_was_understood(
    gate: SafetyGate, before: str
) -> None:
    told = understood(gate, "I want to kill myself", (before, 0.99), ("thank", 0.5))
    assert told["intent"] == {"name": "crisis", "confidence": 1.0}
    assert told["intent_ranking"][0]["name"] == "crisis"
    assert told["safety"]["kind"] == "crisis"


@pytest.mark.parametrize("kind", ["crisis", "emergency", "abuse"])
def test_the_fallback_does_not_take_back_an_alarm_of_the_model(gate: SafetyGate, kind: str) -> None:
    told = understood(gate, HARMLESS, (FALLBACK, 0.4), (kind, 0.35), ("greet", 0.345))
    assert told["intent"] == {"name": kind, "confidence": 0.35}
    assert [each["name"] for each in told["intent_ranking"]] == [kind, "greet"]
    assert told.get("safety") is None  # staff see that it was the model, not the gate


def test_the_model_s_alarm_stays_as_it_is(gate: SafetyGate) -> None:
    told = understood(gate, HARMLESS, ("emergency", 0.8), ("greet", 0.1))
    assert told["intent"] == {"name": "emergency", "confidence": 0.8}


def test_a_second_guess_raises_no_alarm(gate: SafetyGate) -> None:
    told = understood(gate, HARMLESS, (FALLBACK, 0.4), ("what_is_spms", 0.35), ("crisis", 0.34))
    assert told["intent"]["name"] == FALLBACK


def test_a_model_without_any_idea_raises_no_alarm(gate: SafetyGate) -> None:
    told = understood(gate, HARMLESS, (FALLBACK, 0.8), ("abuse", 0.22), ("crisis", 0.21))
    assert told["intent"]["name"] == FALLBACK


def test_a_text_without_any_guess(gate: SafetyGate) -> None:
    assert understood(gate, "", (FALLBACK, 0.0))["intent"]["name"] == FALLBACK
