"""The words of `knowledge/context_words.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.reading import KNOWLEDGE, Entry, cached, read_mapping
from content.treatment_words import any_of, plain

WORDS_FILE = KNOWLEDGE / "context_words.yml"


@dataclass(frozen=True)
class ContextWords:
    """The content of the file; phrases are compared with a plain text (see `plain`)."""

    openers: re.Pattern[str]
    pronouns: frozenset[str]
    function_words: frozenset[str]
    fillers: frozenset[str]
    everywhere: frozenset[str]
    question_starts: frozenset[str]
    more: frozenset[str]
    meant: tuple[str, ...]
    correcting: tuple[str, ...]
    about_something: frozenset[str]
    topic_treatments: Mapping[str, str]
    languages: Mapping[str, frozenset[str]]


def load_context_words(path: Path = WORDS_FILE) -> ContextWords:
    """Return the words; reads the file again only when it has changed.

    Raises:
        ContentError: the file cannot be used.
    """
    return cached(_read, path)


def _read(path: Path) -> ContextWords:
    top = Entry(path, "top of the file", read_mapping(path))
    top.only("version", *ContextWords.__dataclass_fields__)
    openers = any_of(top.texts("openers"), lambda problem: top.error(problem, "openers"))
    if openers is None:
        raise top.error("is empty", "openers")
    treatments = Entry(path, "topic_treatments", top.fields.get("topic_treatments"))
    languages = Entry(path, "languages", top.fields.get("languages"))
    return ContextWords(
        openers=openers,
        pronouns=frozenset(top.texts("pronouns")),
        function_words=frozenset(top.texts("function_words")),
        fillers=frozenset(top.texts("fillers")),
        everywhere=frozenset(top.texts("everywhere")),
        question_starts=frozenset(top.texts("question_starts")),
        more=frozenset(plain(phrase) for phrase in top.texts("more")),
        meant=top.texts("meant"),
        correcting=top.texts("correcting"),
        about_something=frozenset(top.texts("about_something")),
        topic_treatments={topic: treatments.text(topic) for topic in treatments.fields},
        languages={language: frozenset(languages.texts(language)) for language in languages.fields},
    )
