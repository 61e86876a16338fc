"""Running an ONNX model: one thread a text, because two cores are shared by everything."""

from __future__ import annotations

import tempfile

import onnxruntime


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session that runs this model in the thread that asks it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # From a file, because a session made from bytes keeps them
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        return onnxruntime.InferenceSession(file.name, options, providers=["CPUExecutionProvider"])
