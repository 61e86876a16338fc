"""Names of treatments, trials and the rest: the ruler, the linker, and what they must not take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.nlu.constants import SPACY_DOCS
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.entity_linker import EntityLinker, NameGuesser, is_ordinary, ordinary_words
from components.medical_terms import (
    Term,
    load_terms,
    load_trial_treatments,
    ruler_patterns,
    terms_hash,
)
from components.spacy_pipeline import SpacyNLP, build_model
from content.reading import ContentError
from content.treatments import load_treatments


@pytest.fixture(scope="module")
def pipeline() -> tuple[SpacyNLP, EntityLinker]:
    model = build_model()
    return SpacyNLP(model, {}), EntityLinker(NameGuesser(load_terms()), load_trial_treatments())


def entities(pipeline: tuple[SpacyNLP, EntityLinker], text: str) -> list[dict[str, Any]]:
    spacy_nlp, linker = pipeline
    message = Message({TEXT: text})
    linker.process(spacy_nlp.process([message], spacy_nlp.provide()))
    assert message.get(SPACY_DOCS[TEXT]) is not None
    found: list[dict[str, Any]] = message.get(ENTITIES)
    return found


def values(pipeline: tuple[SpacyNLP, EntityLinker], text: str, kind: str) -> list[str]:
    return [each["value"] for each in entities(pipeline, text) if each["entity"] == kind]


@pytest.mark.parametrize(
    ("text", "treatment"),
    [
        ("is Mayzent for me", "siponimod"),
        ("MAYZENT", "siponimod"),
        ("tell me about siponimod's side effects", "siponimod"),
        ("mayzant", "siponimod"),  # a known misspelling
        ("what about maizent?", "siponimod"),  # one letter, listed nowhere
        ("ocrevsu infusion", "ocrelizumab"),  # two letters swapped
        ("tolebrutnib", "tolebrutinib"),
        ("tolebrutanb", "tolebrutinib"),
        ("copaxonne", "glatiramer"),
        ("gilenyia", "fingolimod"),
        ("betaseron", "interferon-beta-1b"),
        ("beta seron", "interferon-beta-1b"),
        ("cladribine", "cladribine"),
        ("baclofen", "baclofen-oral"),
        ("the baclofen pump", "baclofen-intrathecal"),
        ("dmf", "dimethyl-fumarate"),
        ("4-ap", "dalfampridine"),
        ("stem cell transplant", "ahsct"),
    ],
)
def test_treatments_get_their_canonical_id(
    pipeline: tuple[SpacyNLP, EntityLinker], text: str, treatment: str
) -> None:
    assert values(pipeline, text, "treatment") == [treatment]


def test_every_listed_name_leads_to_its_treatment(
    pipeline: tuple[SpacyNLP, EntityLinker],
) -> None:
    wrong = {}
    for treatment in load_treatments().values():
        for name in (*treatment.brands, *treatment.also_called):
            found = values(pipeline, f"what is {name} please", "treatment")
            if found != [treatment.id]:
                wrong[name] = found
    assert not wrong


def test_several_treatments_and_places(pipeline: tuple[SpacyNLP, EntityLinker]) -> None:
    text = "Ocrevus or kesimta or Mayzent?"
    found = entities(pipeline, text)
    assert [each["value"] for each in found] == ["ocrelizumab", "ofatumumab", "siponimod"]
    assert [text[each["start"] : each["end"]] for each in found] == [
        "Ocrevus",
        "kesimta",
        "Mayzent",
    ]
    assert {each["extractor"] for each in found} == {"EntityLinker"}


@pytest.mark.parametrize(
    "text",
    [
        "a lyrical evening and a neurotic prodigal",
        "please do not rebuff or distort it",
        "metaphors and cymbals, avenues and octaves",
        "grayish praline with temerity",
        "Octavia and Clementine",
        "my mobility and my immunity",
        "a placebo and a prescription",
        "rebel rebels rebelling",
        "aub gil tec zep",
    ],
)
def test_ordinary_words_are_no_treatments(
    pipeline: tuple[SpacyNLP, EntityLinker], text: str
) -> None:
    assert values(pipeline, text, "treatment") == []


def test_no_common_english_word_is_taken_for_a_treatment() -> None:
    guesser = NameGuesser(load_terms())
    assert len(ordinary_words()) > 15_000
    forms = [word + ending for word in ordinary_words() for ending in ("", "s", "ed", "ing", "ly")]
    assert not {word: found for word in forms if (found := guesser.guess(word))}


def test_what_counts_as_a_form_of_an_ordinary_word() -> None:
    for word in ("walking", "stopped", "tries", "happily", "making", "tests"):
        assert is_ordinary(word), word
    for word in ("mayzent", "ocrevus", "qzxvw"):
        assert not is_ordinary(word), word


def test_a_word_as_near_to_two_treatments_is_left_alone() -> None:
    guesser = NameGuesser([Term("treatment", "a", "zorvanib"), Term("treatment", "b", "zorvenib")])
    assert guesser.guess("zorvinib") is None
    assert guesser.guess("zorvanibb") == "a"
    assert guesser.guess("zxxvenib") == "b"
    assert guesser.guess("zxxxenib") is None


@pytest.mark.parametrize(
    ("text", "trials"),
    [
        ("what was the EXPAND trial", ["expand"]),
        ("results of the expand study", ["expand"]),
        ("study EXPAND", ["expand"]),
        ("can you expand on that", []),
        ("PLEASE EXPAND ON THAT", []),
        ("I ascend the stairs", []),
        ("ms-stat2 and octopus trial", ["ms-stat2", "octopus"]),
        ("HERCULES", ["hercules"]),
    ],
)
def test_trials_that_are_ordinary_words(
    pipeline: tuple[SpacyNLP, EntityLinker], text: str, trials: list[str]
) -> None:
    assert values(pipeline, text, "trial") == trials


def test_symptoms_types_and_countries(pipeline: tuple[SpacyNLP, EntityLinker]) -> None:
    text = "I'm tired, my legs have spasms, it is secondary progressive ms and I live in the UK"
    assert values(pipeline, text, "symptom") == ["fatigue", "spasticity"]
    assert values(pipeline, text, "ms_type") == ["spms"]
    assert values(pipeline, text, "country") == ["uk"]


@pytest.mark.parametrize("text", ["", "   ", "🧠💊", "\x00", "İSTANBUL İÇİN MAYZENT", "x" * 5000])
def test_odd_text_is_no_trouble(pipeline: tuple[SpacyNLP, EntityLinker], text: str) -> None:
    spacy_nlp, linker = pipeline
    (message,) = linker.process(spacy_nlp.process([Message({TEXT: text})], spacy_nlp.provide()))
    assert isinstance(message.get(ENTITIES), list)


def test_a_changed_name_changes_the_fingerprint() -> None:
    terms = load_terms()
    assert SpacyNLP.fingerprint_addon({}) == EntityLinker.fingerprint_addon({}) == terms_hash(terms)
    assert terms_hash([*terms, Term("treatment", "siponimod", "mayzento")]) != terms_hash(terms)
    assert build_model().fingerprint().endswith(terms_hash(terms))


def test_the_terms_file_is_checked(tmp_path: Path) -> None:
    broken = tmp_path / "entities.yml"
    broken.write_text("version: 1\nentities:\n  treatment:\n    nosuchdrug:\n      names: [x]\n")
    with pytest.raises(ContentError, match="nosuchdrug"):
        load_terms(entities_file=broken)
    broken.write_text("version: 1\nentities:\n  trial:\n    expand:\n      name: [x]\n")
    with pytest.raises(ContentError, match="name"):
        load_terms(entities_file=broken)


def test_patterns_carry_label_and_id() -> None:
    patterns = ruler_patterns([Term("trial", "expand", "expand", only_in_context=True)])
    assert {(each["label"], each["id"]) for each in patterns} == {("trial", "expand")}
    assert len(patterns) == 3


def test_no_name_stands_for_two_things() -> None:
    owners: dict[str, set[tuple[str, str]]] = {}
    for term in load_terms():
        owners.setdefault(term.name.lower(), set()).add((term.entity, term.id))
    assert not {name: found for name, found in owners.items() if len(found) > 1}


@pytest.mark.parametrize(
    ("text", "treatment"),
    [
        ("what was the EXPAND trial", "siponimod"),
        ("hercules results", "tolebrutinib"),
        ("the ascend study of tysabri", "natalizumab"),
        ("did study ASCEND test mayzent", "siponimod"),
    ],
)
def test_a_trial_stands_for_its_treatment_unless_one_is_named(
    pipeline: tuple[SpacyNLP, EntityLinker], text: str, treatment: str
) -> None:
    assert values(pipeline, text, "treatment") == [treatment]
