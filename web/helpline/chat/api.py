"""The public chat API, version 1 (see openapi.json)."""

from __future__ import annotations

import time
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import empty
from sanic.response import json as json_response

from helpline.chat import alarm_alone, problems
from helpline.chat.requests import (
    bearer_token,
    comment_text,
    idempotency_key,
    json_object,
    limit_address,
    limit_opening,
    message_text,
    only_fields,
)
from helpline.chat.state import chat_of
from helpline.chat.tokens import new_credentials
from helpline.store.dates import rfc3339

api = Blueprint("api", url_prefix="/api/v1")

_LONGEST_ID = 128


@api.on_request
async def limit(request: Request) -> None:
    """Count the request of this address."""
    if request.method != "OPTIONS":
        await limit_address(request)


@api.post("/conversations")
async def open_conversation(request: Request) -> HTTPResponse:
    """Begin a conversation: 201 with its token and the greeting."""
    await limit_opening(request)
    service = await chat_of(request).service()
    opened = await service.open(new_credentials())
    return json_response(
        {
            "conversation": {
                "id": opened.credentials.public_id,
                "token": opened.credentials.token,
                "expires_at": rfc3339(opened.expires_at),
            },
            "messages": opened.messages,
        },
        status=201,
    )


@api.post("/messages")
async def send_message(request: Request) -> HTTPResponse:
    """Answer a text or a choice."""
    token = bearer_token(request)
    key = idempotency_key(request)
    body = json_object(request)
    only_fields(body, "text", "choice")
    if ("text" in body) == ("choice" in body):
        raise problems.invalid("text", 'Send either a "text" or a "choice".')
    text = message_text(body["text"]) if "text" in body else None
    choice = _identifier(body["choice"], "choice") if "choice" in body else None
    came = time.monotonic()
    try:
        service = await chat_of(request).service()
    except problems.Problem as problem:
        said = await alarm_alone.messages_for(problem, text)
        if said is None:
            raise
        return json_response({"messages": said})
    waited = time.monotonic() - came
    messages = await service.send(token, text=text, choice=choice, key=key, waited=waited)
    return json_response({"messages": messages})


@api.get("/messages")
async def list_messages(request: Request) -> HTTPResponse:
    """Return the conversation so far."""
    token = bearer_token(request)
    service = await chat_of(request).service()
    return json_response({"messages": await service.history(token)})


@api.post("/feedback")
async def rate_message(request: Request) -> HTTPResponse:
    """Keep whether an answer was helpful."""
    token = bearer_token(request)
    body = json_object(request)
    only_fields(body, "message_id", "helpful", "comment")
    message_id = _identifier(body.get("message_id"), "message_id")
    helpful = body.get("helpful")
    if not isinstance(helpful, bool):
        raise problems.invalid(
            "helpful", "Send true if the answer helped, and false if it did not."
        )
    comment = body.get("comment")
    if comment is not None:
        comment = comment_text(request, comment)
    service = await chat_of(request).service()
    await service.rate(token, message_id, helpful, comment)
    return empty()


@api.delete("/conversations/current")
async def erase_conversation(request: Request) -> HTTPResponse:
    """Erase the conversation everywhere."""
    token = bearer_token(request)
    service = await chat_of(request).service()
    await service.erase(token)
    return empty()


async def preflight(_request: Request) -> HTTPResponse:
    """Answer a browser that asks before a request from another site; see `security`."""
    return empty()


for _path in ("/conversations", "/conversations/current", "/messages", "/feedback"):
    api.add_route(preflight, _path, methods=["OPTIONS"], name=f"preflight{_path.replace('/', '_')}")


def _identifier(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value or len(value) > _LONGEST_ID:
        raise problems.invalid(field, "Send an id that was given to you in this conversation.")
    return value
