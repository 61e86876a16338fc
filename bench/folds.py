"""Cross-validation that does not flatter: what is alike is never both learnt and asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedGroupKFold

from bench.scores import OUT_OF_SCOPE
from components.confidence import Evidence
from components.intent_mixture import IntentMixture, MixtureSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FOLDS = 5
# Examples with a higher cosine say nearly the same
ALIKE = 0.88
# Out-of-scope examples are split by what they are about, because visitors will come with subjects
# that nobody thought of
SUBJECTS = 60
# Of data without out-of-scope examples this share of the intents is taken out to stand in for them
TAKEN_OUT = 0.25


@dataclasses.dataclass(frozen=True)
class Labelled:
    """Texts with their embeddings, shape (texts, dimensions), and intents."""

    texts: list[str]
    vectors: Floats
    intents: NDArray[np.str_]

    def part(self, rows: Sequence[int] | NDArray[np.int64]) -> Labelled:
        """Only these rows."""
        return Labelled([self.texts[row] for row in rows], self.vectors[rows], self.intents[rows])


@dataclasses.dataclass(frozen=True)
class Asked:
    """What was asked of a mixture that had not seen it: the right intents, the intents that it
    knows, and its evidence.
    """

    right: NDArray[np.str_]
    intents: list[str]
    evidence: Evidence


def _groups(data: Labelled) -> NDArray[np.int64]:
    alike = sparse.csr_matrix(data.vectors @ data.vectors.T > ALIKE)
    groups: NDArray[np.int64] = sparse.csgraph.connected_components(alike, directed=False)[1]
    outside = np.flatnonzero(data.intents == OUT_OF_SCOPE)
    if len(outside) > SUBJECTS:
        subjects = KMeans(SUBJECTS, random_state=0, n_init=3).fit_predict(data.vectors[outside])
        groups[outside] = groups.max() + 1 + subjects
    return groups


def folds(data: Labelled) -> Iterator[tuple[Labelled, Labelled]]:
    """Yield what is learnt and what is asked, FOLDS times.

    Without out-of-scope examples some intents are not learnt, others in each fold, and what is
    asked of them is out of scope.
    """
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    pick = np.random.default_rng(0)
    for learnt, asked in splitter.split(data.vectors, data.intents, _groups(data)):
        training, questions = data.part(learnt), data.part(asked)
        names = np.unique(training.intents)
        if OUT_OF_SCOPE not in names:
            unknown = pick.choice(names, max(3, int(len(names) * TAKEN_OUT)), replace=False)
            training = training.part(np.flatnonzero(~np.isin(training.intents, unknown)))
            known = np.isin(questions.intents, training.intents)
            right = np.where(known, questions.intents, OUT_OF_SCOPE)
            questions = dataclasses.replace(questions, intents=right)
        yield training, questions


def ask(training: Labelled, questions: Labelled, settings: MixtureSettings) -> Asked:
    """Train a mixture and return what it makes of the questions."""
    mixture = IntentMixture.fit(
        training.texts, training.vectors, training.intents.tolist(), settings
    )
    evidence = mixture.evidence(questions.texts, questions.vectors)
    return Asked(questions.intents, mixture.intents, evidence)
