"""Structured logs: one JSON object a line, without anything a visitor wrote."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog


def configure(level: str) -> None:
    """Send our logs and those of libraries through structlog to standard output.

    Raises:
        ValueError: `level` is none of DEBUG, INFO, WARNING, ERROR.
    """
    if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(f"LOG_LEVEL is {level!r}: write DEBUG, INFO, WARNING or ERROR.")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_text],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        )
    )
    # Sanic names the address when a GET comes with a body, which harms nobody.
    logging.getLogger("sanic.error").addFilter(
        lambda record: "body not consumed" not in record.getMessage()
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())


def _without_text(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say which exception a library met, and where, in place of its message and traceback.

    Both may quote what a visitor wrote: a form that cannot be decoded comes whole.
    """
    record: logging.LogRecord | None = event.get("_record")
    found = event.pop("exc_info", None)
    if record is not None and record.exc_info:
        found = record.exc_info
        record.exc_info = record.exc_text = None
    if isinstance(found, tuple) and found[0] is not None:
        event["event"] = "error in a library"
        event["error"] = found[0].__name__
        event["where"] = places(found[2])
    return event


def places(trace: TracebackType | None) -> list[str]:
    """Return where an exception came from, innermost place last."""
    frames = traceback.extract_tb(trace)[-8:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
