"""What the bot learns from and is measured with today, and what in it is like a given text."""

from __future__ import annotations

import difflib
import heapq
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.reading import ContentError, as_mapping, cached, read_mapping
from helpline.store.correction_models import TEST, TRAINING

FOLDERS: Mapping[str, str] = {TRAINING: "data/nlu", TEST: "tests/nlu"}
# Of examples that share words with a text, so many are compared letter by letter.
COMPARED = 30
# From this likeness on, 0 to 1, two texts count as nearly the same.
NEARLY = 0.75
_WORD = re.compile(r"[^\W_]+")


def normal(text: str) -> str:
    """Return a text without what makes no difference: case, accents of typing, signs, blanks."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'", "")
    return " ".join(_WORD.findall(plain))


@dataclass(frozen=True)
class Example:
    """A text that has its intent: in the training data, the tests, or another correction."""

    text: str
    intent: str
    where: str
    # Of another correction: the key of its message
    message: int | None = None


@dataclass(frozen=True)
class Alike:
    """An example that is like a text; `score` is 1 for the same words."""

    example: Example
    score: float


class Examples:
    """Examples, found by their words."""

    def __init__(self, examples: Iterable[Example]) -> None:
        """Index them."""
        self.all = tuple(examples)
        self.intents = frozenset(example.intent for example in self.all)
        self._same: dict[str, list[Example]] = defaultdict(list)
        self._having: dict[str, list[int]] = defaultdict(list)
        self._words: list[frozenset[str]] = []
        for number, example in enumerate(self.all):
            key = normal(example.text)
            self._same[key].append(example)
            words = frozenset(key.split())
            self._words.append(words)
            for word in words:
                self._having[word].append(number)
        # How much a word tells: one that is everywhere tells little.
        self._weights = {
            word: math.log(1 + (len(self.all) + 1) / (len(numbers) + 1))
            for word, numbers in self._having.items()
        }
        self._common = max(len(self.all) // 20, 10)
        self._unseen = math.log(2 + len(self.all))

    def same(self, text: str) -> list[Example]:
        """Return the examples with the same words in the same order."""
        return self._same.get(normal(text), [])

    def alike(self, text: str, limit: int = 3) -> list[Alike]:
        """Return the examples nearest to a text among those nearly the same, the nearest first."""
        key = normal(text)
        words = frozenset(key.split())
        # Words that are everywhere find nothing; a text of nothing else is looked for by all.
        telling = {word for word in words if len(self._having.get(word, ())) < self._common}
        shared: dict[int, float] = defaultdict(float)
        for word in telling or words:
            weight = self._weight(word)
            for number in self._having.get(word, ()):
                shared[number] += weight
        found = []
        for number in heapq.nlargest(COMPARED, shared, key=shared.__getitem__):
            score = self._score(key, words, number)
            if score >= NEARLY:
                found.append(Alike(self.all[number], score))
        return sorted(found, key=lambda one: -one.score)[:limit]

    def _score(self, key: str, words: frozenset[str], number: int) -> float:
        """Return how alike a text and an example are: by their words, or letter by letter."""
        both = sum(map(self._weight, words & self._words[number]))
        every = sum(map(self._weight, words | self._words[number]))
        letters = difflib.SequenceMatcher(None, key, normal(self.all[number].text), autojunk=False)
        # Bounds from above, far cheaper than the ratio itself
        near = letters.real_quick_ratio() >= NEARLY and letters.quick_ratio() >= NEARLY
        return max(both / every if every else 0.0, letters.ratio() if near else 0.0)

    def _weight(self, word: str) -> float:
        return self._weights.get(word, self._unseen)


def examples_of(block: Any) -> list[str]:
    """Return the texts of Rasa's `examples`: lines that begin with a dash, or a list."""
    if isinstance(block, str):
        lines = (line.strip() for line in block.splitlines())
        return [line[1:].strip() for line in lines if line.startswith("-")]
    if isinstance(block, list):
        return [str(as_mapping(one).get("text", one)).strip() for one in block]
    return []


def read_file(path: Path, where: str) -> Iterator[Example]:
    """Yield the examples of one file of NLU data.

    Raises:
        ContentError: the file cannot be used.
    """
    listed = read_mapping(path).get("nlu")
    if not isinstance(listed, list):
        raise ContentError(path, "must be a list", field="nlu")
    for section in listed:
        fields = as_mapping(section)
        if "intent" in fields:
            for text in examples_of(fields.get("examples")):
                yield Example(text, str(fields["intent"]), where)


def load_examples(root: Path) -> Examples:
    """Return training data and tests below a checkout; reads them again only when they changed.

    Raises:
        ContentError: a file cannot be used.
    """
    parts = [
        cached(_READERS[where], root / folder)
        for where, folder in FOLDERS.items()
        if (root / folder).is_dir()
    ]
    key = tuple(id(part) for part in parts)
    if _last.get("key") != key:
        # The parts are kept beside the index, so that no other can have their ids.
        _last.update(key=key, parts=parts, examples=Examples(one for part in parts for one in part))
    examples: Examples = _last["examples"]
    return examples


_last: dict[str, Any] = {}


def _read_training(folder: Path) -> tuple[Example, ...]:
    return tuple(one for path in sorted(folder.glob("*.yml")) for one in read_file(path, TRAINING))


def _read_tests(folder: Path) -> tuple[Example, ...]:
    return tuple(one for path in sorted(folder.glob("*.yml")) for one in read_file(path, TEST))


_READERS = {TRAINING: _read_training, TEST: _read_tests}
