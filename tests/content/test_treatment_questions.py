"""What a message asks about a treatment, told from its words."""

from __future__ import annotations

import pytest

from content.reading import read_mapping
from content.treatment_questions import (
    asked_aspect,
    asked_side_effects,
    asks_same_again,
    not_covered,
    shows,
    without_names,
)
from content.treatment_words import ASPECTS, WORDS_FILE, load_treatment_words, plain
from content.treatments import load_treatments

WORDS = load_treatment_words()

# "it" stands where the visitor typed the name of a treatment
ASKED = [
    ("what", "so what is it exactly"),
    ("what", "What's it used for?"),
    ("what", "could you explain it to me like I am five"),
    ("what", "which type of medicine would you call it"),
    ("what", "how does it work inside the brain"),
    ("what", "what is it supposed to do"),
    ("what", "who makes it"),
    ("what", "is it approved, and does it work"),
    ("approval", "is it approved for secondary progressive"),
    ("approval", "has the FDA said yes to it"),
    ("approval", "IS IT LICENSED HERE"),
    ("approval", "can I get it in the UK"),
    ("approval", "do doctors use it off-label"),
    ("approval", "did they turn it down or was it turned down later"),
    ("approval", "would my aunt be eligible for it"),
    ("approval", "is it on the market yet"),
    ("not_active", "and if it's not active?"),
    ("not_active", "does it do anything when there are no relapses any more"),
    ("not_active", "I have non-active SPMS, is it for me too"),
    ("not_active", "my MRI is stable and I no longer relapse, is there a point"),
    ("not_active", "does it help with inactive disease"),
    ("evidence", "does it work"),
    ("evidence", "does it really help people like us"),
    ("evidence", "how well does it do its job"),
    ("evidence", "is there any proof"),
    ("evidence", "is it any good for walking"),
    ("evidence", "how long until you notice it"),
    ("evidence", "will it slow down the progression"),
    ("evidence", "is it worth all the bother"),
    ("evidence", "does it make a difference in older folk"),
    ("how_taken", "how do you take it"),
    ("how_taken", "how's it given?"),
    ("how_taken", "how is it given?"),
    ("how_taken", "is it an infusion?"),
    ("how_taken", "infusion?"),
    ("how_taken", "tablet or injection"),
    ("how_taken", "how often would he go in for it"),
    ("how_taken", "can I give it to yourself at home"),
    ("how_taken", "do you swallow it as a capsule"),
    ("how_taken", "needles??"),
    ("how_taken", "must it stay in the fridge"),
    ("side_effects", "side effects?"),
    ("side_effects", "what are the side-effects"),
    ("side_effects", "any risks with it"),
    ("side_effects", "is it safe"),
    ("side_effects", "is the infusion safe"),
    ("side_effects", "could it harm my liver"),
    ("side_effects", "who shouldn't take it"),
    ("side_effects", "does it cause hair loss"),
    ("side_effects", "will it make me put on weight"),
    ("side_effects", "what can go wrong on it"),
    ("side_effects", "I'm scared of it"),
    ("monitoring", "what blood tests come with it"),
    ("monitoring", "do they do a gene test first"),
    ("monitoring", "how is it monitored"),
    ("monitoring", "which checks before starting it"),
    ("monitoring", "how often is blood work needed"),
    ("monitoring", "do they do an eye exam"),
    ("questions", "what should I ask my doctor about it"),
    ("questions", "give me questions for the neurologist"),
    ("questions", "what to ask at the appointment"),
    ("research", "any trials of it still going on"),
    ("research", "what's the latest on it"),
    ("research", "what happened to it, did it fail"),
    ("research", "is it being tested in progressive MS"),
    ("dose", "dose?"),
    ("dose", "what dose of it do people take"),
    ("dose", "how many mg is normal"),
    ("dose", "I missed a dose of it"),
    ("dose", "how much of it should i take"),
    ("dose", "I forgot to take it this morning"),
    ("interactions", "does it interact with my blood pressure pills"),
    ("interactions", "can I have alcohol with it"),
    ("interactions", "may I mix it with ibuprofen"),
    ("interactions", "grapefruit juice and it"),
]
UNCLEAR = ["it", "it please", "my neurologist mentioned it", "it for ms", "hello"]


@pytest.mark.parametrize(("aspect", "text"), ASKED)
def test_the_aspect_is_told_from_the_words(aspect: str, text: str) -> None:
    assert asked_aspect(text, WORDS) == aspect


def test_every_aspect_can_be_asked_for() -> None:
    assert {aspect for aspect, _ in ASKED} == set(ASPECTS)


@pytest.mark.parametrize("text", UNCLEAR)
def test_without_such_words_there_is_no_aspect(text: str) -> None:
    assert asked_aspect(text, WORDS) is None


def test_every_phrase_asks_for_its_own_aspect() -> None:
    """A phrase that another aspect has too would be dead."""
    for name, aspect in read_mapping(WORDS_FILE)["aspects"].items():
        for phrase in [*aspect["sure"], *aspect["hint"]]:
            assert asked_aspect(phrase.replace("*", ""), WORDS) == name, phrase


@pytest.mark.parametrize(
    ("aspect", "text"),
    [
        ("side_effects", "is it an infusion that hurts"),
        ("side_effects", "does it make your hair fall out"),
        ("side_effects", "what does it do to you"),
        ("side_effects", ""),
        ("monitoring", "how often are the liver tests"),
        ("side_effects", "side effects and blood tests please"),
        ("interactions", "alcohol and it"),
        ("questions", "what should i ask the doctor about its risks"),
    ],
)
def test_a_message_about_safety_stays_there(aspect: str, text: str) -> None:
    assert asked_side_effects(text, WORDS) == aspect


def test_names_become_it() -> None:
    text = "How does Mayzent (siponimod) work?"
    spans = [(9, 16), (18, 27)]
    assert [text[start:end] for start, end in spans] == ["Mayzent", "siponimod"]
    assert without_names(text, spans) == "how does it work"
    assert without_names("What's Kesimpta's dose", [(7, 15)]) == "whats it s dose"
    assert without_names("no names", []) == "no names"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("and it?", True),
        ("what about it", True),
        ("ok and what about it then?", True),
        ("it", False),
        ("and does it hurt", False),
        ("what about my brother", False),
    ],
)
def test_the_same_question_for_another_treatment(text: str, again: bool) -> None:
    assert asks_same_again(text, WORDS) is again


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("all_treatments", "Which MS drugs are hardest on the liver?"),
        ("all_treatments", "are DMTs dangerous"),
        ("other_one", "and the other one?"),
        ("abroad", "can you have it on the NHS"),
        ("compare", "what's the difference between them"),
    ],
)
def test_signs(sign: str, text: str) -> None:
    assert shows(sign, text, WORDS)
    assert not shows(sign, "is it a tablet", WORDS)


def test_medicines_without_an_entry_are_noticed() -> None:
    assert not_covered("Anyone tried LDN or dantrolene?", WORDS) == [
        "low-dose naltrexone (LDN)",
        "dantrolene",
    ]
    assert not_covered("goldner and children", WORDS) == []


def test_no_medicine_is_both_known_and_unknown() -> None:
    for one in load_treatments().values():
        for name in (one.generic, *one.brands, *one.also_called):
            for phrases in WORDS.not_covered.values():
                assert not phrases.fullmatch(plain(name)), f"{name} has an entry now"
