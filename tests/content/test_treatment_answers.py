"""Every treatment, every aspect."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable

import pytest

from content.contacts import NAVIGATOR_ID
from content.facts import HELD_FACTS
from content.responses import parse_payload
from content.treatment_answers import name_of, payload, read_name
from content.treatment_words import ASPECTS
from content.treatments import load_treatments
from scripts.content_wording import WANTED_GRADE, reading_grade
from tests.content.treatments_said import (
    ANSWERS,
    FACTS,
    MOST_WORDS,
    NAMES,
    TREATMENTS,
    WORDS,
    about,
    assert_good,
)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_every_aspect_of_a_treatment_has_a_good_answer(treatment: str) -> None:
    for aspect in ASPECTS:
        answer = about(treatment, aspect)
        assert answer.name == f"{treatment}/{aspect}"
        assert answer.kind == "answer"
        assert_good(answer, MOST_WORDS)


def test_answers_are_easy_to_read() -> None:
    grades = [reading_grade(answer.text, NAMES) for answer in ANSWERS.every_answer()]
    assert len(grades) == len(load_treatments()) * len(ASPECTS)
    assert statistics.median(grades) <= WANTED_GRADE


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_names_dates_and_fields_are_said(treatment: str) -> None:
    one = TREATMENTS[treatment]
    called = WORDS.short_forms[treatment].called or one.generic.partition(" (")[0]
    for aspect in ASPECTS:
        assert called.lower() in about(treatment, aspect).text.lower()
    assert "(as of " in about(treatment, "approval").text
    assert "as of " in about(treatment, "evidence").text
    for question in one.ask_your_team:
        assert question in about(treatment, "questions").text


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_side_effects_end_with_help_and_never_stopping_alone(treatment: str) -> None:
    text = about(treatment, "side_effects").text
    assert re.search(r"do not stop .+ on your own", text)
    assert "care team" in text
    if "is not in use" not in text:
        assert "call 911" in text


@pytest.mark.parametrize(
    ("treatment", "said", "fact"),
    [
        ("siponimod", "slow pulse", "siponimod-heart-slow"),
        ("fingolimod", "Blurred sight", "eye-swelling"),
        ("natalizumab", "changes in thinking", "pml-signs"),
        ("teriflunomide", "dark urine", "liver-signs"),
        ("glatiramer", "hives", "glatiramer-anaphylaxis"),
        ("interferon-beta-1a-im", "988", "interferon-mood"),
        ("alemtuzumab", "drooping face", "stroke-like-symptoms"),
        ("cladribine", "painful rash", "infection-on-dmt"),
        ("dalfampridine", "seizure", "seizure-dalfampridine"),
        ("baclofen-intrathecal", "pump alarm", "baclofen-pump-emergency"),
        ("gabapentin", "988", "suicidal-thoughts"),
        ("botulinum-toxin", "choking", "choking-aspiration"),
        ("ibudilast", "chest pain", "breathing-chest-pain"),
    ],
)
def test_the_urgent_line_fits_the_treatment(treatment: str, said: str, fact: str) -> None:
    answer = about(treatment, "side_effects")
    assert said in answer.text
    assert fact in answer.facts


def test_every_urgent_line_rests_on_facts_that_may_be_shown() -> None:
    for line in WORDS.urgent.values():
        for fact in line.facts:
            assert FACTS[fact].may_be_shown


@pytest.mark.parametrize(
    ("treatment", "aspect", "says"),
    [
        ("siponimod", "what", "Mayzent (siponimod) is a medicine for MS"),
        ("ocrelizumab", "what", "Another brand name: Ocrevus Zunovo."),
        ("rituximab", "approval", "Not FDA-approved for MS"),
        ("tolebrutinib", "approval", "Not approved. The FDA refused it in December 2025"),
        ("tolebrutinib", "approval", "(as of January 2026)"),
        ("simvastatin", "evidence", "did not slow SPMS"),
        ("opicinumab", "research", "missed its main goal"),
        ("foralumab", "evidence", "no result was found"),
        ("ata188", "side_effects", "is not in use"),
        ("frexalimab", "monitoring", "the trial team sets the checks"),
        ("siponimod", "dose", "I do not give doses"),
        ("siponimod", "interactions", "pharmacist"),
        ("siponimod", "not_active", "As of January 2026, no medicine is approved in the US"),
        ("gabapentin", "not_active", "does not slow MS"),
        ("natalizumab", "side_effects", "PML, a rare brain infection"),
        ("ofatumumab", "side_effects", "PML (a brain infection)"),
        ("duloxetine", "approval", "(as of 2024)"),
        ("metformin", "how_taken", "taken or given"),
    ],
)
def test_what_is_said(treatment: str, aspect: str, says: str) -> None:
    assert says in about(treatment, aspect).text


def test_the_brand_that_was_asked_for_is_said_back() -> None:
    assert "Tyruko (natalizumab)" in ANSWERS.about("natalizumab", "approval", ["tyruko"]).text
    assert "Neurontin (gabapentin)" in ANSWERS.about("gabapentin", "what", ["NEURONTIN"]).text
    both = ANSWERS.about("ocrelizumab", "how_taken", ["Ocrevus", "Ocrevus Zunovo"]).text
    assert "Ocrevus and Ocrevus Zunovo are brands of the same medicine: ocrelizumab." in both


def test_other_countries() -> None:
    assert "EU and UK" in ANSWERS.about("siponimod", "approval", abroad=True).text
    unknown = ANSWERS.about("ofatumumab", "approval", abroad=True)
    assert "no checked facts about Kesimpta outside the US" in unknown.text
    assert "eu-canada-differences" in unknown.facts
    assert "outside the US" not in about("ofatumumab", "approval").text


def test_doses_and_mixing_name_the_navigator() -> None:
    for aspect in ("dose", "interactions"):
        assert about("siponimod", aspect).contact == NAVIGATOR_ID
    assert about("siponimod", "what").contact is None
    assert about("frexalimab", "research").links[0]["url"] == "https://clinicaltrials.gov"


def test_what_must_be_held_is_never_said() -> None:
    for answer in ANSWERS.every_answer():
        assert not HELD_FACTS & set(answer.facts)
        assert "tolebrutinib-us-resubmission" not in answer.facts
        for word in ("Cenrifki", "trade news", "sent in again"):
            assert word not in answer.text
    typed = ANSWERS.about("tolebrutinib", "approval", ["Cenrifki"], abroad=True).text
    assert "Cenrifki" not in typed
    assert "EU" not in typed


def _payloads(buttons: Iterable[dict[str, str]]) -> list[str]:
    return [button["payload"] for button in buttons]


def test_asking_which_one_keeps_the_aspect() -> None:
    asked = ANSWERS.which(["natalizumab", "natalizumab", "nonsense"], "approval")
    assert asked.kind == "clarify"
    assert asked.buttons[0]["title"] == "Tysabri (natalizumab)"
    assert asked.buttons[1]["title"] == "Mayzent (siponimod)"
    assert _payloads(asked.buttons)[::3] == [payload(["natalizumab"], "approval"), "/deny"]
    assert read_name(asked.name) == ([], "approval")
    most_asked = ANSWERS.which([], "side_effects").buttons
    assert [button["title"] for button in most_asked] == [
        "Mayzent (siponimod)",
        "Ocrevus (ocrelizumab)",
        "Tolebrutinib",
        "Something else",
    ]
    assert most_asked[0]["payload"].startswith("/side_effects{")


def test_unknown_medicines_are_said_to_be_unknown() -> None:
    answer = ANSWERS.not_covered(["low-dose naltrexone (LDN)", "dantrolene"])
    assert "no checked facts about low-dose naltrexone (LDN) or dantrolene" in answer.text
    assert answer.contact == NAVIGATOR_ID
    assert read_name(answer.name) is None


def test_everything_has_been_said() -> None:
    assert "all I have checked about Mayzent" in ANSWERS.no_more("siponimod").text


def test_names_of_answers_can_be_read_back() -> None:
    assert read_name(name_of(["siponimod", "ahsct"], "what")) == (["siponimod", "ahsct"], "what")
    assert read_name("utter_side_effects") is None
    assert read_name("siponimod/nonsense") is None
    assert read_name(None) is None


def test_payloads_name_topic_treatment_and_aspect() -> None:
    assert payload(["siponimod"], "monitoring").startswith("/side_effects{")
    chosen = parse_payload(payload(["siponimod", "ahsct"], "evidence"))
    assert chosen["intent"] == "treatment_specific_drug"
    assert chosen["entities"] == {"treatment": ["siponimod", "ahsct"], "aspect": "evidence"}
    assert json.loads(payload(["ahsct"]).partition("drug")[2]) == {"treatment": "ahsct"}
