"""TF-IDF vectors of words and of letter groups, kept as plain arrays.

Letter groups make a typing mistake cost a little instead of a whole word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

# (analyzer, shortest, longest)
WORDS = ("word", 1, 2)
LETTERS = ("char_wb", 2, 5)
# Share of the groups of three letters that another word, or a name, has in common with those known:
# "halal", "Szczecin", "zzkx" have .8, .5 and .25
LEAST_OF_A_WORD = 0.4


class NgramVectors:
    """Two TF-IDF spaces side by side: words with word pairs, and groups of two to five letters.

    Each half of a vector has length 1 (0 where nothing is known), so that the dot product of two
    texts, halved, is their mean cosine.
    """

    def __init__(
        self, vocabularies: Sequence[Mapping[str, int]], weights: NDArray[np.float32]
    ) -> None:
        """Take the columns of every n-gram (words, letters) and the IDF weight of every column."""
        self._vocabularies = list(vocabularies)
        self._weights = weights
        # The analyzers are made once: sklearn's `transform` would make them anew for each text
        self._analyzers: list[Callable[[str], list[str]]] = [
            _vectorizer(*kind).build_analyzer() for kind in (WORDS, LETTERS)
        ]

    @classmethod
    def fit_transform(cls, texts: Sequence[str]) -> tuple[NgramVectors, sparse.csr_matrix]:
        """Learn the n-grams of `texts` and how much each tells; return them with the vectors of
        `texts`, shape (texts, size).
        """
        vocabularies: list[dict[str, int]] = []
        weights, halves = [], []
        for kind in (WORDS, LETTERS):
            vectorizer = _vectorizer(*kind)
            halves.append(vectorizer.fit_transform(texts))
            offset = sum(map(len, vocabularies))
            vocabularies.append(
                {gram: int(column) + offset for gram, column in vectorizer.vocabulary_.items()}
            )
            weights.append(vectorizer.idf_)
        learnt = cls(vocabularies, np.concatenate(weights).astype(np.float32))
        return learnt, sparse.hstack(halves).tocsr()

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self._weights)

    def row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return the columns of `text` and their values: its vector without the zeros."""
        columns, values = [], []
        for analyze, vocabulary in zip(self._analyzers, self._vocabularies, strict=True):
            counts = Counter(
                column for gram in analyze(text) if (column := vocabulary.get(gram)) is not None
            )
            half = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
            value = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            value = (np.log(value) + 1.0) * self._weights[half]
            columns.append(half)
            values.append(value / max(float(np.sqrt(value @ value)), 1e-12))
        return np.concatenate(columns), np.concatenate(values)

    def is_like_a_word(self, word: str) -> bool:
        """Whether a word is made as the words of the examples are: another word, a name or a typing
        error is, what a hand types that only rests on the keys is not.
        """
        padded = f" {word.lower()} "
        triples = [padded[place : place + 3] for place in range(len(word))]
        known = sum(triple in self._vocabularies[1] for triple in triples)
        return known >= LEAST_OF_A_WORD * len(triples)

    def state(self) -> tuple[list[list[str]], NDArray[np.float32]]:
        """Return the n-grams of each half in the order of their columns, and the weights."""
        return [sorted(each, key=each.__getitem__) for each in self._vocabularies], self._weights

    @classmethod
    def from_state(
        cls, grams: Sequence[Sequence[str]], weights: NDArray[np.float32]
    ) -> NgramVectors:
        """Make again what `state` returned."""
        vocabularies, offset = [], 0
        for half in grams:
            vocabularies.append({gram: offset + place for place, gram in enumerate(half)})
            offset += len(half)
        return cls(vocabularies, weights)


def _vectorizer(analyzer: str, shortest: int, longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=analyzer, ngram_range=(shortest, longest), sublinear_tf=True, dtype=np.float32
    )
