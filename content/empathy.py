"""A kind sentence before the facts, where a message carries distress.

Deterministic: the words stand in `knowledge/distress.yml`, the sentences in
`data/responses/empathy.yml`. What is a crisis is decided elsewhere, by the safety gate.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from content.reading import KNOWLEDGE, Entry, cached, read_mapping
from content.responses import load_responses
from content.treatment_words import any_of, plain

DISTRESS_FILE = KNOWLEDGE / "distress.yml"

# feeling -> the response that is said first
RESPONSES = {
    "grief": "utter_empathy_grief",
    "fear": "utter_empathy_fear",
    "shame": "utter_empathy_shame",
    "loneliness": "utter_empathy_loneliness",
    "anger": "utter_empathy_anger",
    "overwhelm": "utter_empathy_overwhelm",
}
# Before these kinds of message only: the others are kind in themselves, or must stand alone
KINDS_AFTER_EMPATHY = ("answer", "personal_advice", "clarify", "handoff")
# Not "us" and "were": without capitals and apostrophes they are other words as well
SPEAKER = frozenset({"i", "im", "ive", "id", "me", "my", "myself", "we", "weve", "our"})
MOST_WORDS_BETWEEN = 2
PARAGRAPH = "\n\n"


@dataclass(frozen=True)
class Feeling:
    """Words that show a feeling: whoever is meant, and those that must be about the speaker."""

    name: str
    anyone: re.Pattern[str] | None
    speaker: re.Pattern[str] | None


@dataclass(frozen=True)
class Distress:
    """The content of the file."""

    feelings: tuple[Feeling, ...]
    not_after: frozenset[str]
    not_before: tuple[str, ...]
    kind_already: frozenset[str]


def load_distress(path: Path = DISTRESS_FILE) -> Distress:
    """Return the words; reads the file again only when it has changed.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read_distress, path)


def feeling_in(text: str, distress: Distress | None = None) -> str | None:
    """Return the feeling that a visitor's message shows, None where it shows none.

    Raises:
        ContentError: the file of words cannot be used.
    """
    words = load_distress() if distress is None else distress
    said = plain(text)
    speaks = not SPEAKER.isdisjoint(said.split())
    for feeling in words.feelings:
        for pattern in (feeling.anyone, feeling.speaker if speaks else None):
            hits = pattern.finditer(said) if pattern is not None else ()
            if any(_counts(hit, said, words) for hit in hits):
                return feeling.name
    return None


def with_empathy(
    text: str, answer: str | None, kind: str, visitor: str, said_before: int = 0
) -> str:
    """Return the text of an answer with a kind sentence before it, where one is due.

    Args:
        text: what would be said.
        answer: name of the answer; some are kind already.
        kind: kind of the message.
        visitor: what the visitor has just typed.
        said_before: how often such a sentence has been said in this conversation; wordings take
            turns, and after the second time facts come without it.

    Returns:
        The sentence, an empty line and the text; the text alone where no sentence is due.

    Raises:
        ContentError: a content file cannot be used.
    """
    distress = load_distress()
    if kind not in KINDS_AFTER_EMPATHY or answer in distress.kind_already or said_before > 1:
        return text
    feeling = feeling_in(visitor, distress)
    if feeling is None:
        return text
    wordings = load_responses()[RESPONSES[feeling]]
    return wordings[said_before % len(wordings)]["text"] + PARAGRAPH + text


def without_empathy(text: str) -> str:
    """Return the text of an answer without the sentence that `with_empathy` put before it.

    Raises:
        ContentError: the answers cannot be read.
    """
    responses = load_responses()
    for name in RESPONSES.values():
        for wording in responses.get(name, ()):
            if text.startswith(wording["text"] + PARAGRAPH):
                return text.removeprefix(wording["text"] + PARAGRAPH)
    return text


def _counts(hit: re.Match[str], text: str, words: Distress) -> bool:
    before = text[: hit.start()].split()[-MOST_WORDS_BETWEEN - 1 :]
    after = text[hit.end() :].lstrip()
    return words.not_after.isdisjoint(before) and not after.startswith(words.not_before)


def _read_distress(path: Path) -> Distress:
    top = Entry(path, "top of the file", read_mapping(path))
    top.only("version", "feelings", "not_after", "not_before", "kind_already")
    feelings = Entry(path, "feelings", top.fields.get("feelings"))
    feelings.only(*RESPONSES)
    return Distress(
        feelings=tuple(
            _feeling(Entry(path, name, feelings.fields[name])) for name in feelings.fields
        ),
        not_after=frozenset(top.texts("not_after")),
        not_before=top.texts("not_before"),
        kind_already=frozenset(top.texts("kind_already")),
    )


def _feeling(entry: Entry) -> Feeling:
    entry.only("anyone", "speaker")
    anyone, speaker = (
        any_of(entry.texts(field), functools.partial(entry.error, field=field))
        for field in ("anyone", "speaker")
    )
    return Feeling(entry.name, anyone, speaker)
