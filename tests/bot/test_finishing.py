"""What is added to answers last, or taken away: kind words, other questions, unsigned answers."""

from __future__ import annotations

from typing import Any

import pytest

from actions.conversation import Turn
from components import finishing
from components.channel_messages import message_from_response
from components.finishing import finished
from content.contacts import LAST_RESORT
from content.message import Message

ALSO = [{"intent": "side_effects", "entities": {"treatment": "siponimod"}}]


def message(kind: str = "answer", answer: str = "utter_diagnosis") -> Message:
    details = {"kind": kind, "answer": answer, "topic": "diagnosis", "facts": []}
    return message_from_response({"text": "Doctors look.", "custom": details})


def done(typed: str, *before: Turn, also: Any = (), signed: bool = False) -> list[Message]:
    return finished([message()], typed, before, also, signed)


class TestKindWords:
    def test_come_before_the_facts(self) -> None:
        text = done("i am so scared, how do they find out")[0]["text"]
        assert text.endswith("\n\nDoctors look.")
        assert text.startswith("It makes sense to be scared")

    def test_only_where_somebody_is_in_distress(self) -> None:
        assert done("how do they find out")[0]["text"] == "Doctors look."
        assert done("")[0]["text"] == "Doctors look."

    def test_differ_the_second_time_and_then_stop(self) -> None:
        scared = Turn("symptom_mood", text="i am so scared")
        first, second, third = (
            done("i am so scared", *[scared] * count)[0]["text"] for count in range(3)
        )
        assert first != second
        assert second.endswith("Doctors look.")
        assert third == "Doctors look."

    def test_never_before_an_alarm(self) -> None:
        said = finished([message("crisis", "utter_crisis")], "i am so scared", [], [], False)
        assert said[0]["text"] == "Doctors look."


class TestOtherQuestions:
    def test_are_offered_by_their_human_names(self) -> None:
        answer, other = done("what and what", also=ALSO)
        assert answer["text"] == "Doctors look."
        assert other["text"] == "You also asked about: Side effects and safety checks."
        assert [dict(choice["payload"]) for choice in other["choices"]] == ALSO

    def test_wait_in_an_alarm(self) -> None:
        said = finished([message("emergency", "utter_emergency")], "x", [], ALSO, False)
        assert len(said) == 1


class TestSignedOnly:
    def test_an_unsigned_answer_becomes_a_person(self) -> None:
        (said,) = done("how do they find out", signed=True)
        assert (said["kind"], said["answer"]) == ("handoff", "utter_hand_off_no_answer")
        assert said["contact"] is not None
        assert said["contact"]["phone"] == LAST_RESORT.phone
        assert "How MS and SPMS are diagnosed" in said["text"]

    def test_a_signed_one_is_given_with_its_kind_words(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def signed(answer: str | None, text: str, require_signed: bool) -> bool:
            return require_signed and (answer, text) == ("utter_diagnosis", "Doctors look.")

        monkeypatch.setattr(finishing, "may_be_shown", signed)
        assert done("i am so scared", signed=True)[0]["text"].endswith("Doctors look.")

    @pytest.mark.parametrize("kind", ["crisis", "emergency", "abuse"])
    def test_help_is_never_held_back(self, kind: str) -> None:
        said = finished([message(kind, f"utter_{kind}")], "x", [], [], True)
        assert said[0]["text"] == "Doctors look."

    def test_small_talk_nobody_signed_becomes_the_general_hand_off(self) -> None:
        thanks = message_from_response(
            {"text": "Welcome.", "custom": {"kind": "smalltalk", "answer": "utter_thank"}}
        )
        assert finished([thanks], "thanks", [], [], True)[0]["answer"] == "utter_hand_off"
