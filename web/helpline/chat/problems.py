"""Errors as RFC 9457 problem documents: what went wrong, what to do, and whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanic import HTTPResponse
from sanic.response import json as json_response

from content.contacts import NAVIGATOR_ID, contact_dict, load_contacts

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:spms-helpline:problem:"


class Problem(Exception):
    """A request that cannot be answered as asked. Texts are written for visitors."""

    def __init__(
        self,
        status: int,
        name: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        """Describe the problem.

        Args:
            status: HTTP status.
            name: short name, the last part of the problem's type.
            title: what kind of problem it is, the same every time.
            detail: what happened and what to do.
            headers: to send along.
            extra: further members of the document.
        """
        super().__init__(name)
        self.status = status
        self.name = name
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


def navigator() -> dict[str, Any]:
    """Return the MS Navigator's contact details as a message shows them; never fails."""
    return contact_dict(load_contacts()[NAVIGATOR_ID])


def problem_response(problem: Problem) -> HTTPResponse:
    """Return the problem as a response."""
    body = {
        "type": TYPE_PREFIX + problem.name,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
        "contact": navigator(),
    }
    return json_response(
        body, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE
    )


def bad_request(detail: str) -> Problem:
    """The request cannot be read."""
    return Problem(400, "bad-request", "The request cannot be read.", detail)


def invalid(field: str, detail: str) -> Problem:
    """A field of the request cannot be used; `detail` says what to do."""
    return Problem(422, "invalid-request", "Something needs to be changed.", detail, field=field)


def not_authorized() -> Problem:
    """The token is missing, wrong, or its conversation was erased."""
    return Problem(
        401,
        "unknown-conversation",
        "There is no conversation with this token.",
        "It may have been erased. Please start a new conversation.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def ended() -> Problem:
    """The conversation has expired."""
    return Problem(
        401,
        "conversation-ended",
        "This conversation has ended.",
        "A conversation ends some time after its last message. Please start a new one.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def too_many(seconds: float) -> Problem:
    """A rate limit is reached; `seconds` until the next request is welcome."""
    wait = max(1, round(seconds + 0.5))
    return Problem(
        429,
        "too-many-requests",
        "That was a lot at once.",
        "Please wait a little and try again. If it is urgent, please call.",
        headers={"Retry-After": str(wait)},
    )


def unavailable(detail: str = "Please try again in a minute, or call.") -> Problem:
    """The helpline cannot answer now."""
    return Problem(
        503,
        "unavailable",
        "The helpline cannot answer right now.",
        detail,
        headers={"Retry-After": "5"},
    )


def turn_open() -> Problem:
    """An earlier message of the conversation is still being answered."""
    return Problem(
        409,
        "turn-open",
        "An earlier message is still being answered.",
        "Please send this one again in a moment.",
        headers={"Retry-After": "5"},
    )


def key_reused() -> Problem:
    """The idempotency key belongs to another request."""
    return Problem(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key was used for another request.",
        "Send the request with a new key.",
    )


def unknown_choice() -> Problem:
    """The choice was not offered in this conversation."""
    return Problem(
        422,
        "unknown-choice",
        "This choice is not on offer.",
        "Pick one of the choices below the answers, or write in your own words.",
    )


def unknown_message() -> Problem:
    """The conversation has no such message of the bot."""
    return Problem(
        404,
        "unknown-message",
        "There is no such answer.",
        "Only an answer in this conversation can be rated.",
    )
