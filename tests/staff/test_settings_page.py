"""Settings that staff change: checked, audited, and before the server's own."""

from __future__ import annotations

import pytest

import settings
from helpline.store.database import Store
from helpline.store.stored_settings import ValueRefused, effective, store_setting
from tests.staff.conftest import StartStaff, add_people
from tests.staff.corrections import as_staff
from tests.staff.running import text_of


def test_stored_before_environment_before_default(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def days() -> int:
        return store.read_now(effective, settings.load()).retention_days

    assert days() == 90
    monkeypatch.setenv("RETENTION_DAYS", "60")
    assert days() == 60
    store.write_now(store_setting, "retention_days", "30", "ada")
    assert days() == 30
    store.write_now(store_setting, "retention_days", None, "ada")
    assert days() == 60


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retention_days", "0"),
        ("retention_days", "-5"),
        ("retention_days", "ten"),
        ("retention_days", "99999"),
        ("embed_origins", "http://example.org"),
        ("embed_origins", "https://example.org/page"),
        ("embed_origins", "https://example.org; script-src *"),
        ("embed_origins", "*"),
        ("embed_origins", "https://user@example.org"),
        ("chat_port", "1"),
    ],
)
def test_what_a_setting_cannot_take(store: Store, name: str, value: str) -> None:
    with pytest.raises(ValueRefused):
        store.write_now(store_setting, name, value, "ada")
    assert store.read_now(effective, settings.load()) == settings.load()


def test_sites_are_written_as_browsers_write_them(store: Store) -> None:
    typed = " https://WWW.Example.org/  http://localhost:3000 https://www.example.org"
    store.write_now(store_setting, "embed_origins", typed, "ada")
    assert store.read_now(effective, settings.load()).embed_origin_list == (
        "https://www.example.org",
        "http://localhost:3000",
    )


def test_an_admin_changes_them_and_the_log_keeps_it(
    staff_with: StartStaff, password_hash: str
) -> None:
    console = staff_with(RETENTION_DAYS="60")
    console.store.write_now(add_people, password_hash)
    lena, ada = as_staff(console, "lena"), as_staff(console, "ada")
    assert lena.post("/settings/retention_days", {"value": "30"}).status_code == 403
    assert "Only an admin" in text_of(lena.get("/settings"))
    refused = ada.post("/settings/retention_days", {"value": "0"})
    assert refused.status_code == 422 and "from 1 to 3,650" in text_of(refused)
    assert ada.post("/settings/retention_days", {"value": "30"}).status_code == 303
    page = text_of(ada.get("/settings"))
    assert "In force: 30 ." in page and "without that it would be 60" in page
    assert "value: 30, before: none" in text_of(lena.get("/audit?what=setting.changed"))
    assert ada.post("/settings/retention_days", {"how": "default"}).status_code == 303
    assert "In force: 60 ." in text_of(ada.get("/settings"))
    assert ada.post("/settings/no_such", {"value": "1"}).status_code == 422
