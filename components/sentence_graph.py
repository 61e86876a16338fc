"""The sentence model's graph, changed so that its 8-bit weights stay 8-bit while it runs.

The file keeps its weights as 8-bit integers, but its graph turns all of them into 32-bit numbers
first, which costs 70 MB and time. Here the graph looks up single rows of the word table and turns
only those, and multiplies integers with integers (`DynamicQuantizeMatMul` of onnxruntime).

An ONNX file is a protocol buffer; the few fields that matter are read and written here, because the
`onnx` package is large and needed for nothing else. Their numbers are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

Field = tuple[int, int | float | bytes]

# Fields of onnx.proto
_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR, _NODE_DOMAIN = 1, 2, 4, 7
_TENSOR_DIMENSIONS, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_BYTES = 1, 2, 8, 9
_UINT8 = 2

# Weights are shifted from -128…127 to 0…255: products of two unsigned numbers are exact on every
# processor, those of mixed signs overflow on some
_ZERO = 128
_ONNXRUNTIME = "com.microsoft"


class GraphError(ValueError):
    """The graph is not the one that this module knows how to change."""


class _Node(NamedTuple):
    operator: str
    inputs: list[str]
    outputs: list[str]
    encoded: bytes


class _Weight(NamedTuple):
    """8-bit integers and what they are multiplied with."""

    integers: str
    scale: str


def keep_weights_small(model: bytes) -> bytes:
    """Return the ONNX model with its 8-bit weights used as they are.

    Raises:
        GraphError: the model has no such weights.
    """
    fields = list(_read(model))
    graph = list(_read(_one(fields, _MODEL_GRAPH)))
    nodes = [_node(value) for value in _all(graph, _GRAPH_NODE)]
    tensors = {
        _one(_read(value), _TENSOR_NAME).decode(): value
        for value in _all(graph, _GRAPH_INITIALIZER)
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
            tensors[_zero(weight)] = _tensor(_zero(weight), np.full(columns, _ZERO, np.uint8))
        elif weights.keys() & set(node.inputs):
            raise GraphError(f"an 8-bit weight is used by {node.operator}")
        else:
            changed.append(node.encoded)
    kept = [field for field in graph if field[0] not in (_GRAPH_NODE, _GRAPH_INITIALIZER)]
    graph = [(_GRAPH_NODE, node) for node in changed] + kept
    graph += [(_GRAPH_INITIALIZER, tensor) for tensor in tensors.values()]
    fields = [field for field in fields if field[0] != _MODEL_GRAPH]
    opset = _written([(1, _ONNXRUNTIME.encode()), (2, 1)])
    return _written([*fields, (_MODEL_GRAPH, _written(graph)), (_MODEL_OPSET, opset)])


def _weights(nodes: list[_Node], tensors: dict[str, bytes]) -> tuple[dict[str, _Weight], set[int]]:
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


def _looked_up(node: _Node, weight: _Weight) -> list[bytes]:
    """Rows of the integers and of their scales, then their product."""
    out, where = node.outputs[0], node.inputs[1]
    to_float = _written([(1, b"to"), (3, 1), (20, 2)])
    return [
        _new_node("Gather", [weight.integers, where], f"{out}_integers"),
        _new_node("Gather", [weight.scale, where], f"{out}_scale"),
        _new_node("Cast", [f"{out}_integers"], f"{out}_numbers", attribute=to_float),
        _new_node("Mul", [f"{out}_numbers", f"{out}_scale"], out),
    ]


def _multiplied(node: _Node, weight: _Weight) -> bytes:
    inputs = [node.inputs[0], weight.integers, weight.scale, _zero(weight)]
    return _new_node("DynamicQuantizeMatMul", inputs, node.outputs[0], domain=_ONNXRUNTIME)


def _zero(weight: _Weight) -> str:
    return f"{weight.integers}_zero"


def _shift(tensors: dict[str, bytes], weight: _Weight) -> int:
    """Make a matrix of the model unsigned and its scale a plain list; return its columns."""
    fields = list(_read(tensors[weight.integers]))
    rows, columns = (int(value) for number, value in fields if number == _TENSOR_DIMENSIONS)
    signed = np.frombuffer(_one(fields, _TENSOR_BYTES), np.int8).reshape(rows, columns)
    shifted = (signed.astype(np.int16) + _ZERO).astype(np.uint8)
    tensors[weight.integers] = _tensor(weight.integers, shifted)
    scale = [f for f in _read(tensors[weight.scale]) if f[0] != _TENSOR_DIMENSIONS]
    tensors[weight.scale] = _written([(_TENSOR_DIMENSIONS, columns), *scale])
    return columns


def _node(encoded: bytes) -> _Node:
    fields = list(_read(encoded))
    inputs, outputs, (operator,) = (
        [name.decode() for name in _all(fields, wanted)]
        for wanted in (_NODE_INPUT, _NODE_OUTPUT, _NODE_OPERATOR)
    )
    return _Node(operator, inputs, outputs, encoded)


def _new_node(
    operator: str, inputs: list[str], output: str, domain: str = "", attribute: bytes = b""
) -> bytes:
    fields: list[Field] = [(_NODE_INPUT, name.encode()) for name in inputs]
    fields += [(_NODE_OUTPUT, output.encode()), (_NODE_OPERATOR, operator.encode())]
    fields += [(_NODE_DOMAIN, domain.encode())] if domain else []
    fields += [(5, attribute)] if attribute else []
    return _written(fields)


def _tensor(name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    fields: list[Field] = [(_TENSOR_DIMENSIONS, size) for size in values.shape]
    fields += [(_TENSOR_TYPE, _UINT8), (_TENSOR_NAME, name.encode())]
    return _written([*fields, (_TENSOR_BYTES, values.tobytes())])


def _all(fields: Iterable[Field], wanted: int) -> list[bytes]:
    return [value for number, value in fields if number == wanted and isinstance(value, bytes)]


def _one(fields: Iterable[Field], wanted: int) -> bytes:
    found = _all(fields, wanted)
    if len(found) != 1:
        raise GraphError(f"field {wanted} stands {len(found)} times, expected once")
    return found[0]


def _read(message: bytes) -> Iterator[Field]:
    """Yield the fields of a protocol buffer: numbers, 32-bit floats and strings of bytes."""
    place = 0
    while place < len(message):
        key, place = _read_number(message, place)
        kind = key & 7
        value: int | float | bytes
        if kind == 0:
            value, place = _read_number(message, place)
        elif kind == 2:
            length, place = _read_number(message, place)
            value, place = message[place : place + length], place + length
        elif kind == 5:
            (value,), place = struct.unpack_from("<f", message, place), place + 4
        else:
            raise GraphError(f"a field of kind {kind} was not expected")
        yield key >> 3, value


def _read_number(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, place


def _written(fields: Iterable[Field]) -> bytes:
    parts: list[bytes] = []
    for number, value in fields:
        if isinstance(value, bytes):
            parts += [_number(number << 3 | 2), _number(len(value)), value]
        elif isinstance(value, float):
            parts += [_number(number << 3 | 5), struct.pack("<f", value)]
        else:
            parts += [_number(number << 3), _number(value)]
    return b"".join(parts)


def _number(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
