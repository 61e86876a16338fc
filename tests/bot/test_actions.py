"""What the actions say, decided by pure functions on the conversation so far."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import answers
from actions.answers import answer, last_resort
from actions.conversation import Said, Turn, failures_before, turns_of
from actions.hand_off import ActionHandOff, hand_off
from actions.not_understood import (
    MOST_CHOICES,
    ActionClarify,
    ActionDecline,
    ActionOutOfScope,
    choices_for,
    clarify,
    decline,
    out_of_scope,
)
from actions.rephrase import simpler
from actions.sources import ActionShowSources, sources
from content.contacts import LAST_RESORT
from content.reading import ContentError

PHONE = str(LAST_RESORT.phone)
RESPONSES: dict[str, list[dict[str, Any]]] = {
    "utter_hand_off": [{"text": "Call {phone}.", "metadata": {"facts": ["f"]}}],
    "utter_hand_off_after_failures": [{"text": "Twice now. Call {phone}."}],
    "utter_hand_off_no_answer": [{"text": "No answer on {label}. Call {phone}."}],
    "utter_hand_off_outside_us": [{"text": "Abroad.", "metadata": {"contact": "world"}}],
    "utter_clarify": [
        {"text": "Which one?", "metadata": {"kind": "clarify"}},
        {"text": "One of these?", "metadata": {"kind": "clarify"}},
    ],
    "utter_clarify_open": [{"text": "In other words?", "metadata": {"kind": "clarify"}}],
    "utter_out_of_scope": [{"text": "Not mine.", "metadata": {"kind": "out_of_scope"}}],
    "utter_affirm": [{"text": "Go on.", "metadata": {"kind": "smalltalk"}}],
    "utter_deny": [{"text": "All right.", "metadata": {"kind": "smalltalk"}}],
    "utter_sources": [{"text": "Below.", "metadata": {"kind": "smalltalk"}}],
    "utter_what_is_spms": [{"text": "SPMS is", "metadata": {"facts": ["spms"]}}],
    "utter_what_is_spms_simple": [{"text": "In short", "metadata": {"facts": ["spms"]}}],
    "utter_diagnosis_simple": [{"text": "No one test", "metadata": {"facts": ["spms"]}}],
    "utter_personal_medical_advice_simple": [{"text": "I cannot say."}],
    "utter_hand_off_simple": [{"text": "Call them."}],
    "utter_something_else": [{"text": "Tell me.", "metadata": {"kind": "clarify"}}],
    "utter_rephrase": [{"text": "Which part?", "metadata": {"kind": "smalltalk"}}],
}
LABELS = {
    "what_is_spms": "What SPMS is",
    "side_effects": "Side effects",
    "work_disability": "Work",
    "symptom_pain": "Pain",
    "contact_navigator_support": "Talk to a person",
}


@pytest.fixture(autouse=True)
def own_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "load_responses", lambda: RESPONSES)
    monkeypatch.setattr(answers, "load_labels", lambda: LABELS)


def ranked(*scores: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": score} for name, score in scores]


def asked(intent: str, **rest: Any) -> Turn:
    return Turn(intent, **rest)


UNCLEAR = ranked(("side_effects", 0.42), ("work_disability", 0.40), ("what_is_spms", 0.1))
CLARIFIED = Turn(
    "nlu_fallback", actions=["action_clarify"], said=[Said("?", [], {"kind": "clarify"})]
)
OUT = Turn("out_of_scope", actions=["action_out_of_scope"])
ANSWERED = Turn("what_is_spms", actions=["utter_what_is_spms"], said=[Said("SPMS is")])
DECLINED = Turn("deny", actions=["action_decline"])


def is_hand_off(said: Said) -> bool:
    return (
        said.details["kind"] == "handoff"
        and said.details["topic"] == "contact_navigator_support"
        and said.details["contact"] == "ms_navigator"
        and PHONE in said.text
    )


class TestCountingFailures:
    @pytest.mark.parametrize(
        ("before", "failures"),
        [
            ([], 0),
            ([ANSWERED], 0),
            ([CLARIFIED], 1),
            ([OUT], 1),
            ([OUT, CLARIFIED], 2),
            ([CLARIFIED, DECLINED], 2),
            ([ANSWERED, DECLINED], 0),
            ([CLARIFIED, ANSWERED], 0),
            ([CLARIFIED, ANSWERED, OUT], 1),
        ],
    )
    def test_all_kinds_in_a_row(self, before: list[Turn], failures: int) -> None:
        assert failures_before([*before, asked("nlu_fallback")]) == failures


class TestClarify:
    def test_offers_what_is_likely_best_first_and_something_else(self) -> None:
        said = clarify([asked("nlu_fallback", ranking=UNCLEAR)])
        assert said.kind == "clarify"
        assert [button["title"] for button in said.buttons] == [
            "Side effects",
            "Work",
            "Something else",
        ]
        assert [button["payload"] for button in said.buttons] == [
            "/side_effects",
            "/work_disability",
            "/deny",
        ]

    def test_never_shows_the_name_of_an_intent(self) -> None:
        turn = asked(
            "nlu_fallback",
            ranking=ranked(("nlu_fallback", 0.4), ("out_of_scope", 0.4), ("symptom_pain", 0.39)),
        )
        assert [button["title"] for button in choices_for(turn)] == ["Pain"]

    def test_offers_no_more_than_three(self) -> None:
        turn = asked("nlu_fallback", ranking=ranked(*((name, 0.4) for name in LABELS)))
        assert len(choices_for(turn)) == MOST_CHOICES

    def test_a_treatment_that_was_named_goes_along(self) -> None:
        turn = asked(
            "nlu_fallback",
            ranking=UNCLEAR,
            entities=[{"entity": "treatment", "value": "siponimod"}],
        )
        assert choices_for(turn)[0]["payload"] == '/side_effects{"treatment": "siponimod"}'

    @pytest.mark.parametrize("ranking", [[], ranked(("side_effects", 0.1)), ranked(("greet", 0.9))])
    def test_without_a_likely_topic_it_asks_for_other_words(self, ranking: Any) -> None:
        said = clarify([asked("nlu_fallback", ranking=ranking)])
        assert said.answer == "utter_clarify_open"

    @pytest.mark.parametrize("before", [CLARIFIED, OUT])
    def test_the_second_failure_in_a_row_offers_a_person(self, before: Turn) -> None:
        said = clarify([before, asked("nlu_fallback", ranking=UNCLEAR)])
        assert said.answer == "utter_hand_off_after_failures"
        assert is_hand_off(said)

    def test_wordings_take_turns(self) -> None:
        first = clarify([asked("nlu_fallback", ranking=UNCLEAR)])
        earlier = Turn("nlu_fallback", actions=["action_clarify"], said=[first])
        second = clarify([earlier, ANSWERED, asked("nlu_fallback", ranking=UNCLEAR)])
        assert {first.text, second.text} == {"Which one?", "One of these?"}

    def test_yes_to_a_list_shows_it_again(self) -> None:
        buttons = [{"title": "Pain", "payload": "/symptom_pain"}]
        before = Turn(
            "nlu_fallback",
            actions=["action_clarify"],
            said=[Said("?", buttons, {"kind": "clarify"})],
        )
        said = clarify([before, asked("affirm")])
        assert said.kind == "clarify"
        assert said.buttons == buttons

    @pytest.mark.parametrize("action", ["action_clarify", "action_out_of_scope"])
    def test_yes_to_a_person_after_two_failures(self, action: str) -> None:
        offered = Turn("out_of_scope", actions=[action], said=[last_resort()])
        assert clarify([OUT, offered, asked("affirm")]).answer == "utter_hand_off"

    def test_yes_after_something_outside(self) -> None:
        assert clarify([OUT, asked("affirm")]).answer == "utter_affirm"

    def test_an_empty_conversation_is_no_trouble(self) -> None:
        assert clarify([]).kind == "clarify"


class TestOutOfScopeAndDecline:
    def test_once_it_says_so_twice_it_offers_a_person(self) -> None:
        assert out_of_scope([asked("out_of_scope")]).kind == "out_of_scope"
        assert is_hand_off(out_of_scope([OUT, asked("out_of_scope")]))
        assert is_hand_off(out_of_scope([CLARIFIED, asked("out_of_scope")]))
        assert out_of_scope([OUT, ANSWERED, asked("out_of_scope")]).kind == "out_of_scope"

    def test_no_is_a_failure_only_after_a_question_back(self) -> None:
        assert decline([CLARIFIED, asked("deny")]).answer == "utter_something_else"
        assert is_hand_off(decline([OUT, CLARIFIED, asked("deny")]))
        assert is_hand_off(clarify([CLARIFIED, DECLINED, asked("nlu_fallback")]))
        assert decline([ANSWERED, asked("deny")]).answer == "utter_deny"
        assert decline([asked("deny")]).answer == "utter_deny"
        handed_off = Turn("nlu_fallback", actions=["action_clarify"], said=[last_resort()])
        assert decline([CLARIFIED, handed_off, asked("deny")]).answer == "utter_deny"


class TestHandOff:
    def test_asked_for(self) -> None:
        said = hand_off([asked("contact_navigator_support")])
        assert said.answer == "utter_hand_off"
        assert is_hand_off(said)
        assert said.details["facts"] == ["f"]

    def test_a_topic_without_an_answer_is_named_in_human_words(self) -> None:
        said = hand_off([asked("work_disability")])
        assert said.answer == "utter_hand_off_no_answer"
        assert said.text.startswith("No answer on Work.")
        assert is_hand_off(said)

    def test_yes_to_a_person(self) -> None:
        assert hand_off([asked("work_disability"), asked("affirm")]).answer == "utter_hand_off"

    def test_abroad(self) -> None:
        abroad = [{"entity": "country", "value": "uk"}]
        said = hand_off([asked("contact_navigator_support", entities=abroad)])
        assert said.answer == "utter_hand_off_outside_us"
        assert said.details["contact"] == "world"
        home = [{"entity": "country", "value": "us"}]
        assert is_hand_off(hand_off([asked("contact_navigator_support", entities=home)]))


class TestSources:
    def test_the_facts_of_the_last_answer_go_along(self) -> None:
        answered = Turn("what_is_spms", said=[Said("SPMS is", [], {"facts": ["spms"]})])
        thanked = Turn("thank", said=[Said("Welcome", [], {"kind": "smalltalk", "facts": ["x"]})])
        assert sources([answered, thanked, asked("sources")]).details["facts"] == ["spms"]
        assert "facts" not in sources([asked("sources")]).details


class TestBrokenContent:
    """Whatever is broken, whoever asks gets the number."""

    @pytest.fixture(params=["missing file", "missing response"])
    def broken(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> Any:
            raise ContentError(Path("x.yml"), "is gone")

        monkeypatch.setattr(
            answers, "load_responses", fail if request.param == "missing file" else dict
        )
        monkeypatch.setattr(answers, "load_labels", fail)

    @pytest.mark.usefixtures("broken")
    @pytest.mark.parametrize("say", [hand_off, clarify, out_of_scope, decline, sources])
    def test_the_number_is_still_given(self, say: Any) -> None:
        said = say([asked("work_disability", ranking=UNCLEAR)])
        assert is_hand_off(said)

    def test_no_contacts_file(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        from content import contacts

        monkeypatch.setattr(
            answers, "load_contacts", lambda: contacts.load_contacts(tmp_path / "gone.yml")
        )
        assert is_hand_off(hand_off([asked("contact_navigator_support")]))
        assert "gone.yml" in caplog.text


EVENTS: list[dict[str, Any]] = [
    {"event": "action", "name": "action_listen"},
    {
        "event": "user",
        "text": "grontle",
        "parse_data": {"intent": {"name": "nlu_fallback"}, "intent_ranking": UNCLEAR},
    },
]


class TestThroughRasa:
    """Events in, what is sent to Rasa out."""

    def run(self, action: Any, events: list[dict[str, Any]]) -> dict[str, Any]:
        dispatcher = CollectingDispatcher()
        tracker = Tracker("someone", {}, {}, events, False, None, {}, "action_listen")
        assert action.run(dispatcher, tracker, {}) == []
        (message,) = dispatcher.messages
        return dict(message)

    @pytest.mark.parametrize(
        "action",
        [ActionHandOff, ActionClarify, ActionOutOfScope, ActionDecline, ActionShowSources],
    )
    @pytest.mark.parametrize("events", [[], EVENTS])
    def test_each_says_one_message(self, action: Any, events: list[dict[str, Any]]) -> None:
        message = self.run(action(), events)
        assert message["text"]
        assert message["custom"]["answer"] or message["custom"]["contact"]

    def test_a_conversation_is_read_back_from_what_was_said(self) -> None:
        first = self.run(ActionClarify(), EVENTS)
        events = [
            *EVENTS,
            {"event": "action", "name": "action_clarify"},
            {
                "event": "bot",
                "text": first["text"],
                "data": {"custom": first["custom"], "buttons": first["buttons"]},
            },
            {"event": "action", "name": "action_listen"},
            {"event": "user", "text": "yes", "parse_data": {"intent": {"name": "affirm"}}},
        ]
        turns = turns_of(events)
        assert [turn.intent for turn in turns] == ["nlu_fallback", "affirm"]
        assert turns[0].asked_back
        assert turns[0].said[0].answer == "utter_clarify"
        assert self.run(ActionClarify(), events)["buttons"] == first["buttons"]

    def test_a_response_of_rasa_is_read_back_too(self) -> None:
        events = [
            *EVENTS,
            {"event": "action", "name": "utter_what_is_spms"},
            {
                "event": "bot",
                "text": "SPMS is",
                "data": {},
                "metadata": {
                    "utter_action": "utter_what_is_spms",
                    "metadata": {"facts": ["spms"]},
                },
            },
        ]
        (turn,) = turns_of(events)
        assert turn.said[0].answer == "utter_what_is_spms"
        assert turn.said[0].details["facts"] == ["spms"]

    def test_a_restart_forgets(self) -> None:
        assert turns_of([*EVENTS, {"event": "restart"}]) == []


def test_placeholders_are_filled_and_other_braces_left() -> None:
    RESPONSES["utter_braces"] = [{"text": "{phone} {label} {other}"}]
    assert answer("utter_braces", label="Work").text == f"{PHONE} Work {{other}}"


class TestSimpler:
    """Simpler words for the answer before."""

    def test_the_last_topic_is_said_more_simply(self) -> None:
        said_before = Said("Long.", details={"answer": "utter_what_is_spms"})
        before = Turn("what_is_spms", said=[said_before])
        said = simpler([before, Turn("rephrase")])
        assert said.answer == "utter_what_is_spms_simple"
        assert said.text

    def test_small_talk_in_between_does_not_hide_it(self) -> None:
        answered = Said("Long.", details={"answer": "utter_diagnosis_more"})
        thanked = Said("You are welcome.", details={"answer": "utter_thank", "kind": "smalltalk"})
        turns = [Turn("diagnosis", said=[answered]), Turn("thank", said=[thanked])]
        assert simpler([*turns, Turn("rephrase")]).answer == "utter_diagnosis_simple"

    def test_a_treatment_is_said_in_a_few_words(self) -> None:
        before = Said("Long.", details={"answer": "siponimod/how_taken", "topic": "side_effects"})
        said = simpler([Turn("side_effects", said=[before]), Turn("rephrase")])
        assert said.answer == "siponimod/how_taken"
        assert "tablet" in said.text
        assert said.buttons[0]["title"] == "The longer answer"

    def test_those_that_ask_twice_are_asked_which_part(self) -> None:
        before = Said("Long.", details={"answer": "utter_what_is_spms_simple"})
        assert simpler([Turn("rephrase", said=[before]), Turn("rephrase")]).answer == (
            "utter_rephrase"
        )

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("personal_advice", "utter_personal_medical_advice_simple"),
            ("handoff", "utter_hand_off_simple"),
        ],
    )
    def test_advice_and_a_person_have_simpler_words_too(self, kind: str, name: str) -> None:
        before = Said("Long.", details={"answer": "x", "kind": kind, "contact": "uk_ms_society"})
        said = simpler([Turn("x", said=[before]), Turn("rephrase")])
        assert said.answer == name
        if kind == "handoff":
            assert said.details["contact"] == "uk_ms_society"

    def test_without_an_answer_before_it_says_what_can_be_done(self) -> None:
        assert simpler([Turn("rephrase")]).answer == "utter_rephrase"
