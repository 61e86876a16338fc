"""Entities with canonical ids: siponimod for "Mayzent", and for "mayzant" too."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import tokenizers
from rapidfuzz import process
from rapidfuzz.distance import OSA
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.medical_terms import (
    TREATMENT,
    TRIAL,
    Term,
    load_terms,
    load_trial_treatments,
    load_words_not_treatments,
    terms_hash,
)
from components.sentence_model import tokenizer_file
from components.spacy_pipeline import SpacyNLP

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

# Names shorter than this are only recognised as they are spelled: too much is near them.
SHORTEST_GUESSED = 5
# From this length on, two letters may be wrong
TWO_ERRORS_FROM = 7
# Endings that make another form of an ordinary word
ENDINGS = (
    "s",
    "es",
    "ed",
    "d",
    "ing",
    "er",
    "ers",
    "or",
    "ly",
    "al",
    "ally",
    "ic",
    "ive",
    "ful",
    "less",
    "ness",
    "able",
    "ment",
    "ism",
    "ist",
)


@functools.cache
def ordinary_words() -> frozenset[str]:
    """Return English words: the whole words among the sentence model's word pieces, and those of
    `knowledge/entities.yml` that are near the name of a treatment.

    Raises:
        ContentError: that file cannot be used.
    """
    vocabulary = tokenizers.Tokenizer.from_file(str(tokenizer_file())).get_vocab()
    common = frozenset(word for word in vocabulary if word.isalpha())
    return common | load_words_not_treatments()


def is_ordinary(word: str) -> bool:
    """Whether `word` (small letters) is an English word or a form of one."""
    words = ordinary_words()
    if word in words:
        return True
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < 3:
            continue
        undoubled = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem
        if words & {stem, f"{stem}e", undoubled, f"{stem[:-1]}y" if stem.endswith("i") else stem}:
            return True
    return False


class NameGuesser:
    """Finds the treatment whose name a misspelled word stands for."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Learn the names of treatments that are one word and long enough to be told apart."""
        self._ids = {
            term.name.lower(): term.id
            for term in terms
            if term.entity == TREATMENT
            and term.proper
            and len(term.name) >= SHORTEST_GUESSED
            and term.name.isalpha()
        }
        self._names = list(self._ids)

    def guess(self, word: str) -> str | None:
        """Return the canonical id of the treatment meant by `word`, or None.

        One wrong, missing, extra or swapped letter is forgiven, two in names of seven letters and
        more. Ordinary English words, and words that are as near to another treatment, get None.
        """
        word = word.lower()
        if len(word) < SHORTEST_GUESSED or not word.isalpha() or is_ordinary(word):
            return None
        allowed = 2 if len(word) >= TWO_ERRORS_FROM else 1
        found = process.extract(
            word, self._names, scorer=OSA.distance, score_cutoff=allowed, limit=None
        )
        near = [
            (name, distance)
            for name, distance, _ in found
            if distance <= (2 if len(name) >= TWO_ERRORS_FROM else 1)
        ]
        if not near:
            return None
        least = min(distance for _, distance in near)
        ids = {self._ids[name] for name, distance in near if distance == least}
        return ids.pop() if len(ids) == 1 else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityLinker(GraphComponent, EntityExtractorMixin):
    """Takes what the entity ruler found and what looks like a misspelled treatment.

    The value of an entity is its canonical id; `start` and `end` (characters) tell what was typed.
    """

    def __init__(self, guesser: NameGuesser, trials: Mapping[str, str]) -> None:
        """Use `guesser` for misspelled names; `trials` tells which treatment a trial tested."""
        self._guesser = guesser
        self._trials = trials

    @classmethod
    def required_components(cls) -> list[type]:
        """The spaCy pipeline stands before it."""
        return [SpacyNLP]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Make Rasa notice that a name in `knowledge/` has changed."""
        return terms_hash(load_terms())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityLinker:
        """Make the component (see GraphComponent).

        Raises:
            ContentError: a file of `knowledge/` cannot be used.
        """
        return cls(NameGuesser(load_terms()), load_trial_treatments())

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT])
            found = self.entities_of(doc) if doc is not None else []
            message.set(
                ENTITIES,
                message.get(ENTITIES, []) + self.add_extractor_name(found),
                add_to_output=True,
            )
        return messages

    def entities_of(self, doc: Doc) -> list[dict[str, Any]]:
        """Return the entities of a text, in the order of their places."""
        found = [
            _entity(span.label_, span.ent_id_, span.start_char, span.end_char) for span in doc.ents
        ]
        found += [
            _entity(TREATMENT, guessed, token.idx, token.idx + len(token))
            for token in doc
            if not token.ent_type_ and (guessed := self._guess(token)) is not None
        ]
        named = {entity["value"] for entity in found if entity["entity"] == TREATMENT}
        # The name of a trial stands for the treatment it tested
        found += [
            _entity(TREATMENT, treatment, trial["start"], trial["end"])
            for trial in found
            if trial["entity"] == TRIAL
            and (treatment := self._trials.get(trial["value"])) is not None
            and not named
        ]
        return sorted(found, key=lambda entity: entity["start"])

    def _guess(self, token: Token) -> str | None:
        return self._guesser.guess(token.text)


def _entity(kind: str, identity: str, start: int, end: int) -> dict[str, Any]:
    return {"entity": kind, "value": identity, "start": start, "end": end, "confidence": None}
