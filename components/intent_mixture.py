"""The intent classifier itself, without Rasa: three kinds of evidence, mixed.

No single view of a sentence is enough when intents have 25 to 500 examples. A linear classifier
over meaning and letters uses all examples; the nearest examples in meaning know the rare way of
asking; the nearest examples in letters know names and survive typing mistakes. What the three say
becomes a ranking and a confidence in `components/confidence.py`. docs/adr/0005 has the figures.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from components.confidence import ConfidenceSettings, Evidence, confidences
from components.likeness import Likeness, SmallVectors
from components.ngrams import NgramVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMAT_VERSION = 4
ARRAYS_FILE = "mixture.npz"
TEXTS_FILE = "mixture.json"

# The linear classifier is trained in this many processes, each with its share of the intents.
# Threads would share the one random generator of liblinear, and no training would be like another
PARTS = 2
# A pair of letters is too little to tell whether it is a word
_WORD = re.compile(r"[^\W\d_]{3,}")
# Finer steps change what it says of one example in 4,500
TOLERANCE = 0.1


@dataclass(frozen=True)
class MixtureSettings(ConfidenceSettings):
    """How the linear classifier is trained, beside what ConfidenceSettings says.

    `letters` is the length of the n-gram part of a vector beside the embedding's 1; `c` the
    inverse strength of regularisation; an example of an intent with n examples weighs
    n ** -balance, so 0 makes every example count the same, and 1 every intent.
    """

    letters: float = 1.0
    c: float = 0.5
    balance: float = 0.5


@dataclass(frozen=True)
class Prediction:
    """What a text probably asks for. `ranking` holds (intent, confidence) pairs, best first, from 0
    to 1; `nearest_text` is the example of the first intent that is most like the text, with the
    mean of its cosines in meaning and letters.
    """

    ranking: tuple[tuple[str, float], ...]
    nearest_text: str
    nearest_score: float

    @property
    def margin(self) -> float:
        """How far the first is ahead of the second."""
        first, *others = [score for _, score in self.ranking]
        return first - others[0] if others else first


@dataclass(frozen=True)
class _Learnt:
    """What training leaves. Examples stand together by intent, in the order of `intents`."""

    intents: list[str]
    texts: list[str]
    starts: NDArray[np.int64]  # place of the first example of each intent
    centre: Floats  # mean embedding, taken off every embedding
    examples: SmallVectors  # embeddings without it, unit vectors
    examples_of_ngrams: sparse.csr_matrix  # (n-grams, examples): few meet the n-grams of a text
    # The linear classifier: of the embedding and of the n-grams (halved in precision, because
    # there are tens of thousands), each (dimensions, intents)
    weights: Floats
    ngram_weights: NDArray[np.float16]
    bias: Floats


class IntentMixture:
    """A trained mixture; make it with `fit` or `load`."""

    def __init__(self, settings: MixtureSettings, ngrams: NgramVectors, learnt: _Learnt) -> None:
        """Take what `fit` has learnt."""
        self._settings = settings
        self._ngrams = ngrams
        self._learnt = learnt
        self._likeness = Likeness(learnt.examples)
        self._ends = np.append(learnt.starts[1:], len(learnt.texts))
        self._counts = self._ends - learnt.starts

    @property
    def intents(self) -> list[str]:
        """The intents it knows, in the order of the columns of `scores`."""
        return list(self._learnt.intents)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        vectors: Floats,
        intents: Sequence[str],
        settings: MixtureSettings | None = None,
    ) -> IntentMixture:
        """Train on examples; the same examples give the same mixture.

        Args:
            texts: the examples.
            vectors: their embeddings, unit vectors, shape (examples, dimensions).
            intents: the intent of each.
            settings: shares and strengths; the measured ones when left out.

        Raises:
            ValueError: there are fewer than two intents.
        """
        chosen = settings or MixtureSettings()
        names = sorted(set(intents))
        if len(names) < 2:
            raise ValueError("an intent classifier needs examples of at least two intents")
        order = np.argsort(np.asarray(intents), kind="stable")
        labels = np.asarray(intents)[order]
        starts = np.searchsorted(labels, names)
        counts = np.diff(np.append(starts, len(labels)))
        ordered_texts = [texts[index] for index in order]

        centre = vectors.mean(axis=0).astype(np.float32)
        examples = _centred(np.asarray(vectors, dtype=np.float32)[order], centre)
        ngrams, example_ngrams = NgramVectors.fit_transform(ordered_texts)
        weights, bias = _linear_classifier(
            sparse.hstack([sparse.csr_matrix(examples), example_ngrams * _scale(chosen)]).tocsr(),
            labels,
            np.repeat((counts / counts.mean()) ** -chosen.balance, counts),
            chosen.c,
        )
        return cls(
            chosen,
            ngrams,
            _Learnt(
                names,
                ordered_texts,
                starts,
                centre,
                SmallVectors.of(examples),
                sparse.csr_matrix(example_ngrams.T),
                weights[: len(centre)],
                (weights[len(centre) :] * _scale(chosen)).astype(np.float16),
                bias,
            ),
        )

    def scores(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return the confidence in every intent for every text, shape (texts, intents), 0 to 1."""
        return confidences(self.evidence(texts, vectors), self._learnt.intents, self._settings)

    def evidence(self, texts: Sequence[str], vectors: Floats) -> Evidence:
        """Return what speaks for each intent, before it is weighed."""
        return self._judge(texts, vectors)[0]

    def predict(self, text: str, vector: Floats, length: int = 10) -> Prediction:
        """Return the best `length` intents for a text with its embedding of shape (dimensions,)."""
        evidence, likeness = self._judge([text], vector[None, :])
        scores = confidences(evidence, self._learnt.intents, self._settings)[0]
        order = np.argsort(-scores, kind="stable")[:length]
        best = slice(self._learnt.starts[order[0]], self._ends[order[0]])
        nearest = int(likeness[0, best].argmax())
        names = self._learnt.intents
        return Prediction(
            ranking=tuple((names[index], float(scores[index])) for index in order),
            nearest_text=self._learnt.texts[int(best.start) + nearest],
            nearest_score=float(likeness[0, best][nearest]),
        )

    def noise(self, text: str) -> list[str]:
        """Return the words of a text, in small letters, that are like no word at all."""
        words = _WORD.findall(text.lower())
        return [word for word in words if not self._ngrams.is_like_a_word(word)]

    def _judge(self, texts: Sequence[str], vectors: Floats) -> tuple[Evidence, Floats]:
        """Return the evidence, and the mean cosine in both spaces of each text to each example."""
        learnt = self._learnt
        meaning = _centred(vectors, learnt.centre)
        by_meaning = self._likeness.to(meaning)
        by_letters = np.empty_like(by_meaning)
        lines = meaning @ learnt.weights + learnt.bias
        for place, text in enumerate(texts):
            # Only what shares an n-gram with the text is touched
            columns, values = self._ngrams.row(text)
            by_letters[place] = learnt.examples_of_ngrams[columns].T @ values / 2
            lines[place] += values @ learnt.ngram_weights[columns].astype(np.float32)
        evidence = Evidence(lines, self._nearest(by_meaning), self._nearest(by_letters))
        return evidence, (by_meaning + by_letters) / 2

    def _nearest(self, likeness: Floats) -> Floats:
        """Return for each text and intent the mean of the highest two of `likeness`."""
        starts, columns = self._learnt.starts, np.arange(likeness.shape[1])
        first = np.maximum.reduceat(likeness, starts, axis=1)
        is_first = likeness == np.repeat(first, self._counts, axis=1)
        # Of equals only one is taken out
        place = np.minimum.reduceat(np.where(is_first, columns, len(columns)), starts, axis=1)
        others = likeness.copy()
        np.put_along_axis(others, place, -np.inf, axis=1)
        second = np.maximum.reduceat(others, starts, axis=1)
        # An intent with one example has it counted again
        means: Floats = (first + np.where(np.isneginf(second), first, second)) / 2
        return means

    def save(self, folder: Path) -> None:
        """Write the mixture into `folder` as plain arrays and JSON: loading runs no code."""
        grams, idf = self._ngrams.state()
        learnt, matrix = self._learnt, self._learnt.examples_of_ngrams
        np.savez(
            folder / ARRAYS_FILE,
            starts=learnt.starts,
            centre=learnt.centre,
            examples=learnt.examples.integers,
            scale=learnt.examples.scale,
            weights=learnt.weights,
            ngram_weights=learnt.ngram_weights,
            bias=learnt.bias,
            idf=idf,
            ngram_values=matrix.data,
            ngram_examples=matrix.indices,
            ngram_pointers=matrix.indptr,
        )
        told = {
            "version": FORMAT_VERSION,
            "settings": dataclasses.asdict(self._settings),
            "intents": learnt.intents,
            "texts": learnt.texts,
            "grams": grams,
        }
        (folder / TEXTS_FILE).write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentMixture:
        """Read what `save` wrote.

        Raises:
            ValueError: another version of this program wrote it.
        """
        told = json.loads((folder / TEXTS_FILE).read_text(encoding="utf-8"))
        if told["version"] != FORMAT_VERSION:
            raise ValueError(
                f"the model's classifier has format {told['version']}, this program reads "
                f"{FORMAT_VERSION}: train again"
            )
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        ngrams = NgramVectors.from_state(told["grams"], arrays["idf"])
        examples_of_ngrams = sparse.csr_matrix(
            (arrays["ngram_values"], arrays["ngram_examples"], arrays["ngram_pointers"]),
            shape=(ngrams.size, len(told["texts"])),
        )
        return cls(
            MixtureSettings(**told["settings"]),
            ngrams,
            _Learnt(
                told["intents"],
                told["texts"],
                arrays["starts"],
                arrays["centre"],
                SmallVectors(arrays["examples"], np.float32(arrays["scale"])),
                examples_of_ngrams,
                arrays["weights"],
                arrays["ngram_weights"],
                arrays["bias"],
            ),
        )


