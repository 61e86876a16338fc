"""A small chat server for what the real one cannot do on demand: faults of the network.

It keeps the contract of the chat API (tokens, idempotency keys, shapes) and answers from a handful
of messages of every kind. A test puts faults in its queue; each request for an answer takes one.
"""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

DIST = Path(__file__).parents[2] / "web" / "widget" / "dist"
GREETING = json.loads(
    (DIST.parent / "src" / "languages" / "en.json").read_text("utf-8"), strict=True
)["greeting"]
PHONE = "1-800-344-4867"
NAVIGATOR = {
    "name": "MS Navigator",
    "phone": PHONE,
    "url": "https://example.org/contact",
    "for": "Answers, support and help to find services.",
    "hours": None,
}
LIFELINE = {
    **NAVIGATOR,
    "name": "Lifeline",
    "phone": "988",
    "for": "Call or text.",
    "hours": "day and night",
}

# A host page allows no inline code, no foreign code, and only our API.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' %s; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
PLAIN_CSS = "body { font-family: Georgia, serif; margin: 2rem; background: #fff; color: #222 }"
# Also custom properties with names as short as the widget's own: sites have "--h" for a hue
HOSTILE_CSS = (
    "* { all: unset; font-size: 40px !important; color: red !important; opacity: .2; "
    + " ".join(f"--{name}: 210;" for name in "0123456789abcdefghijklmnop")
    + " }"
)

Fault = Callable[["_Request"], None]


def status(code: int, **headers: str) -> Fault:
    """Answer with this status and a problem document; the message is not taken."""

    def act(request: _Request) -> None:
        problem = {
            "type": "about:blank",
            "title": "Fault",
            "status": code,
            "detail": f"Fault {code}.",
        }
        request.answer(code, problem, {k.replace("_", "-"): v for k, v in headers.items()})

    return act


def hang_up(request: _Request) -> None:
    """Close the connection; the message is not taken."""
    request.hang_up()


def hang_up_after(request: _Request) -> None:
    """Take the message and answer it, but close the connection before the answer leaves."""
    request.take_message()
    request.hang_up()


def slow(seconds: float) -> Fault:
    """Answer, later."""

    def act(request: _Request) -> None:
        time.sleep(seconds)
        request.answer(200, request.take_message())

    return act


