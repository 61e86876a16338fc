from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from components.onnx_format import GraphError
from components.sentence_graph import keep_weights_small
from components.sentence_model import model_file


def vector(session: onnxruntime.InferenceSession, pieces: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    ids = np.array([pieces], dtype=np.int64)
    (hidden,) = session.run(
        None,
        {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": ids * 0},
    )
    mean = hidden[0].mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def test_the_changed_model_means_the_same() -> None:
    given = model_file().read_bytes()
    before, after = (onnxruntime.InferenceSession(m) for m in (given, keep_weights_small(given)))
    for pieces in ([101, 102], [101, 3674, 5527, 102], [101, *range(2000, 2060), 102]):
        assert vector(before, pieces) @ vector(after, pieces) > 0.98
    assert [each.name for each in before.get_inputs()] == [each.name for each in after.get_inputs()]


def test_weights_are_not_stored_twice() -> None:
    given = model_file().read_bytes()
    assert len(keep_weights_small(given)) < len(given) * 1.01


@pytest.mark.parametrize(
    "model",
    [
        b"",
        keep_weights_small(model_file().read_bytes()),  # done already
        b"\x3a\x00",  # a model with an empty graph
        b"\x09" + b"\x00" * 8,  # a 64-bit field, which no part of a model has
    ],
    ids=["nothing", "done", "empty", "other"],
)
def test_another_model_is_refused(model: bytes) -> None:
    with pytest.raises(GraphError):
        keep_weights_small(model)
