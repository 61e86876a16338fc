"""A release says what exactly was released, in every place that holds the version."""

from __future__ import annotations

import datetime
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from scripts import release
from scripts.release import VERSION_LINES, ReleaseError, stamp
from scripts.setup import ROOT

TODAY = datetime.date(2026, 11, 24)
WIDGET = "web/widget/dist/spms-helpline.js"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for file in (*dict(VERSION_LINES), "CHANGELOG.md", "knowledge/facts.yml", WIDGET):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "helpline.json").write_text(json.dumps({"sha256": "abc123"}))
    return tmp_path


def test_version_and_hashes_are_stamped(house: Path) -> None:
    already = (house / "CHANGELOG.md").read_text("utf-8").partition("## Unreleased\n")[2]
    stamped = stamp(house, "99.1.0", TODAY)
    assert stamped["model"] == "abc123"
    for file in ("pyproject.toml", "web/pyproject.toml"):
        assert tomllib.loads((house / file).read_text("utf-8"))["project"]["version"] == "99.1.0"
    package = json.loads((house / "web/widget/package.json").read_text("utf-8"))
    lock = json.loads((house / "web/widget/package-lock.json").read_text("utf-8"))
    for place in (package, lock, lock["packages"][""]):
        assert place["version"] == "99.1.0"
    head, _, part = (house / "CHANGELOG.md").read_text("utf-8").partition("## 99.1.0, 2026-11-24\n")
    assert head.endswith("## Unreleased\n\n")
    assert "model: `abc123`" in part
    assert f"widget: `{stamped['widget']}`" in part
    assert part.endswith(already)


def test_the_widget_hash_is_the_one_a_tag_names(house: Path) -> None:
    before = stamp(house, "99.1.0", TODAY)["widget"]
    with (house / WIDGET).open("a") as file:
        file.write(" ")
    with (house / "CHANGELOG.md").open("r+") as file:
        text = file.read().replace("## Unreleased\n", "## Unreleased\n- more\n")
        file.seek(0)
        file.write(text)
    assert before.startswith("sha384-")
    assert stamp(house, "99.2.0", TODAY)["widget"] != before


@pytest.mark.parametrize("version", ["", "1", "v1.0.0", "0.0.1", "0.1.0"])
def test_a_version_that_is_not_the_next_is_refused(house: Path, version: str) -> None:
    before = {path: path.read_bytes() for path in house.rglob("*") if path.is_file()}
    with pytest.raises(ReleaseError, match="VERSION"):
        stamp(house, version, TODAY)
    assert {path: path.read_bytes() for path in house.rglob("*") if path.is_file()} == before


def test_a_place_without_its_version_is_named_before_anything_is_written(house: Path) -> None:
    lock = house / "web/widget/package-lock.json"
    lock.write_text(lock.read_text("utf-8").replace('      "version": "', '      "v": "', 1))
    before = (house / "pyproject.toml").read_bytes()
    with pytest.raises(ReleaseError, match=r"package-lock\.json has no line with the version"):
        stamp(house, "99.1.0", TODAY)
    assert (house / "pyproject.toml").read_bytes() == before


def test_a_release_without_changes_or_without_a_model_is_refused(house: Path) -> None:
    (house / "models" / "helpline.json").unlink()
    with pytest.raises(ReleaseError, match="make train"):
        stamp(house, "99.1.0", TODAY)
    (house / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n## 0.1.0\n\n- all\n")
    with pytest.raises(ReleaseError, match="CHANGELOG"):
        stamp(house, "99.1.0", TODAY)


def test_the_command_prints_what_was_stamped_and_what_to_do_next(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "ROOT", house)
    monkeypatch.setattr("sys.argv", ["release", "99.1.0"])
    assert release.main() == 0
    said = capsys.readouterr().out
    assert "model: abc123" in said
    assert "git tag v99.1.0" in said
    # The same version once more is refused, in words and by the exit code
    assert release.main() == 2
    assert "VERSION must come after 99.1.0" in capsys.readouterr().err


def test_versions_that_differ_are_made_one_first(house: Path) -> None:
    file = house / "web" / "pyproject.toml"
    text = file.read_text("utf-8")
    assert 'version = "0.1.0"' in text
    file.write_text(text.replace('version = "0.1.0"', 'version = "0.0.9"', 1))
    with pytest.raises(ReleaseError, match=r"differs: 0\.0\.9, 0\.1\.0"):
        stamp(house, "99.1.0", TODAY)
