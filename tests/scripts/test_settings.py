"""Settings: defaults, environment, clear refusals, secrets."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest

import settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in dataclasses.fields(settings.Settings):
        monkeypatch.delenv(field.name.upper(), raising=False)
    monkeypatch.delenv("BOT_SECRET", raising=False)


def test_defaults_are_complete() -> None:
    values = settings.load()
    assert values.bot_url == "http://127.0.0.1:5005"
    assert values.database_url.endswith("/var/helpline.db")
    assert values.tracker_database_url != values.database_url
    assert values.retention_days == 90


def test_environment_overrides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("BOT_PORT", "6005")
    monkeypatch.setenv("RATE_LIMITS", "off")
    monkeypatch.setenv("EMBED_ORIGINS", "https://a.example https://b.example")
    values = settings.load()
    assert values.bot_url == "http://127.0.0.1:6005"
    assert values.database_url == f"sqlite:///{tmp_path}/helpline.db"
    assert values.rate_limits is False
    assert values.embed_origin_list == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BOT_PORT", "many", "BOT_PORT is 'many': write a number."),
        ("RETENTION_DAYS", "-1", "not negative"),
        ("RATE_LIMITS", "perhaps", "write true or false"),
    ],
)
def test_wrong_value_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingError, match=says):
        settings.load()


def test_every_setting_is_described() -> None:
    table = settings.describe()
    for field in dataclasses.fields(settings.Settings):
        assert f"{field.name.upper()} " in table
        assert len(field.metadata["meaning"]) > 10


def test_secret_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    values = settings.load()
    first = values.secret("bot")
    assert len(first) >= 40
    assert values.secret("bot") == first
    path = tmp_path / "secrets" / "bot"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["bot"]
    monkeypatch.setenv("BOT_SECRET", "from outside")
    assert values.secret("bot") == "from outside"
