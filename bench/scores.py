"""Figures of understanding, computed from what a model said about labelled messages.

A message is *declined* when its best intent is out of scope or its confidence is below a threshold.
"""

from __future__ import annotations

import dataclasses
import statistics
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

OUT_OF_SCOPE = "out_of_scope"


@dataclasses.dataclass(frozen=True)
class Row:
    """A message's right intents (none: outside of everything) and the model's ranking."""

    right: frozenset[str]
    ranking: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        """The intent that the model puts first."""
        return self.ranking[0][0] if self.ranking else OUT_OF_SCOPE

    @property
    def confidence(self) -> float:
        """Its confidence; 0 for a model that knows nothing to say or says out of scope."""
        if not self.ranking or self.ranking[0][0] == OUT_OF_SCOPE:
            return 0.0
        return self.ranking[0][1]


def right_among(rows: Sequence[Row], count: int) -> float:
    """Share of in-scope messages with a right intent among the first `count`."""
    inside = [row for row in rows if row.right]
    hits = sum(any(name in row.right for name, _ in row.ranking[:count]) for row in inside)
    return hits / len(inside)


def macro_f1(rows: Sequence[Row]) -> float:
    """Mean F1 over the intents of in-scope messages (the first right intent is the label)."""
    hits: dict[str, int] = defaultdict(int)
    labelled: dict[str, int] = defaultdict(int)
    predicted: dict[str, int] = defaultdict(int)
    for row in rows:
        if not row.right:
            continue
        label = row.best if row.best in row.right else min(row.right)
        labelled[label] += 1
        predicted[row.best] += 1
        hits[label] += row.best == label
    return statistics.mean(2 * hits[name] / (labelled[name] + predicted[name]) for name in labelled)


def out_of_scope_recall(rows: Sequence[Row], false_fallback: float) -> tuple[float, float]:
    """Best recall of out-of-scope messages while few in-scope ones are declined.

    Args:
        rows: in-scope and out-of-scope messages.
        false_fallback: share of in-scope messages that may be declined, 0 to 1.

    Returns:
        The recall and the share of in-scope messages declined at that threshold. The share is above
        `false_fallback` when the model calls more than that out of scope at any threshold.
    """
    inside = sorted(row.confidence for row in rows if row.right)
    outside = sorted(row.confidence for row in rows if not row.right)
    best = None
    # just above 0: what the model itself calls out of scope is declined at every threshold
    for threshold in sorted({score for score in (*inside, *outside, 1e-9) if score > 0}):
        declined = bisect_left(inside, threshold) / len(inside)
        recall = bisect_left(outside, threshold) / len(outside)
        if best is None or declined <= false_fallback:
            best = (recall, declined)
    if best is None:
        raise ValueError("no rows")
    return best


def decided(rows: Iterable[Row], threshold: float) -> list[str]:
    """The model's decision on each message at a threshold."""
    return [row.best if row.confidence >= threshold else OUT_OF_SCOPE for row in rows]
