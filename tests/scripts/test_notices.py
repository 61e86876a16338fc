"""THIRD-PARTY.md names everything that the lock files install."""

from __future__ import annotations

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
