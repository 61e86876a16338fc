"""`make run`: what it refuses, what it says while it starts, and that it stops what it started."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import processes, run, supervisor, train
from scripts.processes import Process, spare_ports


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, int]:
    """Ports that nobody listens on, and a folder of its own."""
    names = ("CHAT_PORT", "STAFF_PORT", "BOT_PORT", "BOT_SECOND_PORT", "ACTIONS_PORT")
    chosen = dict(zip(names, spare_ports(len(names)), strict=True))
    for name, port in chosen.items():
        monkeypatch.setenv(name, str(port))
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    return chosen


def test_a_setting_that_cannot_be_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAT_PORT", "many")
    assert run.main() == 1
    assert "CHAT_PORT" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["CHAT_PORT", "BOT_SECOND_PORT"])
def test_a_port_in_use_is_told_before_anything_is_trained(
    name: str,
    ports: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(run, "prepare_model", lambda _values: pytest.fail("it trained"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports[name]))
        other.listen()
        assert run.main() == 1
    said = capsys.readouterr().err
    assert f"port {ports[name]} is in use" in said
    assert name in said


def test_without_a_model_nothing_is_started(
    ports: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "train", lambda: False)
    monkeypatch.setattr(supervisor, "start", lambda _file: pytest.fail("it started"))
    assert run.main() == 1


class Supervised:
    """What the supervisor was told, with a process in its place that ends by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.stopped = False
        self._seconds = seconds
        monkeypatch.setattr(run, "prepare_model", lambda _values: True)
        monkeypatch.setattr(supervisor, "start", self._start)
        monkeypatch.setattr(supervisor, "stop", self._stop)
        monkeypatch.setattr(signal, "signal", lambda *_: None)

    def _start(self, configuration: Path) -> subprocess.Popen[bytes]:
        assert configuration.is_file()
        wait = f"import time; time.sleep({self._seconds})"
        return subprocess.Popen([sys.executable, "-c", wait])

    def _stop(self, running: subprocess.Popen[bytes]) -> None:
        self.stopped = True
        running.kill()
        running.wait()


@pytest.fixture
def first_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say what the two small commands of the website's environment would."""

    def said(command: list[str | Path], **_options: object) -> subprocess.CompletedProcess[str]:
        lines = {
            "helpline.staff.first_login": "name: admin\npassword: a-b-c\nmore\n",
            "scripts.unsigned": "3 of 9 answers are unsigned.\n",
        }
        return subprocess.CompletedProcess(command, 0, lines[str(command[-1])], "")

    monkeypatch.setattr(subprocess, "run", said)


def test_when_all_is_ready_it_says_where(
    ports: dict[str, int],
    first_login: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    supervised = Supervised(monkeypatch, 1)
    monkeypatch.setattr(processes, "is_ready", lambda _process: True)
    assert run.main() == 0
    said = capsys.readouterr().out
    for name in ("chat", "staff", "bot", "actions"):
        assert f"[run] {name} is ready" in said
    assert f"Chat page      http://127.0.0.1:{ports['CHAT_PORT']}/" in said
    assert f"Staff console  http://127.0.0.1:{ports['STAFF_PORT']}/" in said
    assert "password: a-b-c" in said
    assert "more" not in said
    assert "3 of 9 answers are unsigned." in said
    assert supervised.stopped


def test_a_start_that_takes_long_says_what_it_waits_for_and_where_to_look(
    ports: dict[str, int],
    first_login: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    Supervised(monkeypatch, 1)
    monkeypatch.setattr(processes, "is_ready", lambda process: process.name != "bot")
    started = time.monotonic()
    # A minute passes with every look
    minutes = iter(range(1_000))
    monkeypatch.setattr(time, "monotonic", lambda: started + 60 * next(minutes))
    run.main()
    said = capsys.readouterr().out
    assert f"still waiting for bot; see {tmp_path / 'log'}" in said
    # It ended before the bot was there: no address is given that does not answer
    assert "Chat page" not in said


def test_ctrl_c_stops_everything(
    ports: dict[str, int],
    first_login: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    supervised = Supervised(monkeypatch, 30)

    def interrupted(_process: Process) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "is_ready", interrupted)
    assert run.main() == 0
    assert "[run] stopping" in capsys.readouterr().out
    assert supervised.stopped


def test_a_supervisor_that_does_not_stop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", -4.8)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)"
    running = subprocess.Popen(
        [sys.executable, "-c", f"{deaf}; time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    with running.stdout:
        running.stdout.readline()
        supervisor.stop(running)
    assert running.returncode == -9
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    supervisor.stop(running)
    assert running.returncode == -15
