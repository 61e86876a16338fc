"""From what was typed to plain words: case, accents, look-alike letters, hidden characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Letters of other alphabets that are drawn like Latin ones.
_LOOKALIKES = str.maketrans(
    {
        other: latin
        for latin, others in {
            "a": "аαɑ", "b": "вƅβ", "c": "сϲ", "d": "ԁđ", "e": "еεєҽ", "f": "ƒ", "g": "ɡ",
            "h": "һнħ", "i": "іıιɩ", "j": "ј", "k": "кκ", "l": "ӏłɫ", "m": "м", "n": "пη",
            "o": "оοσø", "p": "рρ", "q": "ԛ", "r": "гᴦ", "s": "ѕ", "t": "тτ", "u": "υս",
            "v": "ѵν", "w": "ԝω", "x": "хχ", "y": "уγү",
        }.items()
        for other in others
    }
)  # fmt: skip
# Drawn as nothing, though Unicode calls them letters or signs.
_BLANKS = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0\u2800"), " ")
# Format characters (zero width, soft hyphen, tags), accents and other marks, unassigned ones.
_HIDDEN = frozenset({"Cf", "Mn", "Me", "Cn", "Co", "Cs"})
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘`´ʼ′](?=[^\W\d_])")
_CHUNK = re.compile(r"\n|[^\s]+")
# A chunk is taken apart between words; signs that may stand for letters stay ("k!ll", "su*cide").
_PIECE = re.compile(r"(?:[$@|](?=[^\W_]))?[^\W_]+(?:[@$!|+*#€]+[^\W_]+)*(?:[*#]+)?")
_SENTENCE_END = re.compile(r"[.!?;。！？]+[\"')\]}»”’*_]*$")
_ELLIPSIS = re.compile(r"(?:\.{2,}|…)[\"')\]}»”’*_]*$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in plain small letters; `ends` says that a sentence ends with it."""

    text: str
    ends: bool


def plain(text: str) -> str:
    """Return `text` in small Latin letters without accents and hidden characters."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).translate(_BLANKS).casefold().translate(_LOOKALIKES)
    text = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in text if unicodedata.category(letter) not in _HIDDEN)


def tokens(text: str) -> list[Token]:
    """Take `text` apart into words, in order.

    Three dots end no sentence, nor do full stops after every single word ("I. Want. To. Sleep.").
    """
    found: list[Token] = []
    run = 0  # words since the last full stop or the like
    after_one_word = False  # whether the last sentence had a single word
    for match in _CHUNK.finditer(_APOSTROPHE.sub("", plain(text))):
        chunk = match.group()
        pieces = _PIECE.findall(chunk)
        found.extend(Token(piece, False) for piece in pieces)
        run += len(pieces)
        if chunk != "\n" and (not _SENTENCE_END.search(chunk) or _ELLIPSIS.search(chunk)):
            continue
        if run == 0 or (chunk != "\n" and len(pieces) > 1 and max(map(len, pieces)) == 1):
            continue  # nothing to end, or "k.i.l.l."
        if run == 1 and after_one_word:
            found[-2] = Token(found[-2].text, False)
        found[-1] = Token(found[-1].text, True)
        after_one_word = run == 1
        run = 0
    return found
