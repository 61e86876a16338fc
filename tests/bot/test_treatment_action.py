"""The action that answers about treatments, in the conversations people really have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

import actions.facts
import actions.treatment
from actions.conversation import turns_of
from actions.treatment import ActionAnswerTreatment, Reply, answer_treatment, follow_up
from content.contacts import LAST_RESORT, NAVIGATOR_ID
from content.responses import parse_payload
from content.treatment_words import load_treatment_words
from content.treatments import load_treatments

DRUG, SAFETY = "treatment_specific_drug", "side_effects"
NAMES = {
    "mayzent": "siponimod",
    "siponimod": "siponimod",
    "ocrevus": "ocrelizumab",
    "kesimpta": "ofatumumab",
    "briumvi": "ublituximab",
    "tysabri": "natalizumab",
    "tyruko": "natalizumab",
    "tolebrutinib": "tolebrutinib",
    "gabapentin": "gabapentin",
}


class Conversation:
    """Plays a conversation with the action alone: what Rasa would send it, and what it says."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.slot: Any = None
        self.said: dict[str, Any] = {}

    def types(self, text: str, intent: str = DRUG, **entities: str) -> dict[str, Any]:
        """Type a text; the treatments of NAMES are found in it."""
        found = self.entities_of(text)
        found += [{"entity": name, "value": value} for name, value in entities.items()]
        return self._turn(text, intent, found)

    @staticmethod
    def entities_of(text: str) -> list[dict[str, Any]]:
        """Return the treatments of NAMES in a text, as the entity ruler would."""
        found: list[dict[str, Any]] = [
            {"entity": "treatment", "value": NAMES[word], "start": start, "end": start + len(word)}
            for word in NAMES
            if (start := text.lower().find(word)) >= 0
        ]
        return sorted(found, key=lambda entity: int(entity["start"]))

    def chooses(self, title: str) -> dict[str, Any]:
        """Take one of the choices offered last."""
        button = next(one for one in self.said["buttons"] if one["title"] == title)
        chosen = parse_payload(button["payload"])
        entities = [{"entity": name, "value": of} for name, of in chosen["entities"].items()]
        return self._turn(button["payload"], chosen["intent"], entities)

    def _turn(self, text: str, intent: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
        parsed = {"text": text, "intent": {"name": intent}, "entities": entities}
        named = [entity["value"] for entity in entities if entity["entity"] == "treatment"]
        if named:  # as Rasa's from_entity mapping fills the slot
            self.slot = named[0] if len(named) == 1 else named
        self.events.append({"event": "user", "text": text, "parse_data": parsed})
        dispatcher = CollectingDispatcher()
        tracker = Tracker(
            "someone",
            {"treatment": self.slot},
            parsed,
            self.events,
            False,
            None,
            {},
            "action_listen",
        )
        for event in ActionAnswerTreatment().run(dispatcher, tracker, {}):
            assert (event["event"], event["name"]) == ("slot", "treatment")
            self.slot = event["value"]
        (message,) = dispatcher.messages
        self.events.append({"event": "action", "name": ActionAnswerTreatment().name()})
        self.events.append(
            {
                "event": "bot",
                "text": message["text"],
                "data": {"buttons": message["buttons"], "custom": message["custom"]},
                "metadata": {},
            }
        )
        self.said = {"text": message["text"], "buttons": message["buttons"], **message["custom"]}
        return self.said

    def titles(self) -> list[str]:
        """Return the choices offered last."""
        return [button["title"] for button in self.said["buttons"]]


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def test_a_treatment_by_name(talk: Conversation) -> None:
    said = talk.types("Mayzent please")
    assert said["answer"] == "siponimod/what"
    assert said["topic"] == DRUG
    assert "mayzent-expand" in said["facts"]
    assert "tolebrutinib-eu" not in talk.types("tolebrutinib")["facts"]


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("is mayzent approved", DRUG, "siponimod/approval"),
        ("How does Mayzent work?", DRUG, "siponimod/what"),
        ("how do you take KESIMPTA", DRUG, "ofatumumab/how_taken"),
        ("does ocrevus help with non-active spms", DRUG, "ocrelizumab/not_active"),
        ("what dose of gabapentin", DRUG, "gabapentin/dose"),
        ("tysabri scares me", SAFETY, "natalizumab/side_effects"),
        ("which blood tests with tysabri", SAFETY, "natalizumab/monitoring"),
        ("can i drink on gabapentin, alcohol i mean", SAFETY, "gabapentin/interactions"),
        ("Mayzent (siponimod)", DRUG, "siponimod/what"),
    ],
)
def test_the_aspect_comes_from_words_and_intent(
    talk: Conversation, text: str, intent: str, answer: str
) -> None:
    said = talk.types(text, intent)
    assert said["answer"] == answer
    assert said["topic"] == intent


