"""A kind sentence comes before the facts where, and only where, a message carries distress."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.empathy import (
    RESPONSES,
    feeling_in,
    load_distress,
    with_empathy,
    without_empathy,
)
from content.reading import ContentError
from content.responses import load_responses

FACTS = "There is no cure yet."


@pytest.mark.parametrize(
    ("message", "feeling"),
    [
        ("they told me today and I can't stop crying", "grief"),
        ("MY MUM IS DEVASTATED", "grief"),
        ("i'm scared of what comes next", "fear"),
        ("my wife is terrified of the infusion", "fear"),
        ("this scares me", "fear"),
        ("so embarrassing, my bladder leaks when i laugh", "shame"),
        ("i feel alone with all this", "loneliness"),
        ("nobody understands how i feel", "loneliness"),
        ("it’s so unfair", "anger"),
        ("I am fed up with being told to wait", "anger"),
        ("i just cant cope any more with the spasms", "overwhelm"),
    ],
)
def test_distress_is_noticed(message: str, feeling: str) -> None:
    assert feeling_in(message) == feeling


@pytest.mark.parametrize(
    "message",
    [
        "what is secondary progressive ms",
        "i am not scared of needles, how often is the shot",
        "never been afraid of doctors, just want to know the tests",
        "does ms make people cry easily",
        "can it cause panic attacks",
        "were the results frustrating for researchers in the us",
        "is it a scary drug",
        "my knees are crying out for a rest, what helps with stiffness",
        "what are burned out lesions",
        "i hate this chatbot",
        "do the trials dread placebo",
        "",
    ],
)
def test_plain_questions_are_answered_plainly(message: str) -> None:
    assert feeling_in(message) is None


def test_the_sentence_comes_first_and_wordings_take_turns() -> None:
    wordings = [one["text"] for one in load_responses()["utter_empathy_fear"]]
    assert len(wordings) == 2
    first = with_empathy(FACTS, "utter_stem_cell", "answer", "i'm scared of dying young")
    second = with_empathy(FACTS, "utter_stem_cell", "answer", "i'm still so scared", said_before=1)
    assert [first, second] == [f"{words}\n\n{FACTS}" for words in wordings]
    third = with_empathy(FACTS, "utter_stem_cell", "answer", "i'm so scared", said_before=2)
    assert third == FACTS


@pytest.mark.parametrize("kind", ["crisis", "emergency", "abuse", "smalltalk", "unavailable"])
def test_alarms_and_small_talk_stand_alone(kind: str) -> None:
    assert with_empathy(FACTS, "utter_crisis", kind, "i'm so scared") == FACTS


def test_answers_that_are_kind_themselves_stay_as_they_are() -> None:
    for name in load_distress().kind_already:
        text = load_responses()[name][0]["text"]
        assert with_empathy(text, name, "answer", "i can't stop crying") == text


def test_the_sentence_can_be_taken_off_again() -> None:
    for name in RESPONSES.values():
        for wording in load_responses()[name]:
            assert without_empathy(f"{wording['text']}\n\n{FACTS}") == FACTS
    assert without_empathy(FACTS) == FACTS


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("feelings: {joy: {anyone: [happy]}}", "'joy': is not known"),
        ("feelings: {fear: {anyone: [I'm scared]}}", "write small letters and no punctuation"),
        ("feelings: {fear: {anyone: scared}}", "must be a list of texts"),
        ("feelings: {fear: {them: [scared]}}", "'them': is not known"),
        ("feelings: []", "must be a block"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, written: str, complaint: str) -> None:
    path = tmp_path / "distress.yml"
    path.write_text(f"version: 1\n{written}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        load_distress(path)
