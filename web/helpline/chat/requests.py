"""Reads requests: who asks, with which token, and what the body holds."""

from __future__ import annotations

import json
import re
from typing import Any

from sanic import Request

from helpline.chat import problems
from helpline.chat.problems import Problem
from helpline.chat.shared_limits import RateLimit
from helpline.chat.state import chat_of
from helpline.shared.texts import clean

_KEY = re.compile(r"[\x21-\x7e]{1,128}")


def bearer_token(request: Request) -> str:
    """Return the conversation's token from the Authorization header.

    Raises:
        Problem: there is none.
    """
    scheme, _, token = str(request.headers.get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise problems.not_authorized()
    return token.strip()


def idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key header, None without one.

    Raises:
        Problem: it has a form that cannot be kept.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise problems.bad_request(
            "The Idempotency-Key must have 1 to 128 characters, without spaces."
        )
    return str(key)


def json_object(request: Request) -> dict[str, Any]:
    """Return the body, a JSON object.

    Raises:
        Problem: it is something else.
    """
    content_type = str(request.headers.get("content-type", "application/json"))
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            415,
            "unsupported-media-type",
            "The request is not JSON.",
            "Send the body as application/json.",
            headers={"Accept-Post": "application/json"},
        )
    try:
        body = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise problems.bad_request("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise problems.bad_request('The body must be an object, such as {"text": "..."}.')
    return body


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def only_fields(body: dict[str, Any], *allowed: str) -> None:
    """Refuse fields that nobody reads.

    Raises:
        Problem: the body has one.
    """
    for name in body:
        if name not in allowed:
            raise problems.invalid(
                name[:64], f"This field is not known. Known are: {', '.join(allowed)}."
            )


def message_text(value: Any, field: str = "text") -> str:
    """Return a visitor's text, cleaned; whether it is empty or too long is not looked at.

    Raises:
        Problem: it is no text.
    """
    if not isinstance(value, str):
        raise problems.invalid(field, "The text must be a string.")
    return clean(value)


def comment_text(request: Request, value: Any) -> str:
    """Return what a visitor wrote beside a rating, cleaned.

    Raises:
        Problem: it is no text, or too long.
    """
    comment = message_text(value, "comment")
    longest = chat_of(request).settings.message_max_characters
    if len(comment) > longest:
        raise problems.invalid("comment", f"At most {longest:,} characters are possible.")
    return comment


async def limit_address(request: Request) -> None:
    """Count a request of this address.

    Raises:
        Problem: too many in the last minute.
    """
    await _count(request, chat_of(request).address_limit)


async def limit_opening(request: Request) -> None:
    """Count a new conversation of this address.

    Raises:
        Problem: too many in the last hour.
    """
    await _count(request, chat_of(request).opening_limit)


async def _count(request: Request, limit: RateLimit) -> None:
    chat = chat_of(request)
    if not chat.settings.rate_limits:
        return
    wait = await limit.wait(chat.address_key(request.client_ip))
    if wait:
        chat.metrics.limited.labels(limit.name).inc()
        raise problems.too_many(wait)
