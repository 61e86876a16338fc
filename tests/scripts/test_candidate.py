"""A candidate is trained beside the model in use, and what was trained is kept or let go."""

from __future__ import annotations

import configparser
import dataclasses
import hashlib
import json
import os
import stat
import sys
import tarfile
from pathlib import Path

import pytest

import settings
from scripts import candidate, processes, run, serving, supervisor, train
from scripts.serving import FIRST, SECOND, Serving
from scripts.start_bot import WrongModelError, stamp_of

RASA = """#!{python}
import io, json, sys, tarfile
from pathlib import Path
out = Path(sys.argv[sys.argv.index("--out") + 1])
print("2026-11-22 INFO rasa.engine.training.hooks  - Starting to train component 'SpacyNLP'.")
print("2026-11-22 INFO rasa.engine.training.hooks  - Restored component 'a.b.Gate' from cache.")
if Path({flag!r}).exists():
    print("YamlException: Failed to read 'data/nlu/x.yml'")
    sys.exit(1)
content = json.dumps({{"model_id": "an-id"}}).encode()
with tarfile.open(out / "candidate.tar.gz", "w:gz") as archive:
    entry = tarfile.TarInfo("metadata.json")
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose `rasa train` is a stand-in; it fails once the file `fail` exists."""
    rasa = tmp_path / "python"
    rasa.write_text(RASA.format(python=sys.executable, flag=str(tmp_path / "fail")))
    rasa.chmod(rasa.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "config.yml").write_text("pipeline:\n  - name: SpacyNLP\n  - name: a.b.Gate\n")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "bot.txt").write_text("x")
    monkeypatch.setattr(candidate, "ROOT", tmp_path)
    monkeypatch.setattr(candidate, "FOLDER", tmp_path / "models" / "candidates")
    monkeypatch.setattr(candidate, "python_of", lambda _name: rasa)
    monkeypatch.setattr(train.inputs_fingerprint, "__defaults__", (tmp_path,))
    return tmp_path


def test_a_candidate_is_kept_with_its_hash(project: Path) -> None:
    status = project / "status.json"
    assert candidate.main(["--status", str(status)]) == 0
    told = json.loads(status.read_text())
    assert (told["state"], told["percent"], told["pid"]) == ("done", 100, os.getpid())
    model = candidate.read_model(Path(told["model"]["path"]))
    assert (model.sha256, model.model_id) == (told["model"]["sha256"], "an-id")
    assert model.inputs == train.inputs_fingerprint()
    assert model.path == candidate.FOLDER / f"{model.short}.tar.gz"
    assert not list(candidate.FOLDER.glob(".*"))
    assert not (project / "models" / "helpline.tar.gz").exists()
    model.path.write_bytes(b"changed")
    with pytest.raises(WrongModelError):
        candidate.read_model(model.path)


def test_a_failure_tells_why_and_leaves_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "fail").touch()
    status = project / "status.json"
    assert candidate.main(["--status", str(status)]) == 1
    told = json.loads(status.read_text())
    assert told["state"] == "failed"
    assert "Failed to read 'data/nlu/x.yml'" in told["problem"]
    assert "Failed to read" in capsys.readouterr().err
    assert not list(candidate.FOLDER.iterdir())


def test_progress_follows_the_components(project: Path) -> None:
    told: list[tuple[int, str]] = []

    class Listening(candidate.Status):
        def tell(self, state: str, step: str, percent: int, **more: object) -> None:
            told.append((percent, step))

    assert candidate.train_candidate(Listening(None)) is not None
    assert (50, "training SpacyNLP") in told
    assert (95, "training Gate") in told
    assert [percent for percent, _ in told] == sorted(percent for percent, _ in told)


def fake_model(path: Path, content: str) -> candidate.Model:
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = path.with_name("metadata.json")
    metadata.write_text(json.dumps({"model_id": content}))
    with tarfile.open(path, "w:gz") as archive:
        archive.add(metadata, "metadata.json")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp_of(path).write_text(json.dumps({"inputs": content, "sha256": digest}))
    return candidate.read_model(path)


def test_what_is_needed_is_kept_longer_than_the_newest(project: Path) -> None:
    models = []
    for number in range(candidate.MOST_KEPT + 3):
        model = candidate.keep(fake_model(project / "made.tar.gz", f"model {number}"))
        os.utime(model.path, (number, number))
        models.append(model)
    candidate.prune({models[0].sha256})
    left = {path.name for path in candidate.FOLDER.glob("*.tar.gz")}
    assert left == {one.path.name for one in (models[0], *models[3:])}
    assert len(list(candidate.FOLDER.glob("*.json"))) == len(left)


