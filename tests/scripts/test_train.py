"""Training runs when something that the model depends on has changed, and only then."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from pathlib import Path

import pytest

from content.data_lock import DataBusy, hold_data
from scripts import train


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("requirements/bot.txt", "config.yml", "data/nlu/a.yml", "knowledge/facts.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(train, "MODEL", tmp_path / "models" / "helpline.tar.gz")
    monkeypatch.setattr(train, "STAMP", tmp_path / "models" / "helpline.json")
    monkeypatch.setattr(train.inputs_fingerprint, "__defaults__", (tmp_path,))
    return tmp_path


def test_a_model_is_current_until_its_inputs_change(project: Path) -> None:
    assert not train.is_current()
    train.MODEL.write_bytes(b"model")
    digest = hashlib.sha256(b"model").hexdigest()
    train.STAMP.write_text(json.dumps({"inputs": train.inputs_fingerprint(), "sha256": digest}))
    assert train.is_current()
    train.MODEL.write_bytes(b"another model")
    assert not train.is_current(), "the bot would refuse it"
    train.MODEL.write_bytes(b"model")
    (project / "data" / "nlu" / "a.yml").write_text("y")
    assert not train.is_current()


@pytest.mark.parametrize("name", ["knowledge/facts.yml", "config.yml", "requirements/bot.txt"])
def test_each_kind_of_input_counts(project: Path, name: str) -> None:
    before = train.inputs_fingerprint()
    (project / name).write_text("changed")
    assert train.inputs_fingerprint() != before


def test_a_renamed_file_counts(project: Path) -> None:
    before = train.inputs_fingerprint()
    (project / "data" / "nlu" / "a.yml").rename(project / "data" / "nlu" / "b.yml")
    assert train.inputs_fingerprint() != before


def test_failed_training_keeps_the_model(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train.MODEL.write_bytes(b"before")
    monkeypatch.setattr(train, "python_of", lambda name: Path("/bin/false"))
    assert train.train() is False
    assert train.MODEL.read_bytes() == b"before"
    assert "still in place" in capsys.readouterr().err


def test_training_keeps_exports_from_the_data(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "ROOT", project)

    def look(force: bool) -> bool:
        with pytest.raises(DataBusy, match="the bot is being trained"), hold_data("x", project):
            pass
        return force

    monkeypatch.setattr(train, "_train", look)
    assert train.train(force=True)
    with hold_data("free again", project):
        pass


def test_a_new_model_takes_the_place_with_what_it_was_trained_from(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train.MODEL.write_bytes(b"before")

    def rasa(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        (project / "models" / "candidate.tar.gz").write_bytes(b"after")
        assert "--force" in command
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(train, "ROOT", project)
    monkeypatch.setattr(subprocess, "run", rasa)
    assert train.train(force=True)
    assert train.MODEL.read_bytes() == b"after"
    assert train.is_current()
    # Nothing to do: Rasa is not started again
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: pytest.fail("it trained"))
    assert train.train()


def test_long_training_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    class Ends(threading.Event):
        """Waits no time, and is done at the third look."""

        looks = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.looks += 1
            return self.looks == 3

    train._show_time(0.0, Ends())
    assert capsys.readouterr().out.count("still training") == 2
