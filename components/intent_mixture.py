"""The intent classifier itself, without Rasa: three kinds of evidence, mixed.

No single view of a sentence is enough when intents have 25 to 500 examples. A linear classifier
over meaning and letters uses all examples; the nearest examples in meaning know the rare way of
asking; the nearest examples in letters know names and survive typing mistakes. The mean of the
three ranks better than each, and its height says how far a message is from everything known, which
a trained classifier alone does not. `bench/` has the figures.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from components.ngrams import NgramVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMAT_VERSION = 2
ARRAYS_FILE = "mixture.npz"
TEXTS_FILE = "mixture.json"

# "Nearest" is the mean over this many examples of an intent: one alone may be a stray
NEAREST = 2


@dataclass(frozen=True)
class MixtureSettings:
    """Shares of the three kinds of evidence (they are divided by their sum), and how the linear
    classifier is trained.

    `letters` is the length of the n-gram part of a vector beside the embedding's 1; `c` the
    inverse strength of regularisation; an example of an intent with n examples weighs
    n ** -balance, so 0 makes every example count the same, and 1 every intent.
    """

    classifier: float = 0.35
    near_in_meaning: float = 0.40
    near_in_letters: float = 0.25
    letters: float = 1.0
    c: float = 0.5
    balance: float = 0.5


@dataclass(frozen=True)
class Prediction:
    """What a text probably asks for. `ranking` holds (intent, score) pairs, best first, scores from
    0 to 1; `nearest_text` is the example of the first intent that is most like the text, with the
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
    examples: Floats  # embeddings without it, unit vectors
    example_ngrams: sparse.csr_matrix
    weights: Floats  # of the linear classifier, (embedding and n-grams, intents)
    bias: Floats


class IntentMixture:
    """A trained mixture; make it with `fit` or `load`."""

    def __init__(self, settings: MixtureSettings, ngrams: NgramVectors, learnt: _Learnt) -> None:
        """Take what `fit` has learnt."""
        self._settings = settings
        self._ngrams = ngrams
        self._learnt = learnt
        # Transposed once, so that a text meets only the examples that share an n-gram with it
        self._examples_of_ngrams = sparse.csr_matrix(learnt.example_ngrams.T)
        self._ends = np.append(learnt.starts[1:], len(learnt.texts))

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
        ngrams = NgramVectors.fit(ordered_texts)
        example_ngrams = ngrams.transform(ordered_texts)
        weights, bias = _linear_classifier(
            sparse.hstack([sparse.csr_matrix(examples), example_ngrams * _scale(chosen)]).tocsr(),
            labels,
            np.repeat((counts / counts.mean()) ** -chosen.balance, counts),
            chosen.c,
        )
        return cls(
            chosen,
            ngrams,
            _Learnt(names, ordered_texts, starts, centre, examples, example_ngrams, weights, bias),
        )

    def scores(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return the score of every intent for every text, shape (texts, intents), 0 to 1."""
        return self._evidence(texts, vectors)[0]

    def predict(self, text: str, vector: Floats, length: int = 10) -> Prediction:
        """Return the best `length` intents for a text with its embedding of shape (dimensions,)."""
        scores, by_meaning, by_letters = self._evidence([text], vector[None, :])
        order = np.argsort(-scores[0], kind="stable")[:length]
        best = slice(self._learnt.starts[order[0]], self._ends[order[0]])
        likeness = (by_meaning[0, best] + by_letters[0, best]) / 2
        nearest = int(likeness.argmax())
        names = self._learnt.intents
        return Prediction(
            ranking=tuple((names[index], float(scores[0, index])) for index in order),
            nearest_text=self._learnt.texts[int(best.start) + nearest],
            nearest_score=float(likeness[nearest]),
        )

    def _evidence(self, texts: Sequence[str], vectors: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the scores, and the cosine of each text to each example in both spaces."""
        share, learnt = self._settings, self._learnt
        meaning = _centred(vectors, learnt.centre)
        letters = self._ngrams.transform(texts)
        by_meaning = meaning @ learnt.examples.T
        by_letters = (letters @ self._examples_of_ngrams).toarray() / 2
        dimensions = len(learnt.centre)
        distances = (
            meaning @ learnt.weights[:dimensions]
            + (letters @ learnt.weights[dimensions:]) * _scale(share)
            + learnt.bias
        )
        # Both at once: most of the time goes into the calls, not into the numbers
        nearest = self._nearest(np.concatenate([by_meaning, by_letters]))
        near_in_meaning, near_in_letters = np.split(nearest, 2)
        mixed = (
            # Distances of -1 and 1 are the margins of the classifier
            share.classifier * np.clip((distances + 1) / 2, 0, 1)
            + share.near_in_meaning * near_in_meaning
            + share.near_in_letters * near_in_letters
        ) / (share.classifier + share.near_in_meaning + share.near_in_letters)
        return np.clip(mixed, 0, 1), by_meaning, by_letters

    def _nearest(self, likeness: Floats) -> Floats:
        """Return for each text and intent the mean of the highest few of `likeness`."""
        best = np.empty((len(likeness), len(self._ends), NEAREST), dtype=np.float32)
        for column, (start, end) in enumerate(zip(self._learnt.starts, self._ends, strict=True)):
            few = min(NEAREST, end - start)
            # An intent with fewer examples than that has its only one counted again
            best[:, column] = np.partition(likeness[:, start:end], -few, axis=1)[:, -few:]
        means: Floats = best.mean(axis=2)
        return means

    def save(self, folder: Path) -> None:
        """Write the mixture into `folder` as plain arrays and JSON: loading runs no code."""
        grams, idf = self._ngrams.state()
        learnt, matrix = self._learnt, self._learnt.example_ngrams
        np.savez(
            folder / ARRAYS_FILE,
            starts=learnt.starts,
            centre=learnt.centre,
            examples=learnt.examples,
            weights=learnt.weights,
            bias=learnt.bias,
            idf=idf,
            ngram_values=matrix.data,
            ngram_columns=matrix.indices,
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
        example_ngrams = sparse.csr_matrix(
            (arrays["ngram_values"], arrays["ngram_columns"], arrays["ngram_pointers"]),
            shape=(len(told["texts"]), ngrams.size),
        )
        return cls(
            MixtureSettings(**told["settings"]),
            ngrams,
            _Learnt(
                told["intents"],
                told["texts"],
                arrays["starts"],
                arrays["centre"],
                arrays["examples"],
                example_ngrams,
                arrays["weights"],
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
    fitted = LinearSVC(C=c, random_state=0).fit(features, labels, sample_weight=weights)
    lines, bias = fitted.coef_, fitted.intercept_
    if len(lines) == 1:  # sklearn keeps one line for two classes
        lines, bias = np.vstack([-lines, lines]), np.array([-bias[0], bias[0]])
    return np.ascontiguousarray(lines.T, dtype=np.float32), bias.astype(np.float32)
