"""Every treatment, every aspect, and two side by side."""

from __future__ import annotations

import itertools
import json
import re
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml

from content.contacts import NAVIGATOR_ID, load_contacts
from content.facts import HELD_FACTS, load_facts
from content.message import build_message
from content.reading import ContentError
from content.responses import parse_payload
from content.topics import load_topics
from content.treatment_answers import (
    Answer,
    TreatmentAnswers,
    name_of,
    payload,
    read_name,
)
from content.treatment_subject import count_words
from content.treatment_words import ASPECTS, SHORT_FORMS, TreatmentWords, load_treatment_words
from content.treatments import load_treatments
from scripts.content_wording import FORBIDDEN, HIGHEST_GRADE, WANTED_GRADE, reading_grade

MOST_WORDS = 90
MOST_WORDS_COMPARED = 100
TREATMENTS = load_treatments()
WORDS = load_treatment_words()
FACTS = load_facts()
ANSWERS = TreatmentAnswers(TREATMENTS, WORDS, FACTS)
NAMES = [name for one in TREATMENTS.values() for name in (one.generic, *one.brands)]
ADVICE = [re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in FORBIDDEN]
RECOMMENDS = re.compile(
    r"(?<!no )\b(?:better than|best|we prefer|safer|choose|stronger than)\b", re.I
)
PHONE = re.compile(r"(?<!\d)\d{3}[\s.-](?:\d{3}[\s.-])?\d{4}(?!\d)")
COMPARED = ("what", "approval", "evidence", "how_taken", "side_effects", "monitoring")


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


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_every_aspect_of_a_treatment_has_a_good_answer(treatment: str) -> None:
    for aspect in ASPECTS:
        answer = about(treatment, aspect)
        assert answer.name == f"{treatment}/{aspect}"
        assert answer.kind == "answer"
        assert_good(answer, MOST_WORDS)


def test_answers_are_easy_to_read() -> None:
    grades = [reading_grade(answer.text, NAMES) for answer in ANSWERS.every_answer()]
    assert len(grades) == 55 * len(ASPECTS)
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


# --- when the knowledge changes


def _built(checkout: Path) -> tuple[TreatmentAnswers, TreatmentWords]:
    knowledge = checkout / "knowledge"
    words = load_treatment_words(
        knowledge / "treatment_words.yml", knowledge / "treatment_short_forms.yml"
    )
    return TreatmentAnswers(load_treatments(knowledge / "treatments.yml"), words, FACTS), words


def test_unverified_fields_are_never_shown(checkout: Path) -> None:
    path = checkout / "knowledge" / "treatments.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = [*SHORT_FORMS.values(), "monitoring", "status_elsewhere", "brands"]
    for entry in content["treatments"]:
        entry["unverified_fields"] = sorted({field for field in fields if field in entry})
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    answers, words = _built(checkout)
    for entry in content["treatments"]:
        forms = words.short_forms[entry["id"]]
        hidden = [entry[field] for field in fields if isinstance(entry.get(field), str)]
        # One or two plain words, such as "fumarate", may stand in any sentence
        hidden = [text for text in [*hidden, *forms.forms.values()] if len(text.split()) > 2]
        for aspect in ASPECTS:
            text = answers.about(entry["id"], aspect).text
            assert text
            if aspect == "questions":
                continue  # they are our own, and never unverified
            for sentence in hidden:
                if sentence not in forms.instead.values():
                    assert sentence.rstrip(".") not in text
            for brand in entry["brands"]:
                assert brand not in text
        if not forms.instead:
            assert "no checked facts on this" in answers.about(entry["id"], "evidence").text
    compared = answers.compare("siponimod", "ocrelizumab", "what").text
    assert "one fifth" not in compared
    assert "no checked facts on this for siponimod" in compared


def test_the_held_field_of_the_file_is_not_shown() -> None:
    text = yaml.safe_load(Path("knowledge/treatments.yml").read_text(encoding="utf-8"))
    held = [
        (entry["id"], entry[field])
        for entry in text["treatments"]
        for field in entry["unverified_fields"]
    ]
    assert held  # otherwise this test has nothing left to look at: remove it then
    for treatment, field in held:
        for aspect in ASPECTS:
            assert field not in about(treatment, aspect).text


def test_short_forms_belong_to_the_entries_as_they_are() -> None:
    assert set(WORDS.short_forms) == set(TREATMENTS)
    stale = {
        one.id for one in WORDS.short_forms.values() if one.as_of != TREATMENTS[one.id].status_date
    }
    assert not stale, "read their short forms again, then set as_of to the new status_date"


def test_short_forms_are_short() -> None:
    for one in WORDS.short_forms.values():
        for form in SHORT_FORMS:
            assert count_words(one.forms[form]) <= 14
            assert not one.forms[form].endswith(".")


def test_short_forms_of_an_entry_that_changed_are_not_used(
    checkout: Path, change: Callable[[str, str, str], None]
) -> None:
    before = _built(checkout)[0].compare("siponimod", "ocrelizumab", "what").text
    assert "about one fifth lower risk of lasting worsening" in before
    change("knowledge/treatment_short_forms.yml", "  siponimod:\n    as_of: 2026-09", OLD_SIPONIMOD)
    after = _built(checkout)[0].compare("siponimod", "ocrelizumab", "what").text
    assert "about one fifth lower risk of lasting worsening" not in after
    assert "the risk of lasting worsening was about one fifth lower" in after


