"""The language of the phrases, with small phrases of its own."""

from __future__ import annotations

from typing import Any

import pytest

from safety import Alarm, PhraseError, Phrases, assess


def _phrases(*phrases: str, **rule: Any) -> Phrases:
    lists = rule.pop("lists", {})
    return Phrases.from_mapping(
        {
            "small": {
                "kind": "crisis",
                "rules": [{"rule": "small", "phrases": list(phrases), **rule}],
                "lists": lists,
                "ordinary_words": "a the cat sat on mat i will bill myself film about fish",
            }
        }
    )


@pytest.mark.parametrize(
    ("phrase", "found", "not_found"),
    [
        ("black cat", "a black cat sat", "a cat, black"),
        ("cat/dog sat", "the dog sat", "the fish sat"),
        ("cat/tom_cat/dog sat", "the tom cat sat", "the tom sat"),
        ("cat [big] sat", "cat sat", "cat small sat"),
        ("cat [[very] big] sat", "cat very big sat", "cat very sat"),
        ("cat [<size>] sat", "cat quite tiny sat", "cat quite sat"),
        ("cat ... mat", "the cat sat on a mat", "the cat sat on a big red mat"),
        ("cat ...1 mat", "cat on mat", "cat sat on mat"),
        ("cat ...9 mat", "cat sat on one big red mat", "the cat. On a mat"),
        ("cat _ mat", "cat on mat", "cat mat"),
        ("cat // mat", "I have a cat. There is a mat", "a mat. A cat"),
        ("cat & mat", "on the mat sat a cat", "the mat. A cat"),
        ("cat & mat & fish", "fish for the cat on the mat", "cat on the mat"),
        ("cat |", "I see a cat. Good", "a cat sat"),
        ("| cat", "Good. Cat sat", "a cat"),
        ("took # pills", "I took 30 pills", "I took thirty pills"),
        ("in ####", "in 1998", "in 300"),
        ("=coma", "in a coma", "in a comma"),
        ("suicid*", "suicides", "sui"),
        ("don't go", "DON’T go", "do go"),
        ("sueño", "sueno", "sue"),
    ],
)
def test_what_a_phrase_finds(phrase: str, found: str, not_found: str) -> None:
    phrases = (
        _phrases(phrase, lists={"size": ["[quite] tiny", "huge"]})
        if "suicid" not in phrase
        else _phrases("x", "y", unless=[phrase])
    )
    if "suicid" in phrase:
        assert assess(f"x {found}", phrases) is None
        assert assess(f"x {not_found}", phrases) is not None
        return
    assert assess(found, phrases) is not None
    assert assess(not_found, phrases) is None


@pytest.mark.parametrize(
    ("phrase", "needed"),
    [
        ("i want to jump", {"jump"}),
        ("go/get to the <high>", {"bridge", "roof"}),
        ("i [really] ... bridge/roof", {"bridge", "roof"}),
        ("in ####", {"####"}),
        # Any word may begin so
        ("to jump*", {"to"}),
        ("to jump* from roof", {"roof"}),
    ],
)
def test_a_phrase_is_looked_for_where_a_message_has_its_telling_words(
    phrase: str, needed: set[str]
) -> None:
    lists = {"high": ["the bridge", "the roof"]}
    (rule,) = _phrases(phrase, lists=lists).rules
    assert rule.phrases.tree.needs == needed


def test_an_alarm_says_what_was_found() -> None:
    assert assess("The Black CAT sat", _phrases("black cat")) == Alarm(
        "crisis", "small", "black cat"
    )


def test_unless_counts_nearby_in_the_same_sentence_only() -> None:
    phrases = _phrases("kill myself", unless=["film"])
    assert assess("a film in which I kill myself", phrases) is None
    assert assess("I saw a film. I will kill myself", phrases) is not None
    far = "film " + "on a mat the cat sat " * 3 + "i will kill myself"
    assert assess(far, phrases) is not None


def test_unless_with_a_place_counts_there_only() -> None:
    phrases = _phrases("dying", unless=["@ to/for", "not @"])
    assert assess("dying to know", phrases) is None
    assert assess("not dying", phrases) is None
    assert assess("to know I am dying", phrases) is not None


