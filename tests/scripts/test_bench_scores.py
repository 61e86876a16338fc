"""The arithmetic behind the figures of understanding."""

from __future__ import annotations

import pytest

from bench import scores


def row(right: str, *ranking: tuple[str, float]) -> scores.Row:
    return scores.Row(frozenset({right} if right else ()), ranking)


ROWS = [
    row("a", ("a", 0.9), ("b", 0.1)),
    row("a", ("b", 0.6), ("a", 0.4)),
    row("b", ("b", 0.8), ("a", 0.2)),
    row("b", ("out_of_scope", 0.7), ("b", 0.3)),
    row("", ("a", 0.5), ("b", 0.3)),
    row("", ("out_of_scope", 0.9), ("a", 0.1)),
]


def test_right_first_and_among_two() -> None:
    assert scores.right_among(ROWS, 1) == 0.5
    assert scores.right_among(ROWS, 2) == 1.0


def test_macro_f1() -> None:
    # a: 1 hit, 2 labelled, 1 predicted; b: 1 hit, 2 labelled, 2 predicted
    assert scores.macro_f1(ROWS) == pytest.approx((2 / 3 + 2 / 4) / 2)


def test_out_of_scope_recall_respects_false_fallback() -> None:
    # one of four in-scope messages is called out of scope at any threshold
    assert scores.out_of_scope_recall(ROWS, 0.25) == (1.0, 0.25)
    recall, declined = scores.out_of_scope_recall(ROWS, 0.05)
    assert (recall, declined) == (0.5, 0.25)


def test_decided_declines_below_the_threshold() -> None:
    assert scores.decided(ROWS[:2], 0.7) == ["a", "out_of_scope"]
