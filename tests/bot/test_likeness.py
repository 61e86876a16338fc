"""Products of 8-bit examples are those of the examples, but for a few thousandths."""

from __future__ import annotations

import numpy as np
import pytest

from components.likeness import Likeness, SmallVectors
from components.sentence_model import DIMENSIONS


def unit_vectors(number: int, seed: int) -> np.ndarray:  # type: ignore[type-arg]
    drawn = np.random.default_rng(seed).normal(size=(number, DIMENSIONS)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def test_products_are_nearly_the_same() -> None:
    examples, vectors = unit_vectors(700, 1), unit_vectors(3, 2)
    found = Likeness(SmallVectors.of(examples)).to(vectors)
    assert found.shape == (3, 700)
    assert found == pytest.approx(vectors @ examples.T, abs=0.005)


def test_an_example_is_most_like_itself() -> None:
    examples = unit_vectors(200, 3)
    found = Likeness(SmallVectors.of(examples)).to(examples)
    assert (found.argmax(axis=1) == np.arange(200)).all()
    assert found.diagonal() == pytest.approx(np.ones(200), abs=0.005)


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    likeness = Likeness(SmallVectors.of(unit_vectors(50, 4)))
    vectors = unit_vectors(4, 5)
    vectors[3] *= 40
    together = likeness.to(vectors)
    assert (likeness.to(vectors[1:2]) == together[1:2]).all()


def test_no_number_leaves_its_eight_bits() -> None:
    small = SmallVectors.of(np.array([[1, -1, 0.5, 0]], np.float32))
    assert small.integers.ravel().tolist() == [255, 1, 192, 128]
