"""Train a candidate: a model beside the one in use, to be compared before anyone switches to it.

    python -m scripts.candidate                 train, print the candidate's place
    python -m scripts.candidate --status FILE   keep in FILE how far it is, for the staff console

Models that were trained or used lie in models/candidates/, named by their hash. The model in use
is neither read nor written here.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from content.data_lock import hold_data
from content.reading import ROOT
from scripts.setup import python_of
from scripts.start_bot import WrongModelError, check_model, stamp_of
from scripts.train import MADE, bot_environment, inputs_fingerprint, training_arguments

FOLDER = ROOT / "models" / "candidates"
# Besides those that are in use, or could be gone back to
MOST_KEPT = 5
TRAINING = "training"
DONE = "done"
FAILED = "failed"
LAST_LINES = 12
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_COMPONENT = re.compile(r"(?:Starting to train|Restored) component '([^']+)'")
# Lines that Rasa writes to the end of every failure and that tell nothing
_NOISE = re.compile(r"^\s*(File \"|During handling|Traceback|The above exception|\^+\s*$)")


@dataclasses.dataclass(frozen=True)
class Model:
    """A trained model: its file, its SHA-256, the id that it answers with, what it learned from."""

    path: Path
    sha256: str
    model_id: str
    inputs: str

    @property
    def short(self) -> str:
        """Its name for people: the beginning of its hash."""
        return self.sha256[:12]


def read_model(path: Path) -> Model:
    """Read what stands beside and in a model, and check its hash.

    Raises:
        WrongModelError: the file is missing, or is not the one that was trained.
    """
    check_model(path)
    stamp = json.loads(stamp_of(path).read_text("utf-8"))
    return Model(path, stamp["sha256"], model_id_of(path), str(stamp.get("inputs", "")))


def model_id_of(path: Path) -> str:
    """Return the id that the bot gives with each answer of this model.

    Raises:
        WrongModelError: the file is no model.
    """
    try:
        with tarfile.open(path) as archive:
            file = archive.extractfile("metadata.json")
            return str(json.load(file)["model_id"]) if file else ""
    except (OSError, tarfile.TarError, KeyError, ValueError):
        raise WrongModelError(f"{path} is no model: train it again.") from None


def keep(model: Model, folder: Path | None = None) -> Model:
    """Put a model among those kept, so that training over its file does not lose it."""
    folder = folder or FOLDER
    target = folder / f"{model.short}.tar.gz"
    if target == model.path:
        return model
    if not target.exists():
        copy_model(model, target)
    return dataclasses.replace(model, path=target)


def copy_model(model: Model, target: Path) -> None:
    """Copy a model with its stamp; the target is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(model.path, draft)
        stamp = {"inputs": model.inputs, "sha256": model.sha256}
        stamp_of(target).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def prune(needed: set[str], folder: Path | None = None) -> None:
    """Delete all but the newest kept models and those whose SHA-256 is needed."""
    files = sorted((folder or FOLDER).glob("*.tar.gz"), key=lambda path: -path.stat().st_mtime)
    short = {sha256[:12] for sha256 in needed}
    for path in files[MOST_KEPT:]:
        if path.name.removesuffix(".tar.gz") not in short:
            stamp_of(path).unlink(missing_ok=True)
            path.unlink()


class Status:
    """What the console shows of a run, kept in a file that outlives both."""

    def __init__(self, file: Path | None) -> None:
        """Begin; without a file it is printed alone."""
        self._file = file
        self._told: dict[str, Any] = {"pid": os.getpid(), "started": time.time()}

    @property
    def problem(self) -> str:
        """Why it failed, if it did."""
        return str(self._told.get("problem", ""))

    def tell(self, state: str, step: str, percent: int, **more: Any) -> None:
        """Say how far it is."""
        self._told |= {"state": state, "step": step, "percent": percent, **more}
        print(f"[candidate] {percent:3} % {step}", flush=True)
        if self._file is not None:
            draft = self._file.with_suffix(".part")
            draft.write_text(json.dumps(self._told), encoding="utf-8")
            draft.replace(self._file)


def train_candidate(status: Status) -> Model | None:
    """Train from the files as they are; return the model, None if that failed (see `status`)."""
    status.tell(TRAINING, "waiting for whoever works on the training data", 0)
    with hold_data("a candidate is being trained", ROOT, wait=True), _draft_folder() as draft:
        inputs = inputs_fingerprint()
        problem = _run_rasa(draft, status)
        made = draft / MADE
        if problem is None and not made.exists():
            problem = "Rasa ended well, but wrote no model. Is the disk full?"
        if problem is not None:
            status.tell(FAILED, "training failed", 100, problem=problem)
            return None
        digest = hashlib.sha256(made.read_bytes()).hexdigest()
        model = keep(Model(made, digest, model_id_of(made), inputs))
    told = {"path": str(model.path), "sha256": digest, "model_id": model.model_id}
    status.tell(DONE, "trained", 100, model={**told, "inputs": inputs})
    return model


@contextlib.contextmanager
def _draft_folder() -> Iterator[Path]:
    """A folder beside the candidates, so that moving the model there is one step."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=FOLDER) as folder:
        yield Path(folder)


def _run_rasa(out: Path, status: Status) -> str | None:
    """Run `rasa train`; return None, or why it failed."""
    steps = _pipeline_length()
    # It tells its steps only when asked to
    command = [str(python_of("bot")), *training_arguments(out), "-v"]
    lines: list[str] = []
    seen: set[str] = set()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=bot_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None  # noqa: S101  (for the type checker)
        status.tell(TRAINING, "reading the training data", 2)
        for raw in process.stdout:
            line = _COLOURS.sub("", raw.rstrip())
            lines = [*lines[-200:], line]
            found = _COMPONENT.search(line)
            if found and found[1] not in seen:
                seen.add(found[1])
                percent = min(5 + 90 * len(seen) // max(steps, 1), 95)
                status.tell(TRAINING, f"training {found[1].rpartition('.')[2]}", percent)
    if process.returncode == 0:
        return None
    if process.returncode < 0:
        return f"Training was ended from outside ({signal.Signals(-process.returncode).name})."
    told = [line for line in lines if line.strip() and not _NOISE.match(line)]
    return "\n".join(told[-LAST_LINES:]) or f"Rasa ended with status {process.returncode}."


def _pipeline_length() -> int:
    """Return about how many steps of training Rasa tells of."""
    text = (ROOT / "config.yml").read_text("utf-8")
    return len(re.findall(r"^\s*- name:", text, re.M))


def main(arguments: list[str] | None = None) -> int:
    """Train one candidate; return the exit code."""
    parser = argparse.ArgumentParser(description="Train a model beside the one in use.")
    parser.add_argument("--status", type=Path, help="file that tells how far it is")
    given = parser.parse_args(arguments)
    # A signal ends it in order: what was begun is cleaned up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    status = Status(given.status)
    try:
        model = train_candidate(status)
    except (OSError, WrongModelError) as error:
        status.tell(FAILED, "training failed", 100, problem=str(error))
        return 1
    if model is None:
        print(status.problem, file=sys.stderr)
        return 1
    print(f"[candidate] {model.path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