OLD_SIPONIMOD = "  siponimod:\n    as_of: 2025-01"


# --- two side by side


def test_all_pairs_compare_without_recommending() -> None:
    for first, second in itertools.combinations(TREATMENTS, 2):
        for aspect in ("what", "side_effects"):
            answer = ANSWERS.compare(first, second, aspect)
            text = answer.text
            assert count_words(text) <= MOST_WORDS_COMPARED, text
            assert text.startswith("Side by side, without saying which is better.")
            assert text.endswith("The choice is made with your care team.")
            assert not RECOMMENDS.search(text), text
            assert answer.name == f"{first},{second}/{aspect}"


@pytest.mark.parametrize("aspect", COMPARED)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("siponimod", "ocrelizumab"),
        ("ofatumumab", "ublituximab"),
        ("tolebrutinib", "fenebrutinib"),
        ("baclofen-oral", "tizanidine"),
        ("fingolimod", "teriflunomide"),
        ("ahsct", "alemtuzumab"),
        ("metformin", "simvastatin"),
    ],
)
def test_comparisons_are_good(first: str, second: str, aspect: str) -> None:
    assert_good(ANSWERS.compare(first, second, aspect), MOST_WORDS_COMPARED)


def test_a_comparison_shows_both_from_every_side() -> None:
    text = ANSWERS.compare("siponimod", "ocrelizumab", "what").text
    blocks = text.split("\n\n")
    for block, name in zip(
        blocks[1:3], ("Mayzent (siponimod)", "Ocrevus (ocrelizumab)"), strict=True
    ):
        assert block.startswith(name)
        assert re.search(r"\n- US \(\w+ 20\d\d\): approved", block)
        assert "\n- SPMS: " in block
        assert "\n- Watch for: " in block
    assert "a tablet once a day" in text
    assert "a drip or shot about every six months" in text


def test_comparing_side_effects_ends_with_help() -> None:
    text = ANSWERS.compare("siponimod", "fingolimod", "side_effects").text
    assert "slow pulse" in text  # both are S1P medicines: their own line
    mixed = ANSWERS.compare("siponimod", "glatiramer", "side_effects").text
    assert "call 911" in mixed
    assert "do not stop any medicine on your own" in mixed


def test_what_cannot_be_put_side_by_side_is_compared_as_a_whole() -> None:
    assert ANSWERS.compare("siponimod", "ocrelizumab", "questions").name.endswith("/what")
    assert "I do not give doses" in ANSWERS.compare("siponimod", "ocrelizumab", "dose").text
    mixing = ANSWERS.compare("siponimod", "carbamazepine", "interactions")
    assert "Mayzent (siponimod) and carbamazepine (Tegretol)" in mixing.text
    assert mixing.contact == NAVIGATOR_ID


# --- which one, unknown ones, names


def _payloads(buttons: Iterable[dict[str, str]]) -> list[str]:
    return [button["payload"] for button in buttons]


def test_asking_which_one_keeps_the_aspect() -> None:
    asked = ANSWERS.which(["natalizumab", "natalizumab", "nonsense"], "approval")
    assert asked.kind == "clarify"
    assert asked.buttons[0]["title"] == "Tysabri (natalizumab)"
    assert _payloads(asked.buttons) == [payload(["natalizumab"], "approval"), "/deny"]
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


# --- files that cannot be used


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("treatment_words.yml", "{Name} {text}.", "{Name} {colour}.", "colour"),
        ("treatment_words.yml", "{Name} {text}.", "{Name {text}.", "sentences"),
        ("treatment_words.yml", "  which_one:", "  which_two:", "which_two"),
        ("treatment_words.yml", "label: Side effects\n", "label:\n", "label"),
        ("treatment_words.yml", "side effect*", "Side effect*", "small letters"),
        ("treatment_words.yml", "then: [side_effects, how_taken]", "then: [colour]", "colour"),
        ("treatment_words.yml", "facts: [glatiramer-anaphylaxis]", "facts: []", "glatiramer"),
        ("treatment_words.yml", "version: 1", "versoin: 1", "versoin"),
        ("treatment_short_forms.yml", "urgent: stroke", "urgent: strike", "strike"),
        ("treatment_short_forms.yml", "    group: antibody\n", "", "group"),
        ("treatment_short_forms.yml", "us_status: Not", "usstatus: Not", "usstatus"),
    ],
)
def test_mistakes_are_named(
    checkout: Path,
    change: Callable[[str, str, str], None],
    file: str,
    old: str,
    new: str,
    names: str,
) -> None:
    change(f"knowledge/{file}", old, new)
    with pytest.raises(ContentError) as error:
        _built(checkout)
    assert file in str(error.value)
    assert names in str(error.value)


def test_missing_files_are_named(checkout: Path) -> None:
    (checkout / "knowledge" / "treatment_words.yml").unlink()
    with pytest.raises(ContentError, match=r"treatment_words\.yml"):
        _built(checkout)
