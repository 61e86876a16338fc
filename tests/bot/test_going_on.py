"""What was answered before, and which part of an answer comes next."""

from __future__ import annotations

from actions.conversation import Said, Turn
from components.in_context.context import context_of
from components.in_context.follow_up import next_answer


class TestContext:
    ANSWERED = Turn("symptom_mood", said=[Said("Rest.", [], {"answer": "utter_symptom_mood"})])
    THANKED = Turn("thank", said=[Said("Welcome.", [], {"kind": "smalltalk"})])

    def test_small_talk_does_not_hide_the_answer(self) -> None:
        assert context_of([self.ANSWERED, self.THANKED]).topic == "symptom_mood"

    def test_it_is_forgotten(self) -> None:
        assert not context_of([self.ANSWERED, *[self.THANKED] * 3]).exists
        assert not context_of([self.ANSWERED, Turn("start_over")]).exists
        assert not context_of([]).exists

    def test_the_treatments_of_an_answer(self) -> None:
        said = Said("…", [], {"answer": "siponimod,ocrelizumab/what", "topic": "side_effects"})
        assert context_of([Turn("side_effects", said=[said])]).treatments == (
            "siponimod",
            "ocrelizumab",
        )

    def test_a_person_offered_after_failures_was_not_asked_for(self) -> None:
        said = Said("…", [], {"answer": "utter_hand_off_after_failures", "kind": "handoff"})
        assert not context_of([Turn("nlu_fallback", said=[said])]).exists


TEXTS = {"utter_a": "About apples and wheelchairs.", "utter_a_more": "About pears and scans."}
GOES_ON = {"follow_up": True}


class TestNextAnswer:
    def test_first_time(self) -> None:
        assert next_answer("utter_a", "pears", GOES_ON, [], TEXTS) == "utter_a"

    def test_the_second_part_comes_next(self) -> None:
        assert next_answer("utter_a", "why", GOES_ON, ["utter_a"], TEXTS) == "utter_a_more"

    def test_then_the_part_with_the_words_that_were_typed(self) -> None:
        said = ["utter_a", "utter_a_more"]
        assert next_answer("utter_a", "and wheelchair?", GOES_ON, said, TEXTS) == "utter_a"
        assert next_answer("utter_a", "why", GOES_ON, said, TEXTS) is None

    def test_a_whole_question_gets_the_part_that_has_its_words(self) -> None:
        same = {"same_topic": True}
        for typed, name in (("what of the scans", "utter_a_more"), ("and apples", "utter_a")):
            assert next_answer("utter_a", typed, same, ["utter_a"], TEXTS) == name
