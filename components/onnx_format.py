"""ONNX files, as far as they are read and written here.

An ONNX file is a protocol buffer; the few fields that matter are read and written here, because the
`onnx` package is large and needed for nothing else. Their numbers are those of onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

Field = tuple[int, int | float | bytes]

# Fields of onnx.proto
MODEL_VERSION, MODEL_GRAPH, MODEL_OPSET = 1, 7, 8
GRAPH_NODE, GRAPH_NAME, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 2, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_OPERATOR, NODE_ATTRIBUTE, NODE_DOMAIN = 1, 2, 4, 5, 7
TENSOR_DIMENSIONS, TENSOR_TYPE, TENSOR_NAME, TENSOR_BYTES = 1, 2, 8, 9
VALUE_NAME, VALUE_TYPE = 1, 2
FLOAT, UINT8 = 1, 2

# Weights are shifted from -128…127 to 0…255: products of two unsigned numbers are exact on every
# processor, those of mixed signs overflow on some
ZERO = 128
ONNXRUNTIME = "com.microsoft"


class GraphError(ValueError):
    """The file or graph is not one that this program knows how to read or change."""


class Node(NamedTuple):
    """A step of a graph."""

    operator: str
    inputs: list[str]
    outputs: list[str]
    encoded: bytes


def read_node(encoded: bytes) -> Node:
    """Return a step of a graph."""
    fields = list(read(encoded))
    inputs, outputs, (operator,) = (
        [name.decode() for name in all_of(fields, wanted)]
        for wanted in (NODE_INPUT, NODE_OUTPUT, NODE_OPERATOR)
    )
    return Node(operator, inputs, outputs, encoded)


def new_node(
    operator: str, inputs: list[str], output: str, domain: str = "", attribute: bytes = b""
) -> bytes:
    """Return a step of a graph in bytes."""
    fields: list[Field] = [(NODE_INPUT, name.encode()) for name in inputs]
    fields += [(NODE_OUTPUT, output.encode()), (NODE_OPERATOR, operator.encode())]
    fields += [(NODE_DOMAIN, domain.encode())] if domain else []
    fields += [(NODE_ATTRIBUTE, attribute)] if attribute else []
    return written(fields)


def new_tensor(name: str, values: np.ndarray[Any, np.dtype[np.uint8 | np.float32]]) -> bytes:
    """Return a constant of a graph in bytes."""
    fields: list[Field] = [(TENSOR_DIMENSIONS, size) for size in values.shape]
    fields += [(TENSOR_TYPE, UINT8 if values.dtype == np.uint8 else FLOAT)]
    return written([*fields, (TENSOR_NAME, name.encode()), (TENSOR_BYTES, values.tobytes())])


def new_value(name: str, *shape: int) -> bytes:
    """Return the declaration of an input or output of 32-bit numbers in bytes."""
    sizes = b"".join(written([(1, written([(1, size)]))]) for size in shape)
    kind = written([(1, written([(1, FLOAT), (2, sizes)]))])
    return written([(VALUE_NAME, name.encode()), (VALUE_TYPE, kind)])


def opset(domain: str, version: int) -> Field:
    """Return the field of a model that says which operators it uses."""
    return MODEL_OPSET, written([(1, domain.encode()), (2, version)])


def all_of(fields: Iterable[Field], wanted: int) -> list[bytes]:
    """Return the values of a field that may stand several times."""
    return [value for number, value in fields if number == wanted and isinstance(value, bytes)]


def one_of(fields: Iterable[Field], wanted: int) -> bytes:
    """Return the value of a field.

    Raises:
        GraphError: it does not stand there exactly once.
    """
    found = all_of(fields, wanted)
    if len(found) != 1:
        raise GraphError(f"field {wanted} stands {len(found)} times, expected once")
    return found[0]


def read(message: bytes) -> Iterator[Field]:
    """Yield the fields of a protocol buffer: numbers, 32-bit floats and strings of bytes.

    Raises:
        GraphError: it holds something else.
    """
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


def written(fields: Iterable[Field]) -> bytes:
    """Return a protocol buffer of these fields."""
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
    number = bytearray()
    while value > 127:
        number.append(value & 127 | 128)
        value >>= 7
    number.append(value)
    return bytes(number)
