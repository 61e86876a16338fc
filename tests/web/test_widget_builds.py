"""Versions of the widget: addresses that never change their meaning, and tags for sites."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import httpx2
import pytest

import settings
from helpline.chat.widget_builds import BUILDS, MODULE, WidgetBuilds


@pytest.fixture
def builds(tmp_path: Path) -> WidgetBuilds:
    (tmp_path / MODULE).write_text("second();")
    old = tmp_path / "kept" / hashlib.sha256(b"first();").hexdigest()[:12]
    old.mkdir(parents=True)
    (old / MODULE).write_text("first();")
    return WidgetBuilds(tmp_path)


def test_a_kept_version_is_still_found(builds: WidgetBuilds) -> None:
    for content in (b"first();", b"second();"):
        files = builds.files(hashlib.sha256(content).hexdigest()[:12])
        assert files is not None
        found = files.find(MODULE)
        assert found is not None and found.content == content


@pytest.mark.parametrize("version", ["0123456789ab", "..", "kept", ""])
def test_there_are_no_other_versions(builds: WidgetBuilds, version: str) -> None:
    assert builds.files(version) is None


def test_nothing_built(tmp_path: Path) -> None:
    builds = WidgetBuilds(tmp_path)
    assert builds.version is None
    assert builds.embedding(settings.load()) is None


def test_settings_that_are_not_usual_become_attributes(builds: WidgetBuilds) -> None:
    usual = settings.Settings()
    plain = builds.embedding(usual, "https://help.example")
    assert plain is not None
    assert plain.tags == plain.script
    assert plain.src == f"https://help.example/widget/{builds.version}/{MODULE}"
    changed = dataclasses.replace(
        usual, retention_days=30, contact_page_url='https://example.org/?a="1"&b'
    )
    embedding = builds.embedding(changed)
    assert embedding is not None
    assert embedding.tags.startswith(
        '<spms-helpline retention-days="30" '
        'contact-page="https://example.org/?a=&quot;1&quot;&amp;b"></spms-helpline>\n<script'
    )


def test_a_version_is_kept_by_browsers_the_present_build_is_asked_for_again(
    client: httpx2.Client,
) -> None:
    fixed = client.get(f"/widget/{BUILDS.version}/{MODULE}")
    assert "immutable" in fixed.headers["cache-control"]
    assert fixed.headers["access-control-allow-origin"] == "*"
    present = client.get(f"/widget/{MODULE}")
    assert present.headers["cache-control"] == "no-cache"
    assert present.content == fixed.content
    assert client.get(f"/widget/0123456789ab/{MODULE}").status_code == 404


def test_the_tags_are_told_to_programs_and_to_people(client: httpx2.Client) -> None:
    told = client.get("/widget").json()
    module = told["files"][MODULE]
    assert told["version"] == BUILDS.version
    assert f'integrity="{module["integrity"]}" crossorigin' in told["embed"]
    page = client.get("/widget", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "&lt;script type=" in page.text
