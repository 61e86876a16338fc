"""The disk is full: no answer is promised that was not kept, and all goes on when there is room."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.scale.stack import Small
from tests.faults.load import Load


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    file = folder / "filled"
    with file.open("wb", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    out.write(bytes(size))
            except OSError:
                continue
    return file


def test_a_full_disk(small: Small, own_disk: Path | None) -> None:
    if own_disk is None:
        pytest.skip("a disk that can be filled is mounted by root only: run this test as root")
    errors = small.metric("helpline_store_errors_total")
    with Load(small) as load:
        filled = fill(own_disk)
        try:
            load.wait_for_help(8)
            assert small.metric("helpline_store_errors_total") > errors
        finally:
            filled.unlink()
        small.wait_ready()
        load.wait_for_answers(20)
    load.judge("the disk was full")