@pytest.fixture
def values(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    """Settings of a helpline whose trained model is there; training counts as done."""
    model = project / "models" / "helpline.tar.gz"
    fake_model(model, "trained from the files")
    monkeypatch.setattr(train, "MODEL", model)
    monkeypatch.setattr(train, "train", lambda: True)
    var_dir = tmp_path / "var"
    var_dir.mkdir()
    return dataclasses.replace(settings.load(), var_dir=var_dir)


def switch(values: settings.Settings, inputs: str) -> candidate.Model:
    model = fake_model(values.var_dir / "chosen.tar.gz", "chosen by staff")
    candidate.copy_model(model, serving.slot_file(values.var_dir, SECOND))
    chosen = Serving(SECOND, values.bot_second_port, model.sha256, model.model_id, inputs)
    serving.write_serving(values.var_dir, chosen)
    assert serving.read_serving(values.var_dir) == chosen
    return model


def starts_with(values: settings.Settings) -> dict[str, bool]:
    """Read from the supervisor's configuration which bots it starts."""
    parser = configparser.RawConfigParser()
    parser.read(
        supervisor.write_configuration(
            values.var_dir,
            processes.define_supervised(values).values(),
            starting=processes.running_at_start(values),
        )
    )
    assert "unix_http_server" in parser
    return {
        name: parser[f"program:{name}"]["autostart"] == "true"
        for name in (FIRST, SECOND, "chat", "staff", "actions")
    }


ALL = {"chat": True, "staff": True, "actions": True}


def test_without_a_switch_the_trained_model_answers(values: settings.Settings) -> None:
    assert run.prepare_model(values)
    model = candidate.read_model(serving.slot_file(values.var_dir, FIRST))
    assert model.model_id == "trained from the files"
    assert starts_with(values) == {FIRST: True, SECOND: False, **ALL}


def test_what_staff_chose_answers_after_a_restart(values: settings.Settings) -> None:
    switch(values, train.inputs_fingerprint())
    assert run.prepare_model(values)
    assert starts_with(values) == {FIRST: False, SECOND: True, **ALL}


def test_changed_files_take_a_switch_back(
    values: settings.Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    switch(values, "fingerprint of other files")
    assert run.prepare_model(values)
    assert "takes the place" in capsys.readouterr().out
    assert serving.read_serving(values.var_dir) is None
    assert starts_with(values) == {FIRST: True, SECOND: False, **ALL}


def test_a_chosen_model_that_is_damaged_is_not_used(values: settings.Settings) -> None:
    switch(values, train.inputs_fingerprint())
    serving.slot_file(values.var_dir, SECOND).write_bytes(b"damaged")
    assert run.prepare_model(values)
    assert starts_with(values) == {FIRST: True, SECOND: False, **ALL}


def test_training_that_somebody_ends_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = project / "killed"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(candidate, "python_of", lambda _name: killed)
    status = candidate.Status(None)
    assert candidate.train_candidate(status) is None
    assert status.problem == "Training was ended from outside (SIGKILL)."


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "Rasa ended well, but wrote no model. Is the disk full?"),
        ("exit 7", "Rasa ended with status 7."),
    ],
)
def test_training_that_says_nothing_is_explained(
    script: str, said: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = project / "silent"
    silent.write_text(f"#!/bin/sh\n{script}\n")
    silent.chmod(0o755)
    monkeypatch.setattr(candidate, "python_of", lambda _name: silent)
    status = candidate.Status(None)
    assert candidate.train_candidate(status) is None
    assert status.problem == said


def test_a_file_that_is_no_model_is_told_to_the_console(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = project / "odd"
    find = 'while [ "$1" != --out ]; do shift; done'
    odd.write_text(f'#!/bin/sh\n{find}\necho nonsense > "$2/candidate.tar.gz"\n')
    odd.chmod(0o755)
    monkeypatch.setattr(candidate, "python_of", lambda _name: odd)
    file = project / "status.json"
    assert candidate.main(["--status", str(file)]) == 1
    told = json.loads(file.read_text())
    assert told["state"] == "failed"
    assert "is no model: train it again." in told["problem"]


def test_a_model_kept_already_is_kept_once(project: Path) -> None:
    model = candidate.keep(fake_model(project / "made.tar.gz", "a model"))
    assert candidate.keep(model) == model
    assert candidate.keep(fake_model(project / "made.tar.gz", "a model")).path.parent == (
        model.path.parent
    )


def test_a_helpline_without_a_model_does_not_begin(
    values: settings.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "train", lambda: False)
    assert not run.prepare_model(values)
    assert not serving.slot_file(values.var_dir, FIRST).exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"program": "bot", "port": "many"}'])
def test_a_switch_that_cannot_be_read_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / serving.FILE).write_text(text)
    assert serving.read_serving(tmp_path) is None
