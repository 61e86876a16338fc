"""The disk is full: no answer is promised that was not kept, and all goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.scale.stack import Small
from tests.faults.load import Load

SIZE = "24m"


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own for VAR_DIR: databases, secrets and logs."""
    if os.geteuid() != 0:
        pytest.skip("a disk that can be filled is mounted by root only: run this test as root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


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


def test_a_full_disk(little_disk: Path) -> None:
    with Small(var_dir=little_disk) as stack:
        with Load(stack) as load:
            filled = fill(little_disk)
            load.wait_for_help(8)
            errors = stack.metric("helpline_store_errors_total")
            assert errors > 0
            filled.unlink()
            stack.wait_ready()
            load.wait_for_answers(20)
        load.judge("the disk was full")
        assert stack.metric("helpline_store_errors_total") >= errors
