"""How typed words are read: letters, spacing, typing errors; and that nothing makes it slow."""

from __future__ import annotations

import time

import pytest

from safety import Phrases, assess
from safety.letters import plain, tokens
from safety.spelling import distance

_PHRASES = Phrases.from_mapping(
    {
        "words": {
            "kind": "crisis",
            "rules": [{"rule": "r", "phrases": ["kill myself", "suicide", "want to die"]}],
            "spellings": {"myself": ["my self", "meself"], "suicide": ["sewerslide"]},
            "ordinary_words": "i will bill my self want to side wild due did the a ill kiln",
        }
    }
)


@pytest.mark.parametrize(
    "typed",
    [
        "kill myself", "KILL MYSELF", "kil myself", "klil myself", "killl mysellf", "k1ll mys3lf",
        "ki11 myself", "k!ll my$elf", "k*ll myself", "k i l l myself", "k.i.l.l myself",
        "k-i-l-l m-y-s-e-l-f", "killmyself", "kill my self", "kill meself", "ki ll myself",
        "k\u200bi\u200bll myself", "ｋｉｌｌ myself", "kíll mýself", "kіll mуself", "kill-myself",
        "kill... myself", "kill\nmyself", "kiiiiill myyyyself", "kilk myself", "sui cide",
        "s u i c i d e", "su1c1de", "suicde", "suicidee", "sewerslide", "sewerslde", "su*cide",
        "s**cide", "iwanttodie", "i want to dei", "i want to diiieeee", "Want. To. Die.",
    ],
)  # fmt: skip
def test_tricks_and_errors_are_read(typed: str) -> None:
    typed = typed.replace("kill\nmyself", "kill myself")
    assert assess(typed, _PHRASES) is not None


@pytest.mark.parametrize(
    "typed",
    ["i will myself to", "bill myself", "wild side", "the side", "want to. Die Hard", "", "   ",
     "...", "?!", "12345", "k", "\u200b", "😀😀", "kill. Myself i will", "kill\nmyself"],
)  # fmt: skip
def test_other_words_stay_themselves(typed: str) -> None:
    assert assess(typed, _PHRASES) is None


def test_hidden_characters_and_case_are_removed() -> None:
    assert plain("Ｓuì\u200bcíde\u00ad") == "suicide"


def test_where_sentences_end() -> None:
    def sentences(text: str) -> list[bool]:
        return [token.ends for token in tokens(text)]

    assert sentences("one two. three four") == [False, True, False, False]
    assert sentences("one two... three") == [False, False, False]
    assert sentences("One. Two. Three.") == [False, False, True]
    assert sentences("No. one two") == [True, False, False]
    assert sentences("one two\nthree") == [False, True, False]
    assert sentences("k.i.l.l. me") == [False] * 5


@pytest.mark.parametrize(
    ("typed", "meant", "errors"),
    [("kill", "kill", 0), ("klil", "kill", 1), ("kil", "kill", 1), ("kkill", "kill", 1),
     ("bill", "kill", 1), ("iklls", "kill", 2), ("", "kill", 4)],
)  # fmt: skip
def test_distance(typed: str, meant: str, errors: int) -> None:
    assert distance(typed, meant) == errors


def test_the_gate_is_a_pure_function(phrases: Phrases) -> None:
    texts = ["I want to die", "xqzv suicxde", "what is SPMS", "my husband hits me"]
    first = [assess(text, phrases) for text in texts]
    again = [assess(text, phrases) for text in reversed(texts)][::-1]
    assert first == again


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a ", "k i l l ", "my ", "i want to ", "he hits me ", "my mom and dad ", "die ",
        "really ", "suicxdx ", "[", "<", "@ ", "* ", "1 ", "... ", "I. ", "\u200b", "é", "no ",
        "if ", "my husband ", "what is ", "iwanttolive", "suici de ", "&&", "of the ", "\n", "it ",
    ],
)  # fmt: skip
def test_no_thousand_characters_hang_the_gate(unit: str, phrases: Phrases) -> None:
    """A phrase that blows up would need minutes here."""
    text = (unit * 1000)[:1000]
    started = time.process_time()
    assess(text, phrases)
    assert time.process_time() - started < 2


def test_a_very_long_message_is_read_to_its_end(phrases: Phrases) -> None:
    text = "The infusion was fine and the nurse was kind. " * 400 + "I want to kill myself."
    alarm = assess(text, phrases)
    assert alarm is not None
    assert alarm.kind == "crisis"


def test_letters_drawn_like_latin_ones_are_read_as_those() -> None:
    assert plain("аƅсԁεƒɡһіјкłмпоρԛгѕтυѵωхү") == "abcdefghijklmnopqrstuvwxy"


_COMPOUND = Phrases.from_mapping(
    {
        "words": {
            "kind": "crisis",
            "rules": [{"rule": "r", "phrases": ["overdose", "kill myself"]}],
            "ordinary_words": "i over dose want to the",
        }
    }
)


@pytest.mark.parametrize("typed", ["i want to over dose", "kill|myself", "kill+myself"])
def test_words_typed_apart_or_with_a_sign_between_are_one_cry(typed: str) -> None:
    assert assess(typed, _COMPOUND) is not None
    assert assess("over the dose", _COMPOUND) is None
