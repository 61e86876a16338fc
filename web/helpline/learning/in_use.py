"""Which model is in use on this machine, and where its file and those of candidates lie."""

from __future__ import annotations

from pathlib import Path

from content.reading import cached
from scripts import candidate
from scripts.candidate import Model
from scripts.serving import FIRST, SECOND, Serving, read_serving, slot_file
from scripts.train import MODEL
from settings import Settings


def model_in_use(var_dir: Path) -> Model:
    """Return the model that answers.

    Raises:
        WrongModelError: its file is missing or is not the one that was trained.
    """
    return candidate.read_model(file_in_use(var_dir))


def shown_model(var_dir: Path) -> Model:
    """Do what `model_in_use` does for a page: a file is read again only when it has changed.

    Raises:
        WrongModelError: its file is missing or is not the one that was trained.
    """
    return cached(candidate.read_model, file_in_use(var_dir))


def file_in_use(var_dir: Path) -> Path:
    """Return the file of the model that answers."""
    serving = read_serving(var_dir)
    return slot_file(var_dir, serving.program) if serving else MODEL


def kept_model(sha256: str) -> Model:
    """Return a model that was trained or used before.

    Raises:
        WrongModelError: it is kept no longer, or is not the one that was trained.
    """
    return candidate.read_model(candidate.FOLDER / f"{sha256[:12]}.tar.gz")


def next_serving(settings: Settings, model: Model, inputs: str) -> tuple[Serving, str]:
    """Return how things stand after a switch to `model`, and the program that answers until then.

    `inputs` is the fingerprint of the training files as they are now.
    """
    now = read_serving(settings.var_dir)
    before = now.program if now else FIRST
    after = SECOND if before == FIRST else FIRST
    port = settings.bot_second_port if after == SECOND else settings.bot_port
    return Serving(after, port, model.sha256, model.model_id, inputs), before
