"""A random id for every request, to find its lines in the logs of chat, bot and actions.

It says nothing about who asks. A proxy in front may choose it (nginx's $request_id).
"""

from __future__ import annotations

import re
import secrets

import structlog
from sanic import Request

HEADER = "X-Request-ID"
_FORM = re.compile(r"[0-9a-f]{32}")
_NAME = "request"


def begin(request: Request, proxies: int) -> str:
    """Give the request an id, and name it in every log line until `end`.

    The header of a request counts only when `proxies` of ours stand in front.
    """
    given = str(request.headers.get(HEADER, "")) if proxies else ""
    chosen = given if _FORM.fullmatch(given) else secrets.token_hex(16)
    structlog.contextvars.bind_contextvars(**{_NAME: chosen})
    return chosen


def current() -> str | None:
    """Return the id of the request that is being answered, None outside of one."""
    found: str | None = structlog.contextvars.get_contextvars().get(_NAME)
    return found


def end() -> None:
    """Name the request no more."""
    structlog.contextvars.unbind_contextvars(_NAME)
