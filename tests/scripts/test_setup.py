"""Set-up: lock files, stamps, refusals in plain words."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts import setup

LOCK_FILES = sorted((setup.ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==(\S+)", re.M)


def pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text()))


@pytest.mark.parametrize("path", LOCK_FILES, ids=lambda p: p.name)
def test_every_package_has_a_hash_and_no_address(path: Path) -> None:
    text = path.read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) == len(pins(path))
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert "://" not in text


@pytest.mark.parametrize("name", setup.NAMES)
def test_test_environment_holds_the_run_environment(name: str) -> None:
    run = pins(setup.ROOT / "requirements" / f"{name}.txt")
    test = pins(setup.ROOT / "requirements" / f"{name}-test.txt")
    assert run.items() <= test.items()


def test_the_real_tensorflow_is_not_installed() -> None:
    assert not [
        name
        for name in pins(setup.ROOT / "requirements" / "bot-test.txt")
        if "tensor" in name and name != "safetensors"
    ]


def test_environment_is_made_again_when_its_lock_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements").mkdir()
    for lock in ("web.txt", "web-test.txt"):
        (tmp_path / "requirements" / lock).write_text("one")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "ENVIRONMENTS", tmp_path / ".venvs")
    monkeypatch.setattr(setup, "NAMES", ("web",))
    made: list[str] = []

    def install(name: str, purpose: str) -> None:
        (tmp_path / ".venvs" / name).mkdir(parents=True, exist_ok=True)
        made.append(purpose)

    monkeypatch.setattr(setup, "_install", install)
    setup.set_up("run")
    setup.set_up("run")
    assert made == ["run"]
    (tmp_path / "requirements" / "web.txt").write_text("two")
    setup.set_up("run")
    assert made == ["run", "run"]


def test_a_failed_step_is_told_and_leaves_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(setup, "NAMES", ("web",))
    (tmp_path / "web").mkdir()
    monkeypatch.setattr(setup, "_install", lambda name, purpose: setup._run(["false"]))
    with pytest.raises(setup.SetupError, match="This step failed: false"):
        setup.set_up("run")
    assert not setup.is_ready("web", "run")


def test_missing_python_is_named(tmp_path: Path) -> None:
    for name, script in {"id": "echo 1000", "python3": "echo Python 3.9.2; exit 1"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    finder = (setup.ROOT / "scripts" / "python311").read_text()
    copy = tmp_path / "python311"
    copy.write_text(finder.replace("/usr/bin/python3.11", "/nowhere/python3.11"))
    done = subprocess.run(
        ["/bin/sh", copy], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "apt-get install python3.11" in done.stderr
