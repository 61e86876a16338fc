"""Train the bot when what it learns from has changed.

    python -m scripts.train            train if needed
    python -m scripts.train --force    train anyway

The model is models/helpline.tar.gz; models/helpline.json says what it was trained from. The model
in use is replaced only when training and its checks went well.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from content.data_lock import hold_data
from scripts.setup import ROOT, python_of

MODEL = ROOT / "models" / "helpline.tar.gz"
STAMP = ROOT / "models" / "helpline.json"
# What a training makes, until it takes its place
MADE = "candidate.tar.gz"
# Rasa sees changes of its own files; these are what the model depends on, ours included.
INPUTS = (
    "config.yml",
    "domain.yml",
    "data",
    "knowledge",
    "components",
    "safety",
    "content",
)
RASA_DATA = ("nlu", "responses", "rules", "stories")
SUFFIXES = {".yml", ".py"}
# Read while answering, not while training: signing an answer must not retrain the bot.
NOT_TRAINED_ON = {
    "signoff.yml",
    "distress.yml",
    "contacts.yml",
    "context_words.yml",
    "fact_fields.yml",
    "corrections.yml",
}


def inputs_fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over every file the model is made from, and over the lock file of its environment."""
    digest = hashlib.sha256((root / "requirements" / "bot.txt").read_bytes())
    for name in INPUTS:
        top = root / name
        files = [top] if top.is_file() else sorted(top.rglob("*"))
        for path in files:
            if path.suffix in SUFFIXES and path.is_file() and path.name not in NOT_TRAINED_ON:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the model was trained from the files as they are now, and is the one we trained."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    if not MODEL.exists() or stamp.get("inputs") != inputs_fingerprint():
        return False
    # Otherwise the bot's server refuses it (scripts/start_bot.py), and nothing would mend that.
    return bool(stamp.get("sha256") == hashlib.sha256(MODEL.read_bytes()).hexdigest())


def bot_environment() -> dict[str, str]:
    """Environment of every command of Rasa: ours on the path, telemetry off, warnings short."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
    }


def training_arguments(out: Path) -> list[str]:
    """Return what the Python of the bot's environment is told to train a model into `out`."""
    # `make check-content` validates; here it would double the time
    arguments = ["-m", "scripts.train_model", "--out", str(out), "--skip-validation"]
    arguments += ["--fixed-model-name", MADE.removesuffix(".tar.gz")]
    # Without the phrases of the safety gate, which are no data of Rasa's: it would read every file
    # four times to find that out
    return [*arguments, "--data", *(f"data/{name}" for name in RASA_DATA)]


def _show_time(started: float, done: threading.Event) -> None:
    while not done.wait(5):
        print(f"[train] still training, {time.monotonic() - started:.0f} s", flush=True)


def train(force: bool = False) -> bool:
    """Train if needed; returns whether the helpline has a current model afterwards."""
    if not force and is_current():
        return True
    # An export of corrections must not change the data while it is being read.
    with hold_data("the bot is being trained", ROOT, wait=True):
        return (not force and is_current()) or _train(force)


def _train(force: bool) -> bool:
    fingerprint = inputs_fingerprint()
    started = time.monotonic()
    print("[train] training the bot", flush=True)
    arguments = [*training_arguments(MODEL.parent), *(["--force"] if force else [])]
    done = threading.Event()
    threading.Thread(target=_show_time, args=(started, done), daemon=True).start()
    result = subprocess.run(
        [python_of("bot"), *arguments],
        cwd=ROOT,
        env=bot_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    done.set()
    made = MODEL.parent / MADE
    if result.returncode or not made.exists():
        print(result.stdout + result.stderr, file=sys.stderr)
        print("[train] training failed; the model before it is still in place.", file=sys.stderr)
        return False
    made.replace(MODEL)
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    STAMP.write_text(json.dumps({"inputs": fingerprint, "sha256": digest}, indent=1) + "\n")
    print(f"[train] done after {time.monotonic() - started:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(0 if train(force="--force" in sys.argv[1:]) else 1)
