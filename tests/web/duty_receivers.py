"""A webhook's receiver and a mail server of the tests' own, on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler


class WebhookReceiver:
    """Keeps what is posted to it; answers with each of `statuses` in turn, then with 204."""

    def __init__(self, *statuses: int, delay: float = 0.0) -> None:
        """Listen on a free port."""
        self.bodies: list[dict[str, Any]] = []
        waiting = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                time.sleep(delay)
                receiver.bodies.append(json.loads(body))
                self.send_response(waiting.pop(0) if waiting else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/duty?key=hook-secret"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class MailServer:
    """Keeps every mail that is sent to it."""

    def __init__(self, port: int) -> None:
        """Listen."""
        self.mails: list[Message] = []
        server = self

        class Handler(MailHandler):
            def handle_message(self, message: Message) -> None:
                server.mails.append(message)

        self._controller = Controller(Handler(), hostname="127.0.0.1", port=port)
        self._controller.start()
        self.url = f"smtp://127.0.0.1:{port}"

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until something is so; fail when it does not come to pass."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"in vain: {what}"
        time.sleep(0.02)
