"""Whom a visitor is handed to, what fits the moment, and what goes along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from actions.conversation import Said, Turn
from actions.hand_off import hand_off, summary
from content.summary import TAKE_ALONG

PERSON = "contact_navigator_support"


def asked(text: str = "can i talk to somebody", **rest: Any) -> Turn:
    return Turn(PERSON, text=text, **rest)


def answered(answer: str, kind: str = "answer", topic: str | None = None) -> Turn:
    details = {"answer": answer, "kind": kind} | ({"topic": topic} if topic else {})
    return Turn("x", said=[Said("…", [], details)])


def country(name: str) -> list[Mapping[str, Any]]:
    return [{"entity": "country", "value": name}]


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (answered("utter_cost_insurance"), "cost_insurance"),
        (answered("utter_work_disability_more"), "work_disability"),
        (answered("siponimod/what", topic="treatment_specific_drug"), "treatment"),
        (answered("utter_stopping_treatment"), "treatment"),
        (answered("utter_symptom_fatigue"), "symptoms"),
        (answered("utter_symptom_mood"), "symptom_mood"),
        (answered("utter_personal_medical_advice", "personal_advice"), "treatment"),
        (answered("utter_crisis", "crisis"), "urgent"),
        (answered("utter_abuse", "abuse"), "urgent"),
    ],
)
def test_it_fits_what_was_talked_about(before: Turn, name: str) -> None:
    said = hand_off([before, asked()])
    assert said.answer == f"utter_hand_off_{name}"
    assert said.kind == "handoff"
    thanked = answered("utter_thank", "smalltalk")
    assert hand_off([before, thanked, asked()]).answer == said.answer


@pytest.mark.parametrize(
    "turns",
    [
        [asked()],
        [answered("utter_what_is_spms"), asked()],
        [answered("utter_cost_insurance"), asked("when are they open")],
        [answered("utter_cost_insurance"), *[answered("utter_thank", "smalltalk")] * 3, asked()],
        [answered("utter_cost_insurance"), answered("utter_hand_off", "handoff"), asked()],
    ],
)
def test_otherwise_it_is_the_general_one(turns: list[Turn]) -> None:
    assert hand_off(turns).answer == "utter_hand_off"


@pytest.mark.parametrize(
    ("where", "name", "contact"),
    [
        ("uk", "uk", "uk_ms_society"),
        ("canada", "canada", "canada_ms"),
        ("australia", "australia", "australia_ms_plus"),
        ("germany", "outside_us", "ms_international_federation"),
        ("elsewhere", "outside_us", "ms_international_federation"),
    ],
)
def test_abroad_it_is_the_organisation_there(where: str, name: str, contact: str) -> None:
    said = hand_off([asked(entities=country(where))])
    assert (said.answer, said.details["contact"]) == (f"utter_hand_off_{name}", contact)


def test_a_country_counts_only_for_those_who_live_there() -> None:
    curious = Turn("x", text="is it approved in canada", entities=country("canada"))
    assert hand_off([curious, asked()]).answer == "utter_hand_off"
    lives = Turn("x", text="i live in canada", entities=country("canada"))
    assert hand_off([lives, asked()]).answer == "utter_hand_off_canada"


@pytest.mark.parametrize(
    "text",
    [
        "are there support groups near me",
        "is there somewhere i can talk to other carers",
        "i want to meet others with ms",
    ],
)
def test_groups_are_named_when_groups_are_asked_for(text: str) -> None:
    said = hand_off([answered("utter_symptom_mood"), asked(text)])
    assert (said.answer, said.kind) == ("utter_support_groups", "answer")


class TestSummary:
    BEFORE = answered("siponimod/side_effects"), answered("utter_symptom_fatigue")

    def along(self, *turns: Turn) -> Said | None:
        everything = [*turns, asked()]
        return summary(everything, hand_off(everything))

    def test_it_names_what_was_asked_about_and_not_what_was_typed(self) -> None:
        typed = Turn("x", text="my secret", said=self.BEFORE[0].said)
        said = self.along(typed, self.BEFORE[1])
        assert said is not None
        assert said.text.splitlines()[1:] == [
            "- Mayzent (siponimod): Side effects",
            "- Help with tiredness",
        ]
        assert "secret" not in said.text

    def test_nothing_asked_nothing_to_take_along(self) -> None:
        assert self.along() is None
        assert self.along(answered("utter_greet", "smalltalk")) is None

    def test_not_twice_in_a_row(self) -> None:
        given = Turn(PERSON, said=[Said("…", [], {"answer": TAKE_ALONG, "kind": "smalltalk"})])
        assert self.along(*self.BEFORE, given) is None

    def test_not_in_an_emergency(self) -> None:
        assert self.along(*self.BEFORE, answered("utter_emergency", "emergency")) is None
