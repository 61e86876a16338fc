"""How the processes are described, supervised and stopped."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

import settings
from scripts import processes, supervisor


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("ACTIONS_PORT", "6055")
    return settings.load()


def test_another_actions_port_reaches_the_bot(values: settings.Settings) -> None:
    command = processes.define(values)["bot"].command
    endpoints = Path(command[command.index("--endpoints") + 1])
    assert "http://127.0.0.1:6055/webhook" in endpoints.read_text()


def test_everything_of_rasa_stays_on_loopback(values: settings.Settings) -> None:
    described = processes.define(values)
    bot = described["bot"].command
    assert bot[bot.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in bot
    assert described["actions"].environment["SANIC_HOST"] == "127.0.0.1"


def test_supervisor_configuration_keeps_odd_characters(tmp_path: Path) -> None:
    odd = processes.Process("odd", ("run it", "100%"), {"A": 'say "50%, twice"'}, "http://x")
    parser = configparser.RawConfigParser()
    parser.read(supervisor.write_configuration(tmp_path, [odd]))
    section = parser["program:odd"]
    assert section["command"] == "'run it' 100%%"
    assert section["environment"] == 'A="say \\"50%%, twice\\""'
    assert section["autorestart"] == "true"


def test_spare_ports_differ() -> None:
    assert len(set(processes.spare_ports(20))) == 20


def test_a_process_that_ends_at_once_is_told_with_its_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = processes.Process(
        "chat", ("/bin/sh", "-c", "echo cannot open the store; exit 3"), {}, "http://127.0.0.1:9/"
    )
    monkeypatch.setattr(processes, "define", lambda *_: {"chat": broken})
    with (
        pytest.raises(processes.StartError, match="cannot open the store"),
        processes.running_helpline(("chat",)),
    ):
        pytest.fail("it did not start")


def test_the_folder_goes_when_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "define", lambda *_: {})
    with processes.running_helpline(()) as helpline:
        assert helpline.var_dir.is_dir()
    assert not helpline.var_dir.exists()
