"""What the command that chooses the classifier's numbers rests on."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from bench.folds import ALIKE, FOLDS, Asked, Labelled, ask, folds
from bench.tuning import bars, fallbacks, hint3_correlation, rows
from components.confidence import OUT_OF_SCOPE, Evidence
from components.intent_mixture import MixtureSettings

PICK = np.random.default_rng(3)
SETTINGS = MixtureSettings()


def unit(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / length, dtype=np.float32)


def data(intents: list[str], each: int = 20) -> Labelled:
    """Messages around one direction an intent; every fourth is nearly a copy of the one before."""
    vectors: list[npt.NDArray[np.float64]] = []
    names: list[str] = []
    for intent in intents:
        middle = PICK.normal(size=24)
        for number in range(each):
            new = middle + PICK.normal(size=24) * 1.5
            vectors.append(vectors[-1] + 0.05 if number % 4 == 3 else new)
            names.append(intent)
    texts = [f"{name} {number % 7}" for number, name in enumerate(names)]
    return Labelled(texts, unit(np.array(vectors)), np.array(names))


def test_near_copies_are_never_learnt_and_asked() -> None:
    everything = data(["pain", "mood", OUT_OF_SCOPE])
    asked_of = []
    for training, questions in folds(everything):
        assert (training.vectors @ questions.vectors.T).max() <= ALIKE + 1e-6
        assert len(training.texts) + len(questions.texts) == len(everything.texts)
        asked_of += [tuple(vector) for vector in questions.vectors]
    assert len(asked_of) == len(set(asked_of)) == len(everything.texts)


def test_without_out_of_scope_examples_unknown_intents_stand_in() -> None:
    everything = data(["a", "b", "c", "d", "e"])
    seen = list(folds(everything))
    assert len(seen) == FOLDS
    for training, questions in seen:
        assert len(set(training.intents)) == 2
        outside = questions.intents == OUT_OF_SCOPE
        assert outside.any()
        assert set(questions.intents[~outside]) <= set(training.intents)


def asked(*right: str, sure: float) -> Asked:
    """Evidence that puts the right intent first, or out of scope where that is right."""
    intents = ["crisis", "mood", OUT_OF_SCOPE, "pain"]
    lines = np.full((len(right), 4), -sure, dtype=np.float32)
    for row, name in enumerate(right):
        lines[row, intents.index(name)] = sure
    near = ((lines + 1) / 2).clip(0, 1)
    return Asked(np.array(right), intents, Evidence(lines, near, near / 2))


def test_rows_say_what_the_evidence_says() -> None:
    found = rows([asked("pain", OUT_OF_SCOPE, "crisis", sure=1)], SETTINGS, frozenset({"pain"}))
    assert [row.right for row in found] == [{"pain"}, frozenset()]  # a crisis is neither
    assert [row.best for row in found] == ["pain", OUT_OF_SCOPE]
    assert found[0].confidence > 0.8
    assert found[1].confidence == 0


def test_fallback_table_counts_both_sides() -> None:
    part = asked("pain", "mood", OUT_OF_SCOPE, OUT_OF_SCOPE, sure=1)
    table = fallbacks([part], SETTINGS, frozenset({"pain", "mood"}))
    assert "| 0.60, 0.000 | 0.000 | 1.000 | 1.000 |" in table
    unsure = dataclasses.replace(SETTINGS, inside_bias=-9)
    table = fallbacks([part, asked("pain", sure=1)], unsure, frozenset({"pain", "mood"}))
    assert "| 0.60, 0.000 | 1.000 | 1.000 | – |" in table


def test_a_higher_bar_lets_fewer_through() -> None:
    ours, others = asked("crisis", "pain", sure=0.6), asked("pain", sure=1)
    sounds_alike = dataclasses.replace(asked("crisis", sure=0.6), right=np.array(["none"]))
    table = bars([ours, others], sounds_alike, SETTINGS)
    assert "| 0.50 | 1.0000 | 0.0000 | 1.0000 |" in table
    assert "| 0.95 | 0.0000 | 0.0000 | 0.0000 |" in table


def test_hint3_is_judged_at_one_threshold() -> None:
    right = asked("pain", "mood", OUT_OF_SCOPE, sure=1)
    assert hint3_correlation([[right], [right]], SETTINGS) == "1.000"


def test_asking_keeps_to_the_settings() -> None:
    training, questions = next(folds(data(["pain", "mood", OUT_OF_SCOPE])))
    one, other = (
        ask(training, questions, dataclasses.replace(SETTINGS, c=c)).evidence.lines
        for c in (0.1, 5)
    )
    assert one.shape == (len(questions.texts), 3)
    assert not np.allclose(one, other)
