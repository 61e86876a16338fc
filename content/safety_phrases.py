"""The phrases of the safety gate, read from `data/safety/`."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from content.reading import ROOT, ContentError, cached, read_mapping
from safety import Phrases

PHRASES_FOLDER = ROOT / "data" / "safety"


def load_phrases(folder: Path = PHRASES_FOLDER) -> Phrases:
    """Return the phrases of all files in `folder`, joined by their top-level names.

    Raises:
        ContentError: a file cannot be used, or two files give the same name.
    """
    return cached(_read_phrases, folder)


def _read_phrases(folder: Path) -> Phrases:
    joined: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, value in read_mapping(path).items():
            if name == "version":
                continue
            if name in joined:
                raise ContentError(path, "is given in another file too", field=name)
            joined[name] = value
    if not joined:
        raise ContentError(folder, "holds no phrases")
    try:
        with _no_collection():
            return Phrases.from_mapping(joined)
    except ValueError as error:
        raise ContentError(folder, str(error)) from error


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Let Python not look for garbage among the tens of thousands of parts of the phrases while
    they are made: there is none, and the search takes half of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
