"""Messages with their intents, as they stand in NLU files (Rasa's YAML format 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

_PLAIN = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True)
class Example:
    """A message, its intent, and the file that has it."""

    text: str
    intent: str
    file: str

    @property
    def words(self) -> tuple[str, ...]:
        """Its words in small letters, without punctuation; of "???" the whole."""
        return tuple(_PLAIN.sub(" ", self.text.lower()).split()) or (self.text,)


def read_examples(folder: Path) -> list[Example]:
    """Return every example below `folder`, file by file.

    Raises:
        ValueError: a file is not in Rasa's NLU format; the message names it.
    """
    return [each for path in sorted(folder.glob("*.yml")) for each in _examples_of(path)]


def _examples_of(path: Path) -> Iterator[Example]:
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))["nlu"]
        blocks = [(entry["intent"], entry["examples"]) for entry in entries if "intent" in entry]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a file of NLU examples: {error}") from error
    for intent, block in blocks:
        for line in block.splitlines():
            if line.startswith("- "):
                yield Example(line[2:].strip(), intent, path.name)
