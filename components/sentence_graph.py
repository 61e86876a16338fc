"""The sentence model's graph, changed so that its 8-bit weights stay 8-bit while it runs.

The file keeps its weights as 8-bit integers, but its graph turns all of them into 32-bit numbers
first, which costs 70 MB and time. Here the graph looks up single rows of the word table and turns
only those, and multiplies integers with integers (`DynamicQuantizeMatMul` of onnxruntime).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from components.onnx_format import (
    GRAPH_INITIALIZER,
    GRAPH_NODE,
    MODEL_GRAPH,
    ONNXRUNTIME,
    TENSOR_BYTES,
    TENSOR_DIMENSIONS,
    TENSOR_NAME,
    ZERO,
    GraphError,
    Node,
    all_of,
    new_node,
    new_tensor,
    one_of,
    opset,
    read,
    read_node,
    written,
)


class _Weight(NamedTuple):
    """8-bit integers and what they are multiplied with."""

    integers: str
    scale: str


def keep_weights_small(model: bytes) -> bytes:
    """Return the ONNX model with its 8-bit weights used as they are.

    Raises:
        GraphError: the model has no such weights.
    """
    fields = list(read(model))
    graph = list(read(one_of(fields, MODEL_GRAPH)))
    nodes = [read_node(value) for value in all_of(graph, GRAPH_NODE)]
    tensors = {
        one_of(read(value), TENSOR_NAME).decode(): value
        for value in all_of(graph, GRAPH_INITIALIZER)
    }
    weights, unfolding = _weights(nodes, tensors)
    changed: list[bytes] = []
    for place, node in enumerate(nodes):
        if place in unfolding:
            continue
        if node.operator == "Gather" and node.inputs[0] in weights:
            changed += _looked_up(node, weights[node.inputs[0]])
        elif node.operator == "MatMul" and node.inputs[1] in weights:
            weight = weights[node.inputs[1]]
            columns = _shift(tensors, weight)
            changed.append(_multiplied(node, weight))
            tensors[_zero(weight)] = new_tensor(_zero(weight), np.full(columns, ZERO, np.uint8))
        elif weights.keys() & set(node.inputs):
            raise GraphError(f"an 8-bit weight is used by {node.operator}")
        else:
            changed.append(node.encoded)
    kept = [field for field in graph if field[0] not in (GRAPH_NODE, GRAPH_INITIALIZER)]
    graph = [(GRAPH_NODE, node) for node in changed] + kept
    graph += [(GRAPH_INITIALIZER, tensor) for tensor in tensors.values()]
    fields = [field for field in fields if field[0] != MODEL_GRAPH]
    return written([*fields, (MODEL_GRAPH, written(graph)), opset(ONNXRUNTIME, 1)])


def _weights(nodes: list[Node], tensors: dict[str, bytes]) -> tuple[dict[str, _Weight], set[int]]:
    """Find the weights that the graph turns into 32-bit numbers, and the places of the nodes that
    do it: a Cast of the integers, then a Mul with the scale.
    """
    cast = {
        node.outputs[0]: (place, node.inputs[0])
        for place, node in enumerate(nodes)
        if node.operator == "Cast" and node.inputs[0] in tensors
    }
    weights, unfolding = {}, set()
    for place, node in enumerate(nodes):
        if node.operator == "Mul" and node.inputs[0] in cast and node.inputs[1] in tensors:
            before, integers = cast[node.inputs[0]]
            weights[node.outputs[0]] = _Weight(integers, node.inputs[1])
            unfolding |= {before, place}
    if not weights:
        raise GraphError("the model has no 8-bit weights that its graph turns into others")
    return weights, unfolding


def _looked_up(node: Node, weight: _Weight) -> list[bytes]:
    """Rows of the integers and of their scales, then their product."""
    out, where = node.outputs[0], node.inputs[1]
    to_float = written([(1, b"to"), (3, 1), (20, 2)])
    return [
        new_node("Gather", [weight.integers, where], f"{out}_integers"),
        new_node("Gather", [weight.scale, where], f"{out}_scale"),
        new_node("Cast", [f"{out}_integers"], f"{out}_numbers", attribute=to_float),
        new_node("Mul", [f"{out}_numbers", f"{out}_scale"], out),
    ]


def _multiplied(node: Node, weight: _Weight) -> bytes:
    inputs = [node.inputs[0], weight.integers, weight.scale, _zero(weight)]
    return new_node("DynamicQuantizeMatMul", inputs, node.outputs[0], domain=ONNXRUNTIME)


def _zero(weight: _Weight) -> str:
    return f"{weight.integers}_zero"


def _shift(tensors: dict[str, bytes], weight: _Weight) -> int:
    """Make a matrix of the model unsigned and its scale a plain list; return its columns."""
    fields = list(read(tensors[weight.integers]))
    rows, columns = (int(value) for number, value in fields if number == TENSOR_DIMENSIONS)
    signed = np.frombuffer(one_of(fields, TENSOR_BYTES), np.int8).reshape(rows, columns)
    shifted = (signed.astype(np.int16) + ZERO).astype(np.uint8)
    tensors[weight.integers] = new_tensor(weight.integers, shifted)
    scale = [f for f in read(tensors[weight.scale]) if f[0] != TENSOR_DIMENSIONS]
    tensors[weight.scale] = written([(TENSOR_DIMENSIONS, columns), *scale])
    return columns
