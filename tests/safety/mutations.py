"""Messages as a shaking hand, a bad keyboard or somebody who hides a word types them."""

from __future__ import annotations

import random
from collections.abc import Callable

_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
_TWINS = {"a": "а", "c": "с", "e": "е", "i": "і", "o": "о", "p": "р", "s": "ѕ", "x": "х", "y": "у"}
_LONG = 5  # letters from which a word is still readable with one wrong
_HELLOS = ("Hello,", "hi there,", "good evening.", "Sorry to bother you.", "ok so", "um,", "Hey!")
_ENDS = (
    "Thank you.", "thanks in advance", "sorry for the long message", "please answer",
    "I have had MS since 2009.", "My neurologist is away this week.", "😔😔", "...", "!!!",
    "What is siponimod?", "Greetings from Ohio.",
)  # fmt: skip

Mutation = Callable[[str, random.Random], str]


def _in_a_word(text: str, chance: random.Random, change: Callable[[str], str]) -> str:
    """Change one long word of plain letters; the text stays as it is if it has none."""
    words = text.split(" ")
    places = [
        place
        for place, word in enumerate(words)
        if word.isascii() and word.isalpha() and len(word) >= _LONG
    ]
    if places:
        place = chance.choice(places)
        words[place] = change(words[place])
    return " ".join(words)


def swapped(text: str, chance: random.Random) -> str:
    """Two letters in the wrong order."""

    def change(word: str) -> str:
        at = chance.randrange(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _in_a_word(text, chance, change)


def dropped(text: str, chance: random.Random) -> str:
    """A letter missing."""

    def change(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        return word[:at] + word[at + 1 :]

    return _in_a_word(text, chance, change)


def doubled(text: str, chance: random.Random) -> str:
    """A letter held down."""

    def change(word: str) -> str:
        at = chance.randrange(len(word))
        return word[:at] + word[at] * chance.randint(2, 5) + word[at + 1 :]

    return _in_a_word(text, chance, change)


def next_key(text: str, chance: random.Random) -> str:
    """The key beside the right one."""

    def change(word: str) -> str:
        at = chance.randrange(1, len(word))
        beside = _NEIGHBOURS.get(word[at].lower(), word[at])
        return word[:at] + chance.choice(beside) + word[at + 1 :]

    return _in_a_word(text, chance, change)


def leet(text: str, chance: random.Random) -> str:
    """A digit or sign for a letter."""

    def change(word: str) -> str:
        places = [at for at, letter in enumerate(word) if letter.lower() in _LEET]
        if not places:
            return word
        at = chance.choice(places)
        return word[:at] + chance.choice(_LEET[word[at].lower()]) + word[at + 1 :]

    return _in_a_word(text, chance, change)


def spaced(text: str, chance: random.Random) -> str:
    """A word letter by letter."""
    between = chance.choice((" ", ".", "-"))
    return _in_a_word(text, chance, between.join)


def shouted(text: str, chance: random.Random) -> str:
    """All in capitals."""
    return text.upper()


def mixed_case(text: str, chance: random.Random) -> str:
    """Capitals at random."""
    return "".join(chance.choice((letter.upper(), letter.lower())) for letter in text)


def without_apostrophes(text: str, chance: random.Random) -> str:
    """No apostrophes, no accents typed."""
    return text.replace("'", "").replace("’", "")


def curly(text: str, chance: random.Random) -> str:
    """The apostrophe of a phone."""
    return text.replace("'", "’")


def without_punctuation(text: str, chance: random.Random) -> str:
    """A voice transcript: no commas and full stops, small letters."""
    return "".join(letter for letter in text.lower() if letter not in ',;:!?"')


def zero_width(text: str, chance: random.Random) -> str:
    """Hidden characters between the letters of a word."""
    return _in_a_word(text, chance, "\u200b".join)


def twins(text: str, chance: random.Random) -> str:
    """Letters of another alphabet that look the same."""
    return "".join(
        _TWINS.get(letter, letter) if chance.random() < 0.3 else letter for letter in text
    )


def accented(text: str, chance: random.Random) -> str:
    """Accents where there are none."""
    return "".join(
        letter + "\u0301" if letter in "aeiou" and chance.random() < 0.3 else letter
        for letter in text
    )


def extra_spaces(text: str, chance: random.Random) -> str:
    """Spaces and line ends at the beginning and the end, two spaces between."""
    return f"  \n{text.replace(' ', '  ')} \n"


def greeting_before(text: str, chance: random.Random) -> str:
    """Something friendly first."""
    return f"{chance.choice(_HELLOS)} {text}"


def words_after(text: str, chance: random.Random) -> str:
    """Something else afterwards."""
    ended = text if text[-1] in ".!?" else f"{text}."
    return f"{ended} {chance.choice(_ENDS)}"


def both_sides(text: str, chance: random.Random) -> str:
    """Something before and after."""
    return words_after(greeting_before(text, chance), chance)


def between_questions(text: str, chance: random.Random) -> str:
    """In the middle of harmless questions."""
    ended = text if text[-1] in ".!?" else f"{text}."
    return f"Is Mayzent approved in the US? {ended} And how do I find a support group?"


def full_width(text: str, chance: random.Random) -> str:
    """The wide letters of an East Asian keyboard."""
    return "".join(
        chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" and letter != "'" else letter
        for letter in text
    )


MUTATIONS: tuple[Mutation, ...] = (
    swapped, dropped, doubled, next_key, leet, spaced, shouted, mixed_case, without_apostrophes,
    curly, without_punctuation, zero_width, twins, accented, extra_spaces, greeting_before,
    words_after, both_sides, between_questions, full_width,
)  # fmt: skip
