from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from components.sentence_model import (
    DIMENSIONS,
    EmbeddingCache,
    SentenceModel,
    SentenceModelError,
    checked,
    model_file,
)


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel()


# What the model's own documentation shows for its full weights; ours are rounded to 8 bits, and so
# is what goes through them
PUBLISHED = {
    "This is an example sentence": (0.0676, 0.0635, 0.0487, 0.0793, 0.0374, 0.0027),
    "Each sentence is converted": (0.0864, 0.1027, 0.0054, 0.0021, -0.0100, 0.0255),
}
# What the checked files gave (onnxruntime 1.26, x86-64)
KNOWN = {
    "What is secondary progressive MS?": (0.04552, 0.00017, -0.0111, 0.05582, -0.04048),
    "Mayzent side effects": (-0.02345, 0.00575, 0.06003, -0.01582, 0.07188),
    "": (-0.12665, 0.02003, 0.0035, -0.03686, 0.06255),
}


@pytest.mark.parametrize("text", PUBLISHED)
def test_vectors_are_near_the_published_ones(model: SentenceModel, text: str) -> None:
    assert model.embed([text])[0][:6] == pytest.approx(PUBLISHED[text], abs=0.014)


@pytest.mark.parametrize("text", KNOWN)
def test_known_vectors(model: SentenceModel, text: str) -> None:
    assert model.embed([text])[0][:5] == pytest.approx(KNOWN[text], abs=0.003)


def test_vectors_are_unit_and_near_for_near_meanings(model: SentenceModel) -> None:
    vectors = model.embed(
        ["Is there a cure for MS?", "Can multiple sclerosis be cured?", "The cat sat on the mat."]
    )
    assert vectors.shape == (3, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.7 > 0.3 > vectors[0] @ vectors[2]


def test_a_batch_gives_what_single_texts_give(model: SentenceModel) -> None:
    texts = ["yes", "what are the side effects of ocrelizumab and how long do they last", "MS"] * 15
    batch = model.embed(texts)
    for row in (0, 1, 2, 44):
        assert batch[row] == pytest.approx(model.embed([texts[row]])[0], abs=1e-5)


def test_very_long_text_and_no_text(model: SentenceModel) -> None:
    assert model.embed([]).shape == (0, DIMENSIONS)
    assert np.isfinite(model.embed(["word " * 20_000, "🧠💊", "\x00"])).all()


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SentenceModelError, match="SHA-256"):
        SentenceModel(model_sha256="0" * 64)
    with pytest.raises(SentenceModelError, match="SHA-256"):
        SentenceModel(tokenizer_sha256="0" * 64)
    with pytest.raises(SentenceModelError, match=r"gone\.onnx"):
        checked(tmp_path / "gone.onnx", "0" * 64)
    assert model_file().is_file()


class CountingModel(SentenceModel):
    """Counts what it is asked to embed, and knows nothing of meaning."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += texts
        return np.stack([np.full(DIMENSIONS, len(text), np.float32) for text in texts])


def test_the_cache_asks_only_for_new_texts(tmp_path: Path) -> None:
    model = CountingModel()
    first = EmbeddingCache(tmp_path, "a").embed(["one", "three", "one"], model)
    assert model.asked == ["one", "three"]
    second = EmbeddingCache(tmp_path, "a").embed(["three", "fifth"], model)
    assert model.asked == ["one", "three", "fifth"]
    assert first[:, 0].tolist() == [3, 5, 3]
    assert second[:, 0].tolist() == [5, 5]
    EmbeddingCache(tmp_path, "another model").embed(["one"], model)
    assert model.asked[-1] == "one"


def test_the_cache_keeps_no_text_and_survives_a_broken_file(tmp_path: Path) -> None:
    model = CountingModel()
    cache = EmbeddingCache(tmp_path, "a")
    cache.embed(["a text of our own"], model)
    (stored,) = tmp_path.iterdir()
    assert b"text of our own" not in stored.read_bytes()
    for broken in (b"", b"no archive", stored.read_bytes()[:100]):
        stored.write_bytes(broken)
        cache.embed(["a text of our own"], model)
    assert model.asked == ["a text of our own"] * 4
    assert list(tmp_path.iterdir()) == [stored]


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    model = CountingModel()
    for number in range(5):
        EmbeddingCache(tmp_path, "a", limit=3).embed([f"text {number}"], model)
    EmbeddingCache(tmp_path, "a", limit=3).embed(["text 3", "text 0"], model)
    assert model.asked[5:] == ["text 0"]
