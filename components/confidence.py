"""From evidence to confidence: which intent, how sure, and whether the message is ours at all.

Three questions are kept apart, because one score cannot answer them all:

1. Which intent? The weighted mean of the three kinds of evidence ranks the intents.
2. Is the message about anything we know? A logistic function of four figures: how firmly the
   classifier says yes to the best intent, how near the nearest examples are in meaning and in
   letters, and how firmly it says out of scope. Letters count against: what looks like an example
   without meaning the same is a trap.
3. Is it a crisis, an emergency or abuse, although the safety gate found no words for it? Only when
   the classifier is surer than for any other intent: many harmless messages sound like one.

`make bench-tuning` chooses the numbers by cross-validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from safety import ALARM_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

OUT_OF_SCOPE = "out_of_scope"

# Distances from a linear classifier's line become shares of evidence by a logistic function
_STEEPNESS = 3.0
# A safety intent below its bar stands in the ranking with this share of the first one's confidence
_BELOW_BAR = 0.5


@dataclass(frozen=True)
class ConfidenceSettings:
    """What evidence weighs.

    `classifier`, `near_in_meaning` and `near_in_letters` are shares of the ranking (divided by
    their sum). `inside_*` and `outside_line` weigh what speaks for and against a message being
    inside. `safety_bar` is the classifier's evidence, 0 to 1, from which it may name a safety
    intent by itself.
    """

    classifier: float = 0.55
    near_in_meaning: float = 0.30
    near_in_letters: float = 0.15
    inside_line: float = 1.0
    inside_meaning: float = 2.5
    inside_letters: float = -1.0
    outside_line: float = -2.0
    inside_bias: float = -1.35
    safety_bar: float = 0.9


@dataclass(frozen=True)
class Evidence:
    """What speaks for each intent, each of shape (texts, intents): `lines`, the distances of the
    linear classifier (-1 and 1 are its margins), and the mean cosine of the nearest few examples in
    meaning and in letters.
    """

    lines: Floats
    meaning: Floats
    letters: Floats


def confidences(evidence: Evidence, intents: Sequence[str], settings: ConfidenceSettings) -> Floats:
    """Return the confidence in each intent, shape (texts, intents), 0 to 1.

    The first topic's confidence is the probability that the message is inside; the others have
    their share of it; out of scope has what is missing to 1. Without out-of-scope examples nothing
    was learnt about that, and the mean of the evidence has to do as confidence.
    """
    names = np.asarray(intents)
    lines = _logistic(_STEEPNESS * evidence.lines)
    total = settings.classifier + settings.near_in_meaning + settings.near_in_letters
    shares = (
        settings.classifier * lines
        + settings.near_in_meaning * np.clip(evidence.meaning, 0, 1)
        + settings.near_in_letters * np.clip(evidence.letters, 0, 1)
    ) / total
    outside = names == OUT_OF_SCOPE
    doubted = np.isin(names, ALARM_KINDS) & (lines < settings.safety_bar)
    may_be_first = ~outside & ~doubted
    if not may_be_first.any(axis=1).all():  # nothing but safety intents: as good as no bar
        doubted, may_be_first = np.zeros_like(doubted), np.broadcast_to(~outside, doubted.shape)

    best = _highest(shares, may_be_first)
    if outside.any():
        inside = _logistic(
            settings.inside_bias
            + settings.inside_line * _highest(evidence.lines, may_be_first)
            + settings.inside_meaning * _highest(evidence.meaning, may_be_first)
            + settings.inside_letters * _highest(evidence.letters, may_be_first)
            + settings.outside_line * evidence.lines[:, outside]
        )
    else:
        inside = best
    found = inside * shares / np.maximum(best, 1e-9)
    found = np.where(doubted, np.minimum(found, inside * _BELOW_BAR), found)
    return np.where(outside, 1 - inside, found).astype(np.float32)


def _logistic(values: Floats) -> Floats:
    return 1 / (1 + np.exp(-values))


def _highest(values: Floats, where: NDArray[np.bool_]) -> Floats:
    """Return the highest of the values that count, shape (texts, 1)."""
    highest: Floats = np.max(values, axis=1, initial=-np.inf, where=where, keepdims=True)
    return highest
