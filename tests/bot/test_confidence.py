from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import pytest

from components.confidence import ConfidenceSettings, Evidence, confidences

SETTINGS = ConfidenceSettings()
# (classifier's line, nearest in meaning, nearest in letters)
Row = Mapping[str, tuple[float, float, float]]
CLEAR: Row = {
    "symptom_pain": (0.9, 0.8, 0.5),
    "symptom_mood": (-0.6, 0.5, 0.3),
    "crisis": (-0.9, 0.3, 0.2),
    "out_of_scope": (-1.0, 0.2, 0.1),
}


def judged(row: Row, settings: ConfidenceSettings = SETTINGS) -> dict[str, float]:
    """Confidence in each intent, best first."""
    names = sorted(row)
    lines, meaning, letters = (
        np.array([[row[name][kind] for name in names]], dtype=np.float32) for kind in range(3)
    )
    found = confidences(Evidence(lines, meaning, letters), names, settings)[0]
    assert found.dtype == np.float32
    assert ((found >= 0) & (found <= 1)).all()
    order = sorted(zip(names, found.tolist(), strict=True), key=lambda pair: -pair[1])
    return dict(order)


def test_a_clear_message_is_clear() -> None:
    found = judged(CLEAR)
    assert next(iter(found)) == "symptom_pain"
    assert found["symptom_pain"] > 0.9
    assert found["symptom_pain"] > found["symptom_mood"] > found["crisis"]
    assert found["out_of_scope"] == pytest.approx(1 - found["symptom_pain"], abs=1e-6)


def test_far_from_everything_is_out_of_scope() -> None:
    far = dict.fromkeys(CLEAR, (-0.9, 0.15, 0.05)) | {"out_of_scope": (0.8, 0.5, 0.3)}
    found = judged(far)
    assert next(iter(found)) == "out_of_scope"
    assert found["symptom_pain"] < 0.2


@pytest.mark.parametrize(
    ("change", "surer"),
    [
        ({"symptom_pain": (1.2, 0.8, 0.5)}, True),
        ({"symptom_pain": (0.9, 0.9, 0.5)}, True),
        ({"symptom_pain": (0.9, 0.8, 0.8)}, False),  # looks more like one, means no more
        ({"out_of_scope": (-0.2, 0.2, 0.1)}, False),
    ],
)
def test_what_speaks_for_and_against_being_inside(change: Row, surer: bool) -> None:
    before, after = judged(CLEAR)["symptom_pain"], judged({**CLEAR, **change})["symptom_pain"]
    assert (after > before) is surer
    assert after != before


def test_how_sure_it_is_can_be_worked_out_by_hand() -> None:
    found = judged(CLEAR)
    against = -2.0 * -1.0 + -1.35
    sure = 1 / (1 + math.exp(-(1.0 * 0.9 + 2.5 * 0.8 - 1.0 * 0.5 + against)))
    assert found["symptom_pain"] == pytest.approx(sure, abs=1e-6)
    best, second = (
        0.55 / (1 + math.exp(-3 * line)) + 0.3 * meaning + 0.15 * letters
        for line, meaning, letters in (CLEAR["symptom_pain"], CLEAR["symptom_mood"])
    )
    assert found["symptom_mood"] == pytest.approx(sure * second / best, abs=1e-6)


@pytest.mark.parametrize("intent", ["crisis", "emergency", "abuse"])
def test_a_safety_intent_needs_its_bar(intent: str) -> None:
    sounds_like = {**CLEAR, intent: (0.5, 0.7, 0.6), "symptom_pain": (-0.3, 0.5, 0.3)}
    below = judged(sounds_like)
    assert next(iter(below)) == "symptom_pain"
    assert below[intent] == pytest.approx(0.5 * below["symptom_pain"])
    sure = judged({**sounds_like, intent: (1.0, 0.7, 0.6)})
    assert next(iter(sure)) == intent
    lower = dataclasses.replace(SETTINGS, safety_bar=0.5)
    assert next(iter(judged(sounds_like, lower))) == intent


def test_below_its_bar_a_safety_intent_does_not_speak_for_being_inside() -> None:
    nothing_else = dict.fromkeys(CLEAR, (-0.9, 0.1, 0.05)) | {"crisis": (0.5, 0.9, 0.6)}
    found = judged(nothing_else)
    assert found["crisis"] < 0.5
    assert found["symptom_pain"] < 0.6


def test_without_an_out_of_scope_intent_confidence_is_the_mean_of_the_evidence() -> None:
    inside = {name: row for name, row in CLEAR.items() if name != "out_of_scope"}
    found = judged(inside)
    assert next(iter(found)) == "symptom_pain"
    line = 1 / (1 + np.exp(-3 * 0.9))
    assert found["symptom_pain"] == pytest.approx(0.55 * line + 0.3 * 0.8 + 0.15 * 0.5)
    far = judged(dict.fromkeys(inside, (-0.9, 0.1, 0.05)))
    assert max(far.values()) < 0.4 < judged(inside)["symptom_pain"]


def test_data_with_nothing_but_safety_intents_has_no_bar() -> None:
    found = judged({"crisis": (0.2, 0.5, 0.3), "abuse": (-0.4, 0.2, 0.1)})
    assert list(found) == ["crisis", "abuse"]
