"""A stand-in for the bot that speaks its channel, so that its faults can be had at will.

The real bot is tested with the chat process in `tests/conversations`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "secret-for-tests"


def bot_message(text: str, kind: str = "answer", **more: Any) -> dict[str, Any]:
    """Return a message as the bot's channel sends it."""
    return {
        "from": "bot",
        "kind": kind,
        "topic": None,
        "text": text,
        "links": [],
        "sources": [],
        "checked_on": None,
        "choices": [],
        "contact": None,
        "answer": None,
        **more,
    }


def understanding(intent: str, **more: Any) -> dict[str, Any]:
    """Return an understanding as the bot's channel sends it."""
    return {
        "intent": intent,
        "confidence": 0.93,
        "ranking": [
            {"name": intent, "confidence": 0.93},
            {"name": "research_overview", "confidence": 0.04},
        ],
        "entities": [],
        "actions": [f"utter_{intent}"],
        "topic": intent,
        "milliseconds": 4.2,
        "nearest": {"text": "what is spms", "score": 0.88},
        "margin": 0.89,
        "safety": None,
        "policy": "RulePolicy",
        "model": "model-for-tests",
        **more,
    }


ANSWER: dict[str, Any] = {
    "messages": [
        bot_message(
            "SPMS is a form of MS.\n\n- It often follows relapsing MS.\n- It differs a lot.",
            topic="what_is_spms",
            answer="utter_what_is_spms",
            sources=[
                {
                    "title": "Secondary progressive MS",
                    "publisher": "A society",
                    "url": "https://example.org/spms",
                    "published": "2024-05-01",
                },
                {"title": "A paper", "publisher": "A journal", "url": None, "published": None},
            ],
            checked_on="2026-11-22",
            links=[{"label": "Read more", "url": "https://example.org/more"}],
            choices=[
                {
                    "label": "Treatments",
                    "payload": {"intent": "treatment_overview", "entities": {}},
                },
                {
                    "label": "About siponimod",
                    "payload": {
                        "intent": "treatment_specific_drug",
                        "entities": {"treatment": "siponimod"},
                    },
                },
            ],
        )
    ],
    "understanding": understanding("what_is_spms"),
}


@dataclass
class ScriptedBot:
    """Answers every message with `answer`, after `delay` seconds, with `status`."""

    answer: Any = field(default_factory=lambda: ANSWER)
    delay: float = 0.0
    status: int = 200
    # So many messages first have nginx's status for "no bot to ask"
    away: int = 0
    # Sent instead of JSON.
    raw: bytes | None = None
    drop_connection: bool = False
    ready: bool = True
    received: list[dict[str, Any]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    request_ids: list[str | None] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)
    port: int = 0

    def reset(self) -> None:
        """Answer as at first, and forget what came in."""
        fresh = ScriptedBot()
        for name in ("answer", "delay", "status", "away", "raw", "drop_connection", "ready"):
            setattr(self, name, getattr(fresh, name))
        self.received.clear()
        self.erased.clear()
        self.request_ids.clear()
        self.authorizations.clear()

    @property
    def url(self) -> str:
        """Return the address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve in a thread; the port stays the same after `stop` and a second `start`."""
        started = threading.Event()
        self._loop = asyncio.new_event_loop()

        def serve() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._open())
            started.set()
            self._loop.run_forever()
            self._loop.run_until_complete(self._runner.cleanup())
            self._loop.close()

        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()
        assert started.wait(10)

    def stop(self) -> None:
        """Stop serving; connections are refused."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _open(self) -> None:
        app = web.Application()
        app.router.add_get("/webhooks/helpline/", self._guarded(self._status))
        app.router.add_post("/webhooks/helpline/messages", self._guarded(self._messages))
        app.router.add_delete("/webhooks/helpline/conversations/{id}", self._guarded(self._erase))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.authorizations.add(request.headers.get("authorization"))
            if request.headers.get("authorization") != f"Bearer {SECRET}":
                return web.json_response({"title": "Unauthorized"}, status=401)
            return await handler(request)

        return handle

    async def _status(self, _request: web.Request) -> web.Response:
        if not self.ready:
            return web.json_response({"title": "Not ready"}, status=503)
        return web.json_response({"status": "ready", "model": "model-for-tests"})

    async def _messages(self, request: web.Request) -> web.Response:
        self.received.append(await request.json())
        self.request_ids.append(request.headers.get("x-request-id"))
        await asyncio.sleep(self.delay)
        if self.drop_connection:
            assert request.transport is not None
            request.transport.abort()
        if self.away > 0:
            self.away -= 1
            return web.Response(status=502)
        if self.raw is not None:
            return web.Response(body=self.raw, status=self.status)
        return web.Response(
            body=json.dumps(self.answer), status=self.status, content_type="application/json"
        )

    async def _erase(self, request: web.Request) -> web.Response:
        self.erased.append(request.match_info["id"])
        return web.Response(status=204 if self.status == 200 else self.status)
