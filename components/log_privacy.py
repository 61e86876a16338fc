"""Keeps what a visitor typed out of the logs.

Rasa and its libraries put the text into warnings and errors in many places, and none of them can
be told not to. So every log record that is made while a visitor's message is handled is searched
for the message before any handler sees it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

REPLACEMENT = "[visitor's text]"
# Shorter texts tell nothing ("yes"), and looking for them would eat into ordinary words
SHORTEST = 4

_private: ContextVar[tuple[str, ...]] = ContextVar("private_texts", default=())


@contextmanager
def private_text(text: str) -> Iterator[None]:
    """Keep `text` out of every log record made inside the `with` block, with what blocks around it
    keep out.
    """
    forms = {text, text.strip(), text.lower(), text.strip().lower()}
    forms |= {json.dumps(form)[1:-1] for form in forms} | {repr(form)[1:-1] for form in forms}
    longest_first = sorted((f for f in forms if len(f) >= SHORTEST), key=len, reverse=True)
    token = _private.set((*_private.get(), *longest_first))
    try:
        yield
    finally:
        _private.reset(token)


def without_private_text(text: str) -> str:
    """Return `text` with the running visitor's message replaced."""
    for form in _private.get():
        text = text.replace(form, REPLACEMENT)
    return text


def _clean(record: logging.LogRecord) -> None:
    message = record.getMessage()
    cleaned = without_private_text(message)
    if cleaned != message:
        record.msg, record.args = cleaned, ()
    if record.exc_info and record.exc_info[0] is not None:
        # A formatter takes this text instead of making it from the exception
        record.exc_text = without_private_text(logging.Formatter().formatException(record.exc_info))


def install() -> None:
    """Search every record of this process from now on.

    Warnings are for developers, and Rasa's carry what was typed: they become records, and are
    shown at the level DEBUG only.
    """
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "keeps_visitors_private", False):
        return

    def make_private_record(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        if _private.get():
            _clean(record)
        return record

    make_private_record.keeps_visitors_private = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_private_record)
    logging.captureWarnings(True)
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        logging.getLogger("py.warnings").setLevel(logging.ERROR)
