"""How the processes are described, supervised and stopped."""

from __future__ import annotations

import configparser
import os
import sys
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


SERVER = """
import http.server, sys
print("begins", flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_process_is_started_killed_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = processes.spare_ports(1)
    command = (sys.executable, "-c", SERVER, str(port))
    server = processes.Process("chat", command, {"A": "b"}, f"http://127.0.0.1:{port}/")
    monkeypatch.setattr(processes, "define", lambda *_: {"chat": server})
    with processes.running_helpline(("chat",)) as helpline:
        assert helpline.is_running("chat")
        first = helpline.pid("chat")
        helpline.kill("chat")
        assert not processes.is_ready(server)
        helpline.start("chat")
        assert processes.is_ready(server)
        assert helpline.pid("chat") != first
        # Both wrote into one log
        assert helpline.log_file("chat").read_text().count("begins") == 2
    assert not processes.is_ready(server)


def test_a_process_that_never_gets_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = processes.spare_ports(1)
    deaf = processes.Process("chat", ("/bin/sleep", "60"), {}, f"http://127.0.0.1:{port}/")
    monkeypatch.setattr(processes, "define", lambda *_: {"chat": deaf})
    with processes.running_helpline(()) as helpline:
        helpline.start("chat", wait=False)
        with pytest.raises(processes.StartError, match="chat did not get ready"):
            helpline.wait_ready("chat", seconds=0.2)


def test_more_bots_have_ports_of_their_own(values: settings.Settings) -> None:
    (port,) = processes.spare_ports(1)
    with processes.running_helpline((), more_bots=[port]) as helpline:
        second = helpline._processes["bot2"].command
        assert second[second.index("--port") + 1] == str(port)


def test_a_command_of_the_website_that_fails_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"helpline\.store .*cannot be directly executed"):
        processes.run_in_web(os.environ, "helpline.store")
    assert "--by" in processes.run_in_web(os.environ, "helpline.privacy.restore", "--help")
