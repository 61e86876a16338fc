"""A real bot for tests: trained on a part of the data, run as real processes, asked over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import yaml

from tests.bot.conftest import ROOT

SECRET = "secret-of-the-server-tests"
# Enough to know the intents apart; the whole data would take most of a minute to learn
EXAMPLES_OF_AN_INTENT = 25
START_SECONDS = 120.0
# The whole data has more like it; of a part of them none might be left
GIBBERISH = ("asdf jklqw", "zxcv bnm poiu", "lkjh gfdsa qwer", "rtzu wqpo mnbv", "hjkl uiop trewq")
# An intent that the tests' model knows and no rule covers
UNRULED_INTENT = "nobody_wrote_a_rule"


def environment(var_dir: Path) -> dict[str, str]:
    return {
        # `make coverage` counts these processes too
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "VAR_DIR": str(var_dir),
        "BOT_SECRET": SECRET,
    }


def subset_of_training_data(folder: Path) -> None:
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for entry in entries:
            lines = entry["examples"].splitlines()
            kept = EXAMPLES_OF_AN_INTENT * (4 if entry["intent"] == "out_of_scope" else 1)
            step = max(1, len(lines) // kept)
            kept_lines = lines[::step]
            if entry["intent"] == "out_of_scope":
                kept_lines += [f"- {text}" for text in GIBBERISH]
            entry["examples"] = "\n".join(kept_lines) + "\n"
        (folder / path.name).write_text(
            yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True)
        )


def train(folder: Path) -> Path:
    """Train a model in `folder` on a part of the project's data; return its file."""
    (folder / "nlu").mkdir()
    subset_of_training_data(folder / "nlu")
    for name in ("rules", "stories", "responses"):
        (folder / name).symlink_to(ROOT / "data" / name)
    (folder / "domain").mkdir()
    (folder / "domain" / "domain.yml").symlink_to(ROOT / "domain.yml")
    (folder / "domain" / "unruled.yml").write_text(f'version: "3.1"\nintents: [{UNRULED_INTENT}]\n')
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "test"]
    command += ["--config", f"{ROOT}/config.yml", "--domain", f"{folder}/domain"]
    command += ["--data", str(folder), "--out", f"{folder}/models"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(folder / "var"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return folder / "models" / "test.tar.gz"


class Bot:
    """A Rasa server with its action server."""

    def __init__(self, folder: Path, model: Path, port: int) -> None:
        self.folder, self.model, self.port = folder, model, port
        endpoints = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
        assert ":5055" in endpoints
        (folder / "endpoints.yml").write_text(endpoints.replace(":5055", f":{port + 1}"))
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        commands = {
            "bot": f"run -i 127.0.0.1 --port {self.port} --model {self.model}"
            f" --endpoints endpoints.yml --credentials {ROOT / 'credentials.yml'}",
            "actions": f"run actions --actions actions --port {self.port + 1}",
        }
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, "-m", "rasa", *commands[name].split()],
                    cwd=self.folder,
                    env=environment(self.folder / "var"),
                    stdout=log,
                    stderr=log,
                )
        deadline = time.monotonic() + START_SECONDS
        for name in names:
            while not self._answers(name):
                assert self._processes[name].poll() is None, self.log(name)[-3000:]
                assert time.monotonic() < deadline, self.log(name)[-3000:]
                time.sleep(0.1)

    def _answers(self, name: str) -> bool:
        if name == "actions":
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port + 1)) == 0
        with contextlib.suppress(OSError):
            return self.request("GET", "/")[0] == 200
        return False

    def stop(self, *names: str, hard: bool = False) -> None:
        for name in names or tuple(self._processes):
            process = self._processes.pop(name)
            process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
            process.wait(timeout=30)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        secret: str | None = SECRET,
    ) -> tuple[int, str, Any]:
        """Return status, content type and JSON of an answer of the channel."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        try:
            connection.request(method, f"/webhooks/helpline{path}", raw, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        kind = answer.getheader("content-type") or ""
        return answer.status, kind, json.loads(text) if text else None


class Conversation:
    """One visitor's conversation."""

    def __init__(self, bot: Bot) -> None:
        self.bot, self.id = bot, uuid.uuid4().hex

    def ask(self, **body: Any) -> dict[str, Any]:
        status, _, answer = self.bot.request("POST", "/messages", {"conversation": self.id, **body})
        assert status == 200, answer
        assert answer["messages"]
        assert all(message["text"] for message in answer["messages"])
        return dict(answer)

    def say(self, text: str) -> dict[str, Any]:
        answer = self.ask(text=text)
        message, *further = answer["messages"]
        # A hand-off has the summary to take along beside it
        assert not further or (message["kind"] == "handoff" and len(further) == 1)
        return {**message, "understanding": answer["understanding"]}

    def choose(self, intent: str, **entities: str) -> dict[str, Any]:
        answer = self.ask(payload={"intent": intent, "entities": entities})
        message, *further = answer["messages"]
        # A hand-off has the summary to take along beside it
        assert not further or (message["kind"] == "handoff" and len(further) == 1)
        return {**message, "understanding": answer["understanding"]}
