"""A model whose hash differs is refused in one clear line, before anything of it is loaded."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import processes, train
from scripts.setup import ROOT, python_of
from scripts.start_bot import WrongModelError, check_model, stamp_of


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "helpline.tar.gz"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    stamp_of(path).write_text(json.dumps({"inputs": "x", "sha256": digest}))
    return path


def test_the_stamp_is_the_one_that_training_writes() -> None:
    assert stamp_of(train.MODEL) == train.STAMP


def test_the_trained_model_is_accepted(model: Path) -> None:
    check_model(model)


@pytest.mark.parametrize("stamp", ["", "[]", "{}", '{"sha256": 5}', '{"sha256": "00"}', "\udcff"])
def test_another_stamp_is_refused(model: Path, stamp: str) -> None:
    stamp_of(model).write_text(stamp, errors="surrogateescape")
    with pytest.raises(WrongModelError, match="is not loaded"):
        check_model(model)


def test_a_missing_stamp_or_model_is_refused(model: Path) -> None:
    stamp_of(model).unlink()
    with pytest.raises(WrongModelError, match=r"helpline\.json, which holds its hash"):
        check_model(model)
    model.unlink()
    with pytest.raises(WrongModelError, match="There is no model"):
        check_model(model)


def test_the_bot_is_started_through_the_check_and_refuses_a_changed_model(model: Path) -> None:
    model.write_bytes(b"other weights")
    helpline = processes.running_helpline(("bot",), model=model)
    command = helpline._processes["bot"].command
    assert command[0] == str(python_of("bot"))
    refused = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    helpline.stop_all()
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert "its hash is" in line and "make train" in line
