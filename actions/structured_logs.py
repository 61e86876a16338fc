"""Logs of the bot and of the action server: one JSON object a line, with the id of the request.

The chat process gives every request of a visitor a random id. It travels in the header
X-Request-ID from chat to bot to actions, so that the lines of one message can be found in all three
logs. An exception is told by its type and by where it came from: its text may quote a visitor.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from sanic.request import Request
from sanic.response import HTTPResponse

from content.reading import ContentError

HEADER = "X-Request-ID"
_FORM = re.compile(r"[0-9a-f]{32}")
_DEEPEST_FRAMES = 8

_log = logging.getLogger(__name__)
_request: ContextVar[str] = ContextVar("request_id", default="")


def current_request() -> str:
    """Return the id of the request that is being answered, "" outside of one."""
    return _request.get()


def note_request(request: Request) -> None:
    """Remember the id that a request carries; one of another form counts as none."""
    given = str(request.headers.get(HEADER, ""))
    request.ctx.began = time.perf_counter()
    _request.set(given if _FORM.fullmatch(given) else "")


def content_problem(error: BaseException | None) -> str | None:
    """Return what an exception says of a content file, also when it is only its cause.

    It quotes no visitor, and names the file that somebody has to mend.
    """
    while error is not None:
        if isinstance(error, ContentError):
            return str(error)
        error = error.__cause__ or error.__context__
    return None


class JsonLines(logging.Formatter):
    """Writes a record in the form of the chat process's logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if current_request():
            line["request"] = current_request()
        fields: dict[str, object] = dict(line)
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])[-_DEEPEST_FRAMES:]
            fields["error"] = record.exc_info[0].__name__
            problem = content_problem(record.exc_info[1])
            if problem is not None:
                fields["problem"] = problem
            fields["where"] = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]
        return json.dumps(fields, sort_keys=True, ensure_ascii=False)


def tell_answered(request: Request, response: HTTPResponse) -> None:
    """Log that a request was answered, and how long that took."""
    seconds = time.perf_counter() - getattr(request.ctx, "began", time.perf_counter())
    _log.info("answered with %s after %.1f ms", response.status, 1000 * seconds)


def install() -> None:
    """Write every log line of this process so from now on, also one that says the same again."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLines())
        handler.filters.clear()
