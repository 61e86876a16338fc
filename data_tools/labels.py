"""Examples whose intent is probably wrong, by cross-validation.

A plain linear classifier on the sentence embedding is trained on the other folds, and the examples
nearest in meaning vote. Where both, independently, are sure of another intent than the written one,
the label is worth a look. (The idea of out-of-sample disagreement: Northcutt, Jiang and Chuang,
"Confident Learning", 2021.) It is no judge: some of them are right and merely unusual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold

from data_tools.examples import Example

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 5
NEIGHBOURS = 12
# How far the other intent must be ahead of the written one: in the classifier (whose labels are 1
# and -1), and as a share of the neighbours' votes
AHEAD = 0.35
AHEAD_IN_VOTES = 0.5


@dataclass(frozen=True)
class Doubt:
    """An example that looks like one of another intent; `strength` grows with the doubt."""

    example: Example
    looks_like: str
    strength: float

    def __str__(self) -> str:
        """Say it to whoever writes examples."""
        return (
            f"“{self.example.text}” is {self.example.intent}, looks like {self.looks_like} "
            f"({self.strength:.2f})"
        )


def doubtful_labels(examples: Sequence[Example], vectors: NDArray[np.float32]) -> list[Doubt]:
    """Return the doubtful examples, the most doubtful first.

    Args:
        examples: at least FOLDS of each intent.
        vectors: their embeddings, unit vectors, shape (examples, dimensions).
    """
    labels = np.array([example.intent for example in examples])
    names, codes = np.unique(labels, return_inverse=True)
    rows = np.arange(len(examples))
    judged = _out_of_fold(vectors, labels, len(names))
    votes = _votes_of_neighbours(vectors, codes, len(names))
    best = judged.argmax(axis=1)
    ahead = judged[rows, best] - judged[rows, codes]
    ahead_in_votes = votes[rows, best] - votes[rows, codes]
    doubtful = (best != codes) & (ahead >= AHEAD) & (ahead_in_votes >= AHEAD_IN_VOTES)
    found = [
        Doubt(examples[row], str(names[best[row]]), float(ahead[row] + ahead_in_votes[row]))
        for row in np.flatnonzero(doubtful)
    ]
    return sorted(found, key=lambda doubt: -doubt.strength)


def _out_of_fold(
    vectors: NDArray[np.float32], labels: NDArray[np.str_], intents: int
) -> NDArray[np.float64]:
    """Distances to every intent by a classifier that has not seen the example."""
    judged = np.zeros((len(labels), intents))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for training, left_out in folds.split(vectors, labels):
        model = RidgeClassifier(alpha=1.0, class_weight="balanced")
        model.fit(vectors[training], labels[training])
        judged[left_out] = model.decision_function(vectors[left_out])
    return judged


def _votes_of_neighbours(
    vectors: NDArray[np.float32], codes: NDArray[np.int64], intents: int
) -> NDArray[np.float64]:
    """Share of the nearest other examples that each intent has."""
    votes = np.zeros((len(codes), intents))
    for start in range(0, len(codes), 1000):
        block = np.arange(start, min(start + 1000, len(codes)))
        likeness = vectors[block] @ vectors.T
        likeness[np.arange(len(block)), block] = -1
        nearest = np.argpartition(-likeness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        np.add.at(votes, (block[:, None], codes[nearest]), 1 / NEIGHBOURS)
    return votes
