"""Lines of the bot's log: JSON, with the request's id, without the text of an exception."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actions import structured_logs
from content.reading import ContentError

ID = "0123456789abcdef" * 2


def _line(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(structured_logs.JsonLines().format(record))
    return line


def _record(message: str, **more: Any) -> logging.LogRecord:
    return logging.makeLogRecord(
        {"name": "a.logger", "levelno": 40, "levelname": "ERROR", "msg": message, **more}
    )


def _request(given: str | None) -> Any:
    headers = {} if given is None else {structured_logs.HEADER: given}
    return SimpleNamespace(headers=headers, ctx=SimpleNamespace())


def test_a_line() -> None:
    line = _line(_record("it took %s ms", args=(5,)))
    assert (line["event"], line["level"], line["logger"]) == ("it took 5 ms", "error", "a.logger")
    assert line["timestamp"].endswith("+00:00")


@pytest.mark.parametrize(
    ("given", "kept"),
    [(ID, ID), (ID + "0", ""), (ID.upper(), ""), ("\n" + ID, ""), (None, "")],
)
def test_the_id_of_a_request(given: str | None, kept: str) -> None:
    structured_logs.note_request(_request(given))
    assert structured_logs.current_request() == kept
    assert _line(_record("x")).get("request", "") == kept


def test_an_exception_is_told_without_its_text() -> None:
    try:
        raise ValueError("what a visitor wrote")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    line = _line(_record("a turn failed", exc_info=info))
    assert line["error"] == "ValueError"
    assert "test_an_exception_is_told_without_its_text" in line["where"][-1]
    assert "visitor wrote" not in json.dumps(line)


def test_a_broken_content_file_is_named_also_as_a_cause() -> None:
    try:
        try:
            raise ContentError(Path("knowledge/treatments.yml"), "is not valid YAML")
        except ContentError as cause:
            raise RuntimeError("no component could be made") from cause
    except RuntimeError as error:
        line = _line(_record("no model", exc_info=(type(error), error, error.__traceback__)))
    assert line["error"] == "RuntimeError"
    assert line["problem"] == "knowledge/treatments.yml: is not valid YAML"


async def test_the_id_goes_on_to_the_action_server(monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.utils.endpoints import EndpointConfig

    from components import serving

    sent: list[dict[str, str]] = []

    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> None:
        sent.append(kwargs.get("headers", {}))

    monkeypatch.setattr(EndpointConfig, "request", request)
    serving._name_request_to_actions()
    structured_logs.note_request(_request(ID))
    await EndpointConfig("http://127.0.0.1").request(json={})
    structured_logs.note_request(_request(None))
    await EndpointConfig("http://127.0.0.1").request(json={})
    assert sent == [{structured_logs.HEADER: ID}, {}]
