"""How like a text is to each of many examples in meaning, with the examples in 8 bits.

For every message all examples are read, which takes longer than multiplying them. In 8 bits they
are a quarter as many bytes; a cosine differs by at most a few thousandths for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from components.onnx_format import (
    GRAPH_INITIALIZER,
    GRAPH_INPUT,
    GRAPH_NAME,
    GRAPH_NODE,
    GRAPH_OUTPUT,
    MODEL_GRAPH,
    MODEL_VERSION,
    ONNXRUNTIME,
    ZERO,
    new_node,
    new_tensor,
    new_value,
    opset,
    written,
)
from components.onnx_session import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Of the ONNX format, and of its own operators, of which none is used
_FORMAT, _OPERATORS = 8, 15


@dataclass(frozen=True)
class SmallVectors:
    """Vectors in 8 bits: (`integers` - 128) * `scale`, of shape (dimensions, vectors)."""

    integers: NDArray[np.uint8]
    scale: np.float32

    @classmethod
    def of(cls, vectors: Floats) -> SmallVectors:
        """Round vectors, of shape (vectors, dimensions)."""
        scale = np.float32(np.abs(vectors).max() / (ZERO - 1))
        integers = np.rint(vectors.T / scale) + ZERO
        return cls(np.ascontiguousarray(integers, dtype=np.uint8), scale)


class Likeness:
    """Multiplies one vector with many."""

    def __init__(self, examples: SmallVectors) -> None:
        """Keep the examples."""
        dimensions, number = examples.integers.shape
        constants: dict[str, NDArray[Any]] = {
            "examples": examples.integers,
            "scale": np.array([examples.scale], np.float32),
            "zero": np.array([ZERO], np.uint8),
        }
        product = new_node(
            "DynamicQuantizeMatMul", ["vector", *constants], "likeness", domain=ONNXRUNTIME
        )
        graph = written(
            [
                (GRAPH_NODE, product),
                (GRAPH_NAME, b"likeness"),
                *((GRAPH_INITIALIZER, new_tensor(*each)) for each in constants.items()),
                (GRAPH_INPUT, new_value("vector", 1, dimensions)),
                (GRAPH_OUTPUT, new_value("likeness", 1, number)),
            ]
        )
        self._session = open_session(
            written(
                [
                    (MODEL_VERSION, _FORMAT),
                    (MODEL_GRAPH, graph),
                    opset("", _OPERATORS),
                    opset(ONNXRUNTIME, 1),
                ]
            )
        )

    def to(self, vectors: Floats) -> Floats:
        """Return the dot product of each vector, of shape (vectors, dimensions), with each example.

        One after the other, because vectors that are multiplied together are rounded together: what
        one gets would depend on its neighbours.
        """
        rows = [self._session.run(None, {"vector": vector[None, :]})[0] for vector in vectors]
        products: Floats = np.concatenate(rows)
        return products
