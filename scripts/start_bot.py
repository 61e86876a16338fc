"""Starts the bot's server, if the model is the one that we trained.

    python -m scripts.start_bot MODEL.tar.gz [arguments of `rasa run`]

A model is a program as much as a file of numbers: loading one that somebody else put there, or
that was cut off while it was copied, must not happen. Its SHA-256 stands in MODEL.json beside it,
written by scripts/train.py.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import json
import sys
import time
from pathlib import Path

from scripts.left_out import leave_out

# A supervisor takes a process that ends at once for hopeless and waits longer every time; a model
# that was put right is loaded soon when the process lasts a little.
PAUSE_SECONDS = 2.0


class WrongModelError(ValueError):
    """The model is not the one that was trained; the message is one line that says what to do."""


def stamp_of(model: Path) -> Path:
    """File that says what a model was trained from, and its hash."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".json")


def check_model(model: Path) -> None:
    """Compare a model with its hash.

    Raises:
        WrongModelError: the model or its hash is missing, or they do not belong together.
    """
    retrain = "Train it again: make train."
    if not model.is_file():
        raise WrongModelError(f"There is no model {model}. Train it: make train.")
    stamp = stamp_of(model)
    try:
        expected = json.loads(stamp.read_text("utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise WrongModelError(
            f"{model} is not loaded: {stamp.name}, which holds its hash, cannot be read. {retrain}"
        ) from None
    with model.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not isinstance(expected, str) or not hmac.compare_digest(expected.encode(), found.encode()):
        raise WrongModelError(
            f"{model} is not loaded: its hash is {found[:12]}..., {stamp.name} says "
            f"{str(expected)[:12]}... Somebody changed or replaced the file. {retrain}"
        )


def main(arguments: list[str]) -> int:
    """Check the model, then be `rasa run` until told to stop; returns 1 if the model is refused."""
    model = Path(arguments[0])
    try:
        check_model(model)
    except WrongModelError as error:
        print(f"[bot] {error}", file=sys.stderr, flush=True)
        time.sleep(PAUSE_SECONDS)
        return 1
    # In this process, so that the supervisor's signals reach Rasa itself
    leave_out()
    sys.argv = ["rasa", "run", "--model", str(model), *arguments[1:]]
    importlib.import_module("rasa.__main__").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
