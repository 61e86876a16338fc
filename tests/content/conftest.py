"""A copy of the content that a test may break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from content.reading import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with copies of knowledge/, data/responses/ and docs/seed-page.md."""
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    shutil.copytree(ROOT / "data" / "responses", tmp_path / "data" / "responses")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "seed-page.md", tmp_path / "docs")
    return tmp_path


@pytest.fixture
def change(checkout: Path) -> Callable[[str, str, str], None]:
    """Replace the first place where a copied file says `old`."""

    def replace(file: str, old: str, new: str) -> None:
        path = checkout / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer says {old!r}: the test must change with it"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace
