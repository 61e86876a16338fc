"""What holds for whatever the helpline says about a treatment."""

from __future__ import annotations

import re

from content.contacts import load_contacts
from content.facts import load_facts
from content.message import build_message
from content.responses import parse_payload
from content.topics import load_topics
from content.treatment_answers import (
    Answer,
    TreatmentAnswers,
)
from content.treatment_subject import count_words
from content.treatment_words import ASPECTS, load_treatment_words
from content.treatments import load_treatments
from scripts.content_wording import FORBIDDEN, HIGHEST_GRADE, reading_grade

MOST_WORDS = 90
MOST_WORDS_COMPARED = 100
TREATMENTS = load_treatments()
WORDS = load_treatment_words()
FACTS = load_facts()
ANSWERS = TreatmentAnswers(TREATMENTS, WORDS, FACTS)
NAMES = [name for one in TREATMENTS.values() for name in (one.generic, *one.brands)]
ADVICE = [re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in FORBIDDEN]
PHONE = re.compile(r"(?<!\d)\d{3}[\s.-](?:\d{3}[\s.-])?\d{4}(?!\d)")


def about(treatment: str, aspect: str) -> Answer:
    return ANSWERS.about(treatment, aspect)


def assert_good(answer: Answer, most_words: int) -> None:
    """What holds for whatever is said about a treatment."""
    text = answer.text
    assert text.strip()
    assert count_words(text) <= most_words, text
    assert not re.search(r"[{}<>*]|https?:|None|_|\s\.|\.\.|::", text), text
    assert not PHONE.search(text), text
    for pattern in ADVICE:
        assert not pattern.search(text), text
    assert reading_grade(text, NAMES) <= HIGHEST_GRADE, text
    assert answer.facts
    for fact in answer.facts:
        assert FACTS[fact].may_be_shown
    message = build_message(
        None,
        text,
        answer.buttons,
        {"facts": answer.facts, "answer": answer.name},
        FACTS,
        load_contacts(),
    )
    assert message["sources"]
    assert message["checked_on"] == "2026-11-22"
    assert message["answer"] == answer.name
    assert len(message["choices"]) == len(answer.buttons)
    assert 2 <= len(answer.buttons) <= 4
    assert len({button["title"] for button in answer.buttons}) == len(answer.buttons)
    assert answer.buttons[-1]["title"] == "Talk to a person"
    for button in answer.buttons:
        assert len(button["title"]) <= 45
        assert "_" not in button["title"]
        chosen = parse_payload(button["payload"])
        assert chosen["intent"] in load_topics()
        assert set(chosen["entities"]) <= {"treatment", "aspect"}
        assert chosen["entities"].get("aspect", "what") in ASPECTS