def test_despite_outweighs_unless() -> None:
    phrases = _phrases("die", unless=["years ago"], despite=["again"])
    assert assess("years ago i wished to die", phrases) is None
    assert assess("years ago i wished to die and now again", phrases) is not None


def test_a_list_may_mix_places_and_surroundings() -> None:
    phrases = _phrases("die", unless=["<harmless>"], lists={"harmless": ["film", "@ laughing"]})
    assert assess("a film where they die", phrases) is None
    assert assess("i die laughing", phrases) is None
    assert assess("laughing, i die", phrases) is not None


def test_the_most_urgent_alarm_wins() -> None:
    phrases = Phrases.from_mapping(
        {
            "one": {"kind": "abuse", "rules": [{"rule": "hit", "phrases": ["hits me"]}]},
            "two": {"kind": "emergency", "rules": [{"rule": "air", "phrases": ["cant breathe"]}]},
            "three": {
                "kind": "crisis",
                "rules": [{"rule": "hint", "phrases": ["give up"], "strength": "veiled"}],
            },
        }
    )
    both = assess("he hits me and i cant breathe, i give up", phrases)
    assert both is not None
    assert both.rule == "air"
    hint = assess("he hits me and i give up", phrases)
    assert hint is not None
    assert hint.rule == "hit"


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({}, "no sections"),
        ({"s": []}, "YAML mapping"),
        ({"s": {"kind": "crisis"}}, "no rules"),
        ({"s": {"rulez": []}}, "`rulez` is not known"),
        ({"s": {"kind": "panic", "rules": [{"rule": "r", "phrases": ["a"]}]}}, "`kind` is 'panic'"),
        ({"s": {"kind": "crisis", "rules": [{"phrases": ["a"]}]}}, "needs `rule`"),
        ({"s": {"kind": "crisis", "rules": [{"rule": "r", "phrases": []}]}}, "has no phrases"),
        ({"s": {"kind": "crisis", "rules": [{"rule": "r", "phrases": [True]}]}}, "quote yes, no"),
        ({"s": {"kind": "crisis", "rules": [{"rule": "r", "fraises": ["a"]}]}}, "`fraises`"),
        (
            {"s": {"kind": "crisis", "rules": [{"rule": "r", "phrases": ["a"], "strength": "x"}]}},
            "direct or veiled",
        ),
    ],
)
def test_a_wrong_section_is_named(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(PhraseError, match=message):
        Phrases.from_mapping(mapping)


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("", "empty"),
        ("cat [big", "never closed"),
        ("cat big]", "']' without"),
        ("cat [] sat", "nothing between"),
        ("<lion> sat", "no list 'lion'"),
        ("cat @", "for `unless`"),
        ("cat, sat", "is no word"),
        ("[a] [b] ...", "must begin with"),
        ("... cat", "must begin with"),
        ("cat [sat]", "leave them out"),
        ("cat ...", "leave them out"),
        ("a//b", "is no word"),
    ],
)
def test_a_wrong_phrase_is_named(phrase: str, message: str) -> None:
    with pytest.raises(PhraseError, match=message) as error:
        _phrases(phrase)
    assert "small" in str(error.value)


def test_lists_must_not_refer_to_themselves_nor_stand_twice() -> None:
    with pytest.raises(PhraseError, match="refers to itself"):
        _phrases("<one>", lists={"one": ["<two>"], "two": ["<one>"]})
    with pytest.raises(PhraseError, match="is in s too"):
        Phrases.from_mapping({"s": {"lists": {"one": ["a"]}}, "t": {"lists": {"one": ["b"]}}})
    with pytest.raises(PhraseError, match="list 'one': is empty"):
        _phrases("<one>", lists={"one": []})


def test_a_list_that_is_not_used_is_checked_and_named() -> None:
    assert _phrases("cat", lists={"lonely": ["fish"]}).unused_lists == ("lonely",)
    with pytest.raises(PhraseError, match="lonely"):
        _phrases("cat", lists={"lonely": ["fish,"]})


def test_the_phrases_that_ship_have_no_unused_list(phrases: Phrases) -> None:
    assert phrases.unused_lists == ()
