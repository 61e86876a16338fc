"""Starts real chat processes for the tests."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from helpline.store.database import Store
from tests.stores import REDIS, store_of
from tests.web import api_description
from tests.web.scripted_bot import SECRET

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ChatProcess:
    """A running chat process."""

    url: str
    var_dir: Path
    database_url: str
    log_file: Path
    process: subprocess.Popen[bytes]
    store: Store

    @property
    def log(self) -> str:
        """Return everything it wrote."""
        return self.log_file.read_text()

    def client(self, **options: Any) -> httpx2.Client:
        """Return a client; answers of the API are compared with its description."""
        return httpx2.Client(
            base_url=self.url,
            timeout=40,
            trust_env=False,
            event_hooks={"response": [api_description.check]},
            **options,
        )

    def stop(self) -> None:
        """End it as an operator would, and see that it ended well."""
        self.process.terminate()
        try:
            status = self.process.wait(20)
        finally:
            self.kill()
        assert status == 0, self.log

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(20)
        self.store.close()


def start_chat(
    folder: Path, bot_url: str, *, database_url: str | None = None, **environment: str
) -> ChatProcess:
    """Start a chat process with its data in `folder`, and wait until it is loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    chat = launch_chat(folder, bot_url, database_url=database_url, **environment)
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            missing = httpx2.get(f"{chat.url}/readyz", trust_env=False).json()["missing"]
            if "store" not in missing:
                return chat
        except httpx2.TransportError:
            pass
        assert chat.process.poll() is None, chat.log
        assert time.monotonic() < give_up, chat.log
        time.sleep(0.05)


def launch_chat(
    folder: Path, bot_url: str, *, database_url: str | None = None, **environment: str
) -> ChatProcess:
    """Start a chat process without waiting for it."""
    port = free_port()
    database = database_url or store_of(folder)
    log_file = folder / f"chat-{port}.log"
    process = launch(
        "helpline.chat",
        log_file,
        {
            "CHAT_PORT": str(port),
            "BOT_URL": bot_url,
            "BOT_SECRET": SECRET,
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            "RATE_LIMITS": "false",
            "REDIS_URL": REDIS,
            **environment,
        },
    )
    return ChatProcess(
        url=f"http://127.0.0.1:{port}",
        var_dir=folder,
        database_url=database,
        log_file=log_file,
        process=process,
        store=Store(database),
    )


def launch(module: str, log_file: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a process of the website; a warning ends it, its output goes to `log_file`."""
    values = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}",
        **environment,
    }
    with log_file.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", module],
            cwd=ROOT,
            env=values,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


class Visitor:
    """Somebody who talks with the helpline through the API."""

    def __init__(self, client: httpx2.Client) -> None:
        """Begin a conversation."""
        self.client = client
        answer = client.post("/api/v1/conversations")
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        self.id: str = opened["conversation"]["id"]
        self.token: str = opened["conversation"]["token"]
        self.expires_at: str = opened["conversation"]["expires_at"]
        self.greeting: dict[str, Any] = opened["messages"][0]

    @property
    def headers(self) -> dict[str, str]:
        """Return the header that shows whose conversation it is."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, body: Any, key: str | None = None) -> httpx2.Response:
        """Send a message body as it is."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post("/api/v1/messages", json=body, headers=headers)

    def say(self, text: str, key: str | None = None) -> list[dict[str, Any]]:
        """Send a text; return the answer."""
        return _messages(self.post({"text": text}, key))

    def choose(self, choice: str) -> list[dict[str, Any]]:
        """Pick a choice; return the answer."""
        return _messages(self.post({"choice": choice}))

    def history(self) -> list[dict[str, Any]]:
        """Return the conversation so far."""
        return _messages(self.client.get("/api/v1/messages", headers=self.headers))

    def rate(self, message_id: str, helpful: bool, comment: str | None = None) -> httpx2.Response:
        """Rate a message."""
        body = {"message_id": message_id, "helpful": helpful}
        if comment is not None:
            body["comment"] = comment
        return self.client.post("/api/v1/feedback", json=body, headers=self.headers)

    def erase(self) -> httpx2.Response:
        """Erase the conversation."""
        return self.client.delete("/api/v1/conversations/current", headers=self.headers)


def _messages(answer: httpx2.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def hidden(page: str, name: str) -> str | None:
    """Return the value of a hidden field of a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    return found[1] if found else None
