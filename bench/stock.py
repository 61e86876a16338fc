"""Rasa as its makers ship it: its own environment with TensorFlow, and the bot of `rasa init`."""

from __future__ import annotations

import contextlib
import json
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
PIPELINE = ROOT / "var" / "bench" / "pipeline"
# DIET on a busy machine takes minutes to load
START_SECONDS = 600.0
# What Rasa suggests where nothing is configured
STOCK_CONFIGURATION = """\
recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
  - name: EntitySynonymMapper
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
"""
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


def running_starter() -> contextlib.AbstractContextManager[StockServer]:
    """Start the starter bot's server, wait until it answers, stop it at the end."""
    return _running([], "/webhooks/rest/webhook", {"sender": "ready", "message": "hello"})


def running_pipeline(model: Path) -> contextlib.AbstractContextManager[StockServer]:
    """Start a server with `model`, wait until it understands a text, stop it at the end."""
    arguments = ["--enable-api", "--model", str(model.resolve())]
    return _running(arguments, "/model/parse", {"text": "hello"})


@contextlib.contextmanager
def _running(arguments: list[str], path: str, probe: dict[str, str]) -> Iterator[StockServer]:
    port = spare_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    command = [str(PYTHON), "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)]
    started = time.perf_counter()
    with (STARTER / "run.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, *arguments],
            cwd=STARTER,
            env=_ENVIRONMENT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not _answers(f"{url}{path}", probe):
            if server.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise RuntimeError(f"The stock server did not start; see {STARTER / 'run.log'}")
            time.sleep(0.05)
        yield StockServer(url, server.pid, time.perf_counter() - started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _answers(url: str, probe: dict[str, str]) -> bool:
    request = urllib.request.Request(
        url, data=json.dumps(probe).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return len(answer.read()) > 2
    except (urllib.error.URLError, OSError):
        return False


def pipeline_model(given: Path | None, train: bool) -> Path | None:
    """Return the model of the stock pipeline on our data, None where there is none.

    Args:
        given: a model that was trained before.
        train: train one, which takes hours, unless one was kept from an earlier time.
    """
    if given is not None:
        return given
    kept = sorted(PIPELINE.glob("*.tar.gz"))
    if not kept and train:
        print("[bench] training the stock pipeline on our data: hours", flush=True)
        PIPELINE.mkdir(parents=True, exist_ok=True)
        configuration = PIPELINE / "config.yml"
        configuration.write_text(STOCK_CONFIGURATION, "utf-8")
        command = [PYTHON, "-m", "rasa", "train", "nlu", "--nlu", ROOT / "data" / "nlu", "--config"]
        command += [configuration, "--domain", ROOT / "domain.yml", "--out", PIPELINE]
        subprocess.run(list(map(str, command)), cwd=PIPELINE, env=_ENVIRONMENT, check=True)
        kept = sorted(PIPELINE.glob("*.tar.gz"))
    return kept[-1] if kept else None


def disk_folder() -> Path:
    """Folder of the stock environment."""
    return PYTHON.parent.parent
