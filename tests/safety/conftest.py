"""The phrases as they ship, and the cases that the gate is measured on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from content.safety_phrases import load_phrases
from safety import Phrases

CASES = Path(__file__).parent / "cases"


def read_cases(name: str) -> dict[str, list[str]]:
    """Return the groups of a file in `cases/`: style -> messages."""
    groups: dict[str, list[str]] = yaml.safe_load((CASES / f"{name}.yml").read_text("utf-8"))
    assert all(isinstance(text, str) for texts in groups.values() for text in texts)
    return groups


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    """The phrases in `data/safety/`."""
    return load_phrases()