def _scale(settings: MixtureSettings) -> float:
    # Both halves of an n-gram vector have length 1, so the whole is sqrt(2) long
    return settings.letters / 2**0.5


def _centred(vectors: Floats, centre: Floats) -> Floats:
    """Take off what all training texts have in common, so that cosines tell more."""
    moved = np.asarray(vectors, dtype=np.float32) - centre
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit.astype(np.float32)


def _linear_classifier(
    features: sparse.csr_matrix, labels: NDArray[Any], weights: NDArray[np.float64], c: float
) -> tuple[Floats, Floats]:
    """Train one line for each intent; return weights (features, intents) and biases."""

    # What sklearn would do in place, while the other process reads
    features = features.astype(np.float64)
    features.sum_duplicates()
    parts = joblib.Parallel(PARTS)(
        joblib.delayed(_lines)(features, labels, names, weights, c)
        for names in np.array_split(np.unique(labels), PARTS)
    )
    lines, bias = (np.concatenate(each) for each in zip(*parts, strict=True))
    return np.ascontiguousarray(lines.T, dtype=np.float32), bias.astype(np.float32)


def _lines(
    features: sparse.csr_matrix,
    labels: NDArray[Any],
    names: NDArray[Any],
    weights: NDArray[np.float64],
    c: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Every line parts one intent from all others, so the others may have one name; it comes
    # first, and its line is left out (of two classes sklearn keeps the second's anyway)
    relabelled = np.where(np.isin(labels, names), labels, "")
    model = LinearSVC(C=c, tol=TOLERANCE, random_state=0)
    model.fit(features, relabelled, sample_weight=weights)
    return model.coef_[-len(names) :], model.intercept_[-len(names) :]
