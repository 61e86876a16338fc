"""Set-up: lock files, stamps, refusals in plain words."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
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


def test_an_environment_is_made_from_its_lock_file_with_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[list[str]] = []
    monkeypatch.setattr(setup, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(setup, "_run", lambda step: steps.append([str(part) for part in step]))
    for name in setup.NAMES:
        setup._install(name, "test")
    told = [" ".join(step) for step in steps]
    assert len(told) == 7
    for name in setup.NAMES:
        lock = str(setup.ROOT / "requirements" / f"{name}-test.txt")
        (from_lock,) = [step for step in told if lock in step]
        assert "--require-hashes" in from_lock
    # The stand-ins for TensorFlow come last, into the bot's environment alone
    assert told[-1].endswith("compat")
    assert str(tmp_path / "bot") in told[-1]


def test_what_a_test_needs_of_debian_is_named_to_who_may_not_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(setup, "DEBIAN_PACKAGES_FOR_TESTS", {"a-package": "no/such/file"})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(setup.SetupError, match="sudo apt-get install -y a-package"):
        setup._install_debian_packages()


def test_what_is_missing_of_debian_is_installed_by_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[list[str]] = []
    packages = {"a-package": "no/such/file", "there": "usr/bin/env"}
    monkeypatch.setattr(setup, "DEBIAN_PACKAGES_FOR_TESTS", packages)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/apt-get")
    monkeypatch.setattr(setup, "_run", steps.append)
    setup._install_debian_packages()
    assert [step[1] for step in steps] == ["update", "install"]
    assert steps[1][-1] == "a-package"
    assert "installing a-package from Debian" in capsys.readouterr().out


def test_the_command_says_what_is_wrong_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_purpose: str) -> None:
        raise setup.SetupError("The disk is full.")

    monkeypatch.setattr(setup, "set_up", fail)
    monkeypatch.setattr(sys, "argv", ["setup", "run"])
    assert setup.main() == 1
    assert capsys.readouterr().err == "[setup] The disk is full.\n"
    monkeypatch.setattr(setup, "set_up", lambda _purpose: None)
    assert setup.main() == 0
    monkeypatch.setattr(sys, "argv", ["setup", "walk"])
    assert setup.main() == 2
    assert "run|test" in capsys.readouterr().err
    monkeypatch.setattr(sys, "version_info", (3, 12))
    assert setup.main() == 1
    assert "needs Python 3.11" in capsys.readouterr().err
