"""Put texts that mean about the same into groups; called by the staff console.

    python -m data_tools.group_questions ANSWER.json < texts.json

Reads a JSON list of texts from the standard input, so that no visitor's words come onto a command
line or a disk. Writes a list of groups, the largest first: places in the list, the most typical
text of the group first. Runs in the bot's environment, with the bot's own sentence embedding.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from components.sentence_model import SentenceModel

# Mean cosine distance between two groups up to which they become one (tests/bot/test_grouping.py)
SAME_MEANING = 0.5


def group(texts: Sequence[str]) -> list[list[int]]:
    """Return the groups of the texts, as places in `texts`."""
    if not texts:
        return []
    vectors = SentenceModel().embed(list(texts))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return group_vectors(vectors / np.maximum(lengths, 1e-9))


def group_vectors(vectors: NDArray[np.float32]) -> list[list[int]]:
    """Return the groups of vectors of length 1, shape (texts, dimensions)."""
    if len(vectors) == 1:
        return [[0]]
    clustering = AgglomerativeClustering(
        n_clusters=None, distance_threshold=SAME_MEANING, affinity="cosine", linkage="average"
    )
    labels = clustering.fit_predict(vectors)
    groups = []
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        # The nearest to all others of its group stands for it.
        typical = np.argsort(-(vectors[places] @ vectors[places].mean(axis=0)), kind="stable")
        groups.append([int(places[place]) for place in typical])
    return sorted(groups, key=lambda places: (-len(places), places[0]))


def main(arguments: list[str]) -> int:
    """Group; returns the exit code."""
    texts: list[str] = json.load(sys.stdin)
    Path(arguments[0]).write_text(json.dumps(group(texts)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
