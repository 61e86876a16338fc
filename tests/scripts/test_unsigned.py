"""What `make run` says about signatures."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from content import signoff
from content.reading import ContentError
from content.signoff import Signable
from scripts import unsigned


def test_drafts_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "signoff.yml"
    texts = [Signable("utter_a", "One."), Signable("utter_b", "Two.")]
    monkeypatch.setattr(unsigned, "signable", lambda: texts)
    monkeypatch.setattr(
        unsigned, "unsigned", lambda some: signoff.unsigned(some, signoff.load_signoffs(file))
    )
    signoff.sign(texts[:1], "neurologist", datetime.date(2026, 11, 24), file)
    assert unsigned.line().startswith("1 of 2 answers are unsigned; they are shown all the same")
    monkeypatch.setenv("REQUIRE_SIGNED_ANSWERS", "true")
    assert "a person is offered instead" in unsigned.line()
    signoff.sign(texts, "neurologist", datetime.date(2026, 11, 24), file)
    assert unsigned.line() == "All 2 answers are signed."


def test_broken_files_are_told_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[Signable]:
        raise ContentError(Path("x.yml"), "is gone")

    monkeypatch.setattr(unsigned, "signable", fail)
    assert "is gone" in unsigned.line()
