"""Rasa as its makers ship it: its own environment with TensorFlow, and the bot of `rasa init`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from scripts.processes import spare_ports
from scripts.setup import ENVIRONMENTS, ROOT

PYTHON = ENVIRONMENTS / "stock" / "bin" / "python"
STARTER = ROOT / "var" / "bench" / "starter"
_ENVIRONMENT = {
    **os.environ,
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def set_up() -> None:
    """Make the stock environment and train the starter bot, unless that was done before."""
    if not PYTHON.exists():
        print("[bench] making the stock environment (2.5 GB)", flush=True)
        uv = ENVIRONMENTS / "tools" / "bin" / "uv"
        subprocess.run(
            [str(uv), "venv", "-q", "--python", "3.11", PYTHON.parent.parent], check=True
        )
        lock = ROOT / "requirements" / "stock.txt"
        install = [
            str(uv),
            "pip",
            "install",
            "-q",
            "--python",
            str(PYTHON),
            "--require-hashes",
            "-r",
        ]
        subprocess.run([*install, lock], check=True)
    if not list(STARTER.glob("models/*.tar.gz")):
        print("[bench] making and training the starter bot (about a minute)", flush=True)
        STARTER.mkdir(parents=True, exist_ok=True)
        with (STARTER / "init.log").open("wb") as log:
            subprocess.run(
                [PYTHON, "-m", "rasa", "init", "--no-prompt"],
                cwd=STARTER,
                env=_ENVIRONMENT,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )


class StockServer:
    """A running stock server: its address, process id and seconds until it could answer."""

    def __init__(self, url: str, pid: int, ready_seconds: float) -> None:
        """Keep what was measured."""
        self.url = url
        self.pid = pid
        self.ready_seconds = ready_seconds


@contextlib.contextmanager
def running() -> Iterator[StockServer]:
    """Start the starter bot's server, wait until it answers, stop it at the end."""
    port = spare_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with (STARTER / "run.log").open("wb") as log:
        server = subprocess.Popen(
            [PYTHON, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)],
            cwd=STARTER,
            env=_ENVIRONMENT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not _answers(url):
            if server.poll() is not None or time.perf_counter() - started > 180:
                raise RuntimeError(f"The stock server did not start; see {STARTER / 'run.log'}")
            time.sleep(0.05)
        yield StockServer(url, server.pid, time.perf_counter() - started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


def _answers(url: str) -> bool:
    request = urllib.request.Request(
        f"{url}/webhooks/rest/webhook",
        data=b'{"sender": "ready", "message": "hello"}',
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return len(answer.read()) > 2
    except (urllib.error.URLError, OSError):
        return False


def disk_folder() -> Path:
    """Folder of the stock environment."""
    return PYTHON.parent.parent