def test_follow_ups_go_on_with_the_treatment(talk: Conversation) -> None:
    talk.types("what is mayzent")
    assert talk.types("is it approved?")["answer"] == "siponimod/approval"
    assert talk.types("and if it's not active?")["answer"] == "siponimod/not_active"
    assert talk.types("what about side effects", SAFETY)["answer"] == "siponimod/side_effects"
    assert talk.types("and kesimpta?")["answer"] == "ofatumumab/side_effects"
    assert talk.types("does it work")["answer"] == "ofatumumab/evidence"
    assert talk.types("and the other one?")["answer"] == "siponimod/evidence"
    assert talk.slot == "siponimod"
    assert talk.types("how is it taken")["answer"] == "siponimod/how_taken"


def test_a_name_alone_starts_with_what_it_is(talk: Conversation) -> None:
    talk.types("side effects of mayzent", SAFETY)
    assert talk.types("kesimpta")["answer"] == "ofatumumab/what"


def test_choices_lead_on(talk: Conversation) -> None:
    talk.types("what is mayzent")
    assert talk.titles() == ["Side effects", "How it is taken", "Talk to a person"]
    said = talk.chooses("Side effects")
    assert said["answer"] == "siponimod/side_effects"
    assert said["topic"] == SAFETY
    assert talk.chooses("Checks and tests")["answer"] == "siponimod/monitoring"
    assert talk.chooses("Questions for my doctor")["answer"] == "siponimod/questions"


def test_tell_me_more_goes_through_the_aspects(talk: Conversation) -> None:
    talk.types("side effects of mayzent", SAFETY)
    told = [talk.types("tell me more", "affirm") for _ in range(5)]
    assert [one["answer"] for one in told[:4]] == [
        "siponimod/what",
        "siponimod/how_taken",
        "siponimod/monitoring",
        "siponimod/questions",
    ]
    assert "all I have checked about Mayzent" in told[4]["text"]
    assert told[4]["contact"] == NAVIGATOR_ID
    assert told[2]["topic"] == SAFETY


def test_yes_out_of_the_blue_asks_which(talk: Conversation) -> None:
    assert talk.types("yes", "affirm")["kind"] == "clarify"


def test_two_treatments_stand_side_by_side(talk: Conversation) -> None:
    said = talk.types("Mayzent or Ocrevus, which is better?")
    assert said["answer"] == "siponimod,ocrelizumab/what"
    assert "without saying which is better" in said["text"]
    assert "made with your care team" in said["text"]
    assert {"mayzent-expand", "s1p-and-bcell-options"} <= set(said["facts"])
    assert talk.chooses("Compare: Side effects")["answer"] == "siponimod,ocrelizumab/side_effects"
    assert talk.types("and how are they taken")["answer"] == "siponimod,ocrelizumab/how_taken"
    more = talk.types("yes", "affirm")
    assert more["answer"] == "siponimod,ocrelizumab/monitoring"
    assert talk.chooses("More about Ocrevus")["answer"] == "ocrelizumab/what"
    assert talk.slot == "ocrelizumab"


def test_comparing_keeps_to_what_was_asked(talk: Conversation) -> None:
    said = talk.types("difference between kesimpta and briumvi, one is a shot")
    assert said["answer"] == "ofatumumab,ublituximab/what"
    said = talk.types("kesimpta vs briumvi side effects", SAFETY)
    assert said["answer"] == "ofatumumab,ublituximab/side_effects"
    assert talk.types("is kesimpta or briumvi approved")["answer"].endswith("/approval")


def test_after_a_comparison_the_other_one_is_asked_for(talk: Conversation) -> None:
    talk.types("mayzent or ocrevus")
    said = talk.types("the other one")
    assert said["kind"] == "clarify"
    assert talk.titles()[:2] == ["Ocrevus (ocrelizumab)", "Mayzent (siponimod)"]


def test_two_brands_of_one_medicine_are_one(talk: Conversation) -> None:
    said = talk.types("Tysabri and Tyruko")
    assert said["answer"] == "natalizumab/what"
    assert "Tysabri and Tyruko are brands of the same medicine" in said["text"]


def test_three_treatments_are_asked_about(talk: Conversation) -> None:
    said = talk.types("mayzent, kesimpta or ocrevus: which are approved")
    assert said["kind"] == "clarify"
    assert len(said["buttons"]) == 4
    assert talk.chooses("Kesimpta (ofatumumab)")["answer"] == "ofatumumab/approval"


def test_when_it_cannot_tell_it_asks_and_keeps_the_question(talk: Conversation) -> None:
    said = talk.types("is it approved?")
    assert said["kind"] == "clarify"
    assert said["answer"] == "which_treatment/approval"
    assert talk.titles()[-1] == "Something else"
    assert talk.types("kesimpta")["answer"] == "ofatumumab/approval"


