"""THIRD-PARTY.md names everything that the lock files install."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scripts import notices


@pytest.mark.parametrize("environment", notices.ENVIRONMENTS)
def test_every_locked_package_stands_there_with_its_version_and_a_licence(environment: str) -> None:
    page = notices.PAGE.read_text("utf-8")
    part = page.split(f"environment “{environment}”")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in part.splitlines()[4:]]
    listed = {name: version for name, version, _ in rows}
    assert listed == notices.locked(environment), "run `make notices`"
    assert all(licence and licence != notices.UNKNOWN for _, _, licence in rows)


def test_a_package_that_says_no_licence_stops_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_licences", lambda _: {"sanic": "MIT"})
    monkeypatch.setattr(notices, "locked", lambda _: {"sanic": "1", "mystery": "2"})
    with pytest.raises(ValueError, match="mystery"):
        notices.page()


def test_the_command_writes_the_page_or_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [{"Name": "A_Package", "License": "MIT; one|other"}]
    monkeypatch.setattr(notices, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(notices, "locked", lambda _: {"a-package": "1.2"})
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 0, json.dumps(told), ""),
    )
    assert notices.main() == 0
    assert "| a-package | 1.2 | MIT; one/other |" in (tmp_path / "page.md").read_text("utf-8")
    monkeypatch.setattr(notices, "locked", lambda _: {"a-package": "1.2", "mystery": "2"})
    before = (tmp_path / "page.md").read_text("utf-8")
    assert notices.main() == 1
    assert "mystery does not say its licence" in capsys.readouterr().err
    assert (tmp_path / "page.md").read_text("utf-8") == before
