"""The words of `knowledge/context_words.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.reading import KNOWLEDGE, Entry, cached, read_mapping
from content.treatment_words import any_of, plain

WORDS_FILE = KNOWLEDGE / "context_words.yml"
# In a longer message the name of a language may be somebody's, or part of a story.
MOST_WORDS_WITH_OWN_NAME = 6


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
    own_names: Mapping[str, frozenset[str]]
    languages: Mapping[str, frozenset[str]]

    def language_named(self, text: str) -> str | None:
        """Return the language that a short message calls by its own name ("hablas español?")."""
        said = re.findall(r"[^\W\d_]+", text.lower())
        if len(said) > MOST_WORDS_WITH_OWN_NAME:
            return None
        named = (language for language, names in self.own_names.items() if names & {*said})
        return next(named, None)


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
    own_names = Entry(path, "own_names", top.fields.get("own_names"))
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
        own_names={name: frozenset(own_names.texts(name)) for name in own_names.fields},
        languages={language: frozenset(languages.texts(language)) for language in languages.fields},
    )