def test_treatments_named_before_come_first(talk: Conversation) -> None:
    talk.types("what is kesimpta")
    talk.types("what is gabapentin")
    talk.slot = None  # as after a choice that leads to another topic
    talk.types("how do you take it")
    assert talk.titles()[:2] == ["Gabapentin (Neurontin)", "Kesimpta (ofatumumab)"]


def test_side_effects_in_general(talk: Conversation) -> None:
    said = talk.types("what are the risks", SAFETY)
    assert said["answer"] == "utter_side_effects"
    assert said["topic"] == SAFETY
    assert talk.titles()[:2] == ["Mayzent (siponimod)", "Ocrevus (ocrelizumab)"]
    assert talk.chooses("Ocrevus (ocrelizumab)")["answer"] == "ocrelizumab/side_effects"
    # Not about Ocrevus, though that was spoken of
    general = talk.types("which ms drugs are hard on the liver", SAFETY)
    assert general["answer"] == "utter_side_effects"
    assert "Mayzent has" not in general["text"]


def test_an_unknown_medicine_is_not_taken_for_the_last_one(talk: Conversation) -> None:
    talk.types("what is mayzent")
    said = talk.types("does LDN work")
    assert said["answer"] == "treatment_not_covered"
    assert "no checked facts about low-dose naltrexone" in said["text"]
    assert said["contact"] == NAVIGATOR_ID
    assert said["facts"]


def test_other_countries(talk: Conversation) -> None:
    assert "outside the US" in talk.types("is kesimpta approved there", country="ca")["text"]
    assert "outside the US" in talk.types("can i get kesimpta on the NHS")["text"]
    assert "outside the US" not in talk.types("is kesimpta approved", country="us")["text"]


def test_broken_treatments_lead_to_a_person(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = tmp_path / "treatments.yml"
    monkeypatch.setattr(actions.treatment, "load_treatments", lambda: load_treatments(missing))
    said = talk.types("what is mayzent")
    assert said["kind"] == "handoff"
    assert said["contact"] == NAVIGATOR_ID
    assert said["text"]


def test_broken_words_lead_to_a_person(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "treatment_words.yml"
    broken.write_text("version: 1\n", encoding="utf-8")
    monkeypatch.setattr(
        actions.treatment, "load_treatment_words", lambda: load_treatment_words(broken)
    )
    said = talk.types("side effects of mayzent", SAFETY)
    assert said["kind"] == "handoff"
    assert said["contact"] == LAST_RESORT.id


def test_missing_facts_cost_the_sources_only(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from content.facts import load_facts

    monkeypatch.setattr(actions.facts, "load_facts", lambda: load_facts(tmp_path / "none.yml"))
    said = talk.types("what is mayzent")
    assert said["answer"] == "siponimod/what"
    assert said["facts"] == []


@pytest.mark.parametrize("remembered", [None, "nonsense", ["siponimod", 3], 7, {}])
def test_odd_memories_do_no_harm(remembered: Any) -> None:
    reply = answer_treatment([], "is it approved", remembered)
    assert reply.said.text


def _follow_up(talk: Conversation, text: str, best_guess: str = DRUG) -> Reply | None:
    parsed = {
        "intent": {"name": "nlu_fallback"},
        "intent_ranking": [{"name": best_guess, "confidence": 0.3}],
        "entities": talk.entities_of(text),
    }
    user = {"event": "user", "text": text, "parse_data": parsed}
    return follow_up(turns_of([*talk.events, user]), text, talk.slot)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("and if it's not active?", "siponimod/not_active"),
        ("can i drink alcohol", "siponimod/interactions"),
        ("questions for my doctor", "siponimod/questions"),
        ("and ocrevus?", "ocrelizumab/what"),
    ],
)
def test_words_are_enough_right_after_an_answer(talk: Conversation, text: str, answer: str) -> None:
    talk.types("what is mayzent")
    reply = _follow_up(talk, text)
    assert reply is not None
    assert reply.said.answer == answer


def test_a_name_and_a_question_are_enough(talk: Conversation) -> None:
    reply = _follow_up(talk, "what is kesimpta")
    assert reply is not None
    assert reply.said.answer == "ofatumumab/what"
    assert reply.treatments == ("ofatumumab",)
    assert _follow_up(talk, "kesimpta and my brother") is None


def test_words_are_not_enough_elsewhere(talk: Conversation) -> None:
    assert _follow_up(talk, "and if it's not active?") is None
    talk.types("what is mayzent")
    assert _follow_up(talk, "flibber wobble") is None
    assert _follow_up(talk, "is kesimpta safe for me", "personal_medical_advice") is None
    talk.types("does LDN work")
    assert _follow_up(talk, "and if it's not active?") is None
