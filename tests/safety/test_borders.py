"""How far is too far: each limit of the gate from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from safety import Phrases, assess

ORDINARY = "a the cat sat on mat mad fish film see i will to in took this"


def finds(
    text: str, *phrases: str, spellings: dict[str, list[str]] | None = None, **rule: Any
) -> bool:
    """Whether a rule with these phrases raises an alarm."""
    section = {
        "kind": "crisis",
        "rules": [{"rule": "border", "phrases": list(phrases), **rule}],
        "spellings": spellings or {},
        "ordinary_words": ORDINARY,
    }
    return assess(text, Phrases.from_mapping({"border": section})) is not None


def between(first: str, number: int, last: str) -> str:
    return f"{first} {'the ' * number}{last}"


@pytest.mark.parametrize(
    ("phrase", "most"),
    [("cat ... mat", 4), ("cat ...9 mat", 9), ("cat & mat", 12), ("cat // mat", 30)],
)
def test_how_many_words_may_stand_between(phrase: str, most: int) -> None:
    assert finds(between("cat", 0, "mat"), phrase)
    assert finds(between("cat", most, "mat"), phrase)
    assert not finds(between("cat", most + 1, "mat"), phrase)


def test_one_word_is_one_word() -> None:
    assert finds("cat the mat", "cat _ mat")
    assert not finds("cat the the mat", "cat _ mat")
    assert not finds("cat mat", "cat _ mat")


@pytest.mark.parametrize("guard", ["film", "film ...20 @"])
def test_how_near_before_it_something_excuses(guard: str) -> None:
    assert not finds(between("film", 11, "cat sat"), "cat sat", unless=[guard])
    assert finds(between("film", 12, "cat sat"), "cat sat", unless=[guard])


def test_how_near_behind_it_something_excuses() -> None:
    assert not finds(between("cat sat", 11, "film"), "cat sat", unless=["film"])
    assert finds(between("cat sat", 12, "film"), "cat sat", unless=["film"])


def test_what_excuses_must_begin_or_end_where_it_says() -> None:
    assert not finds("cat sat on", "cat sat", unless=["@ on"])
    assert finds("cat sat the on", "cat sat", unless=["@ on"])
    assert not finds("mad cat sat", "cat sat", unless=["mad @"])
    assert finds("mad the cat sat", "cat sat", unless=["mad @"])
    # Of two places it excuses the one and not the other
    assert finds("mad cat sat and cat sat", "cat sat", unless=["mad @"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("in 1900", True),
        ("in 2099", True),
        ("in 1899", False),
        ("in 2100", False),
        ("in 19980", False),
        ("in 199", False),
    ],
)
def test_what_is_a_year(typed: str, read: bool) -> None:
    # 2100 is as far as nobody writes; a year begins with 19 or 20
    assert finds(typed, "in ####") is read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("took 30 mg", True),
        ("took 30mg", True),
        ("took mg", False),
        ("took thirty mg", False),
    ],
)
def test_a_number_and_its_unit(typed: str, read: bool) -> None:
    assert finds(typed, "took # mg") is read


@pytest.mark.parametrize(
    ("word", "typed", "read"),
    [
        # Of three letters one may be wrong, none missing
        ("die", "dei", True),
        ("die", "dia", True),
        ("die", "di", False),
        ("die", "diee", True),
        ("die", "dize", False),
        # One error up to eight letters, two from nine on
        ("hopeless", "hopelss", True),
        ("hopeless", "hopls", False),
        ("hopeless", "hpelss", False),
        ("hopeless", "opelessx", False),
        ("desperate", "desprate", True),
        ("desperate", "dsprate", True),
        ("desperate", "dsprat", False),
        # As it stands and nothing else
        ("=coma", "coma", True),
        ("=coma", "comma", False),
        # An ordinary word is no error of another
        ("hat", "cat", False),
        ("hat", "bat", True),
    ],
)
def test_how_many_errors_a_word_may_have(word: str, typed: str, read: bool) -> None:
    assert finds(f"the {typed}", word) is read


@pytest.mark.parametrize(
    ("word", "typed", "read"),
    [
        # Typed apart: two to four parts, a word of four letters or more
        ("suicide", "sui cide", True),
        ("suicide", "su ic ide", True),
        ("suicide", "su ic id e", True),
        ("kill", "ki ll", True),
        ("die", "di e", False),
        # Parts in two sentences belong to none
        ("kill", "the ki. ll", False),
        # Of two ordinary words, from seven letters on
        ("fishcat", "fish cat", True),
        ("madcat", "mad cat", False),
        # Letter by letter, from three on
        ("die", "d i e", True),
        ("suicide", "s-u-i-c-i-d-e", True),
        # Typed together, from six letters on
        ("the cat", "thecat", True),
        ("on mat", "onmat", False),
        ("see this cat", "seethiscat", True),
    ],
)
def test_what_is_typed_apart_or_together(word: str, typed: str, read: bool) -> None:
    assert finds(typed, word) is read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("k*ll", True),
        ("k**l", True),
        ("k#ll", True),
        # A sign for each letter that is hidden
        ("k*l", False),
        ("x*ll", False),
    ],
)
def test_hidden_letters(typed: str, read: bool) -> None:
    assert finds(f"the {typed}", "kill") is read


def test_a_spelling_is_written_as_people_type_it() -> None:
    spellings = {"suicide": ["sue's side"]}
    assert finds("the sue's side", "suicide", spellings=spellings)
    assert finds("the sues side", "suicide", spellings=spellings)
    assert not finds("the sues side", "suicide")


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [
        # A direct sign before a veiled one, a crisis before an emergency, the rule before the next
        (("abuse", "direct"), ("crisis", "veiled"), "abuse"),
        (("emergency", "direct"), ("crisis", "direct"), "crisis"),
        (("abuse", "veiled"), ("emergency", "veiled"), "emergency"),
        (("crisis", "veiled"), ("emergency", "veiled"), "crisis"),
    ],
)
def test_which_of_two_is_raised(
    first: tuple[str, str], second: tuple[str, str], raised: str
) -> None:
    phrases = Phrases.from_mapping(
        {
            name: {
                "kind": kind,
                "rules": [{"rule": name, "phrases": [word], "strength": strength}],
            }
            for name, word, (kind, strength) in (("one", "cat", first), ("two", "fish", second))
        }
    )
    for text in ("cat fish", "fish cat", "the cat. A fish"):
        alarm = assess(text, phrases)
        assert alarm is not None
        assert alarm.kind == raised


def test_of_two_rules_alike_the_first_is_named() -> None:
    rules = [{"rule": name, "phrases": [name]} for name in ("cat", "fish")]
    phrases = Phrases.from_mapping({"pets": {"kind": "abuse", "rules": rules}})
    for text in ("fish cat", "cat fish"):
        alarm = assess(text, phrases)
        assert alarm is not None
        assert (alarm.rule, alarm.matched) == ("cat", "cat")


def test_of_one_rule_the_first_words_are_named() -> None:
    rules = [{"rule": "pets", "phrases": ["mad cat", "mad fish"]}]
    phrases = Phrases.from_mapping({"pets": {"kind": "abuse", "rules": rules}})
    alarm = assess("the mad fish, the mad cat", phrases)
    assert alarm is not None
    assert alarm.matched == "mad fish"
