"""For whoever runs the helpline: is it alive, can it answer, how is it doing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import json as json_response
from sanic.response import raw

from helpline.chat import metrics
from helpline.chat.state import chat_of

health = Blueprint("health")

_OPENAPI = Path(__file__).with_name("openapi.json")


@health.get("/healthz")
async def alive(_request: Request) -> HTTPResponse:
    """Say that the process runs."""
    return json_response({"status": "ok"})


@health.get("/readyz")
async def ready(request: Request) -> HTTPResponse:
    """Say whether visitors get answers; 503 names what is missing.

    Answers that staff stopped are no fault: the process must stay in service, since it shows the
    Navigator's number and answers a crisis.
    """
    chat = chat_of(request)
    missing: dict[str, str] = {}
    if chat.loaded is None:
        missing["store"] = "still loading, or the database cannot be reached"
        missing["bot"] = "not asked yet"
    else:
        if not await chat.loaded.store_answers():
            missing["store"] = "the database cannot be reached"
        if not await chat.check_bot():
            missing["bot"] = "not ready" if chat.bot_was_ready else "still loading"
    stopped = chat.loaded is not None and chat.loaded.watched.stopped
    body: dict[str, Any] = {
        "status": "not ready" if missing else "ready",
        "missing": missing,
        "answers": "stopped" if stopped else "on",
    }
    return json_response(body, status=503 if missing else 200)


@health.get("/metrics")
async def numbers(request: Request) -> HTTPResponse:
    """Return the numbers for Prometheus, to those who ask this process and not the proxy."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise NotFound("there is nothing for visitors here")
    return raw(chat_of(request).metrics.exposition(), content_type=metrics.CONTENT_TYPE)


@health.get("/openapi.json")
async def openapi(_request: Request) -> HTTPResponse:
    """Return the description of the API."""
    return raw(
        _OPENAPI.read_bytes(),
        content_type="application/json",
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"},
    )