class FakeChat:
    """The server; a context manager. `faults` is consumed, `taken` lists (token, key, body)."""

    def __init__(self, reply: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> None:
        self.reply = reply or reply_of_some_kind
        self.faults: deque[Fault] = deque()
        self.taken: list[tuple[str, str, dict[str, Any]]] = []
        self.erased: list[str] = []
        self.feedback: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.ended_status = 401
        self.conversations: dict[str, list[dict[str, Any]]] = {}
        self.answers: dict[tuple[str, str], dict[str, Any]] = {}
        self.lock = threading.Lock()
        handler = type("Handler", (_Request,), {"chat": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def expire(self) -> None:
        """End every conversation, as its lifetime does."""
        self.conversations.clear()

    @property
    def texts(self) -> list[str]:
        """What visitors said, as it was taken."""
        return [body.get("text") or body["choice"] for _, _, body in self.taken]


def message(kind: str, text: str, **more: Any) -> dict[str, Any]:
    """A message of the bot."""
    return {
        "id": secrets.token_hex(8),
        "from": "bot",
        "at": "2026-11-22T10:00:00Z",
        "kind": kind,
        "topic": None,
        "text": text,
        "links": [],
        "sources": [],
        "checked_on": None,
        "choices": [],
        "contact": None,
        **more,
    }


def reply_of_some_kind(body: dict[str, Any]) -> dict[str, Any]:
    """The bot's reply: its kind follows from a word in the question."""
    words = (body.get("text") or body["choice"]).lower()
    choices = [
        {"id": "choice-a", "label": "Help with stiffness and spasms"},
        {"id": "choice-b", "label": "Exercise and rehabilitation"},
        {"id": "choice-c", "label": "Talk to a person"},
    ]
    if "crisis" in words:
        return message("crisis", "You matter. Call 988 now.", contact=LIFELINE)
    if "unclear" in words:
        return message("clarify", "Which of these do you mean?", choices=choices)
    if "español" in words:
        return message("smalltalk", "Solo entiendo inglés.", language="es", contact=NAVIGATOR)
    if "person" in words or words == "choice-c":
        return message("handoff", "An MS Navigator can help you.", contact=NAVIGATOR)
    if "down" in words:
        return message("unavailable", "The bot is resting. Please call.", contact=NAVIGATOR)
    return message(
        "answer",
        f"This answers: {words[:60]}.\n\n"
        "Three things help:\n- rest\n- cooling\n- a stick <b>no HTML</b>",
        links=[{"label": "A page about walking", "url": "https://example.org/walking"}],
        sources=[
            {
                "title": "Walking and MS",
                "publisher": "An MS society",
                "url": "https://example.org/source",
                "published": "2025-10",
            },
            {"title": "A book", "publisher": "A publisher", "url": None, "published": None},
        ],
        checked_on="2026-11-22",
        choices=choices,
    )


def greeting() -> dict[str, Any]:
    """The server's greeting, in the same words as the widget's."""
    text = GREETING["text"].replace("{retention_days}", "90")
    return message("greeting", text, choices=GREETING["choices"], contact=NAVIGATOR)


class _Request(BaseHTTPRequestHandler):
    chat: FakeChat
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Tests want no request log."""

    def do_GET(self) -> None:
        """Pages, the widget's files, the conversation so far."""
        path = urlsplit(self.path).path
        if path == "/api/v1/messages":
            messages = self.chat.conversations.get(self.token)
            if messages is None:
                self.answer_ended()
            else:
                self.answer(200, {"messages": messages})
        elif path.startswith("/widget/"):
            file = DIST / Path(path).name
            kind = "text/javascript" if file.suffix == ".js" else "application/json"
            self.send(200, file.read_bytes(), {"Content-Type": kind})
        elif path == "/host.css":
            css = HOSTILE_CSS if "hostile" in self.path else PLAIN_CSS
            self.send(200, css.encode(), {"Content-Type": "text/css"})
        elif path.startswith("/page"):
            address = dict(parse_qsl(urlsplit(self.path).query)).get("address", "")
            headers = {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Security-Policy": POLICY % address,
            }
            self.send(200, self.page().encode(), headers)
        else:
            self.answer(404, {})

    def do_POST(self) -> None:
        """Open a conversation, answer a message, take feedback."""
        path = urlsplit(self.path).path
        self.chat.requests.append(f"POST {path}")
        self.body: dict[str, Any] = json.loads(
            self.rfile.read(int(self.headers["Content-Length"] or 0))
        )
        if path == "/api/v1/conversations":
            token = secrets.token_urlsafe(8)
            first = greeting()
            self.chat.conversations[token] = [first]
            opened = {"id": token[:4], "token": token, "expires_at": "2026-11-23T10:00:00Z"}
            self.answer(201, {"conversation": opened, "messages": [first]})
        elif self.token not in self.chat.conversations:
            self.answer_ended()
        elif path == "/api/v1/feedback":
            self.chat.feedback.append(self.body)
            self.send(204, b"")
        elif self.chat.faults:
            self.chat.faults.popleft()(self)
        else:
            self.answer(200, self.take_message())

    def do_DELETE(self) -> None:
        """Erase the conversation."""
        self.chat.requests.append("DELETE")
        if self.chat.conversations.pop(self.token, None) is None:
            self.answer_ended()
        else:
            self.chat.erased.append(self.token)
            self.send(204, b"")

    @property
    def token(self) -> str:
        """The bearer token of the request."""
        return (self.headers["Authorization"] or "").removeprefix("Bearer ")

    def take_message(self) -> dict[str, Any]:
        """Answer the message once per idempotency key."""
        with self.chat.lock:
            key = (self.token, self.headers["Idempotency-Key"] or secrets.token_hex(8))
            if key not in self.chat.answers:
                self.chat.taken.append((*key, self.body))
                said = {
                    **message("", self.body.get("text") or self.body["choice"]),
                    "from": "visitor",
                }
                answer = self.chat.reply(self.body)
                self.chat.conversations[self.token] += [said, answer]
                self.chat.answers[key] = {"messages": [answer]}
            return self.chat.answers[key]

    def page(self) -> str:
        """A page that embeds the widget; its query gives the widget's attributes and the style."""
        wanted = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        style = wanted.pop("css", "plain")
        attributes = " ".join(f'{name}="{escape(value)}"' for name, value in wanted.items())
        return f"""<!doctype html>
<html lang="{"es" if wanted.get("language") == "es" else "en"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A page of a site</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/host.css?{style}">
<script type="module" src="/widget/spms-helpline.js"></script>
<main><h1>A page of a site</h1><p>Its own words. <a href="/page2">Another page</a></p></main>
{f"<spms-helpline {attributes}></spms-helpline>" if attributes else ""}
</html>"""

    def answer_ended(self) -> None:
        """Say that there is no such conversation."""
        status = self.chat.ended_status
        self.answer(status, {"title": "Ended", "status": status, "detail": "It has ended."})

    def answer(
        self, code: int, content: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """Send JSON."""
        kind = "application/json" if code < 400 else "application/problem+json"
        self.send(code, json.dumps(content).encode(), {"Content-Type": kind, **(headers or {})})

    def send(self, code: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        """Send a whole answer."""
        try:
            self.send_response(code)
            for name, value in {**(headers or {}), "Cache-Control": "no-store"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the page went away

    def hang_up(self) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
