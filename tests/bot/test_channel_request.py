from __future__ import annotations

import hmac
import json
from types import SimpleNamespace
from typing import Any

import pytest

from components.channel import HelplineChannel
from components.channel_request import ProblemError, read_request, without_command_marks

INTENTS = ["greet", "affirm", "side_effects", "research_history_interferon"]


def read(body: Any) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_request(raw, 65536, INTENTS)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("/restart", "restart"),
        (' / /crisis{"x":1}', 'crisis{"x":1}'),
        ("/greet@0.01", "greet@0.01"),
        ("//\t/\n/greet", "greet"),
        ("/\u00a0/greet", "greet"),
        ("\u2003/ \u2003/greet", "greet"),
        ("/", ""),
        (" / / ", ""),
        ("", ""),
        ("and/or", "and/or"),
        ("  what is SPMS?  ", "what is SPMS?"),
    ],
)
def test_typed_text_is_never_a_command(typed: str, understood: str) -> None:
    assert without_command_marks(typed) == understood
    assert not understood.strip().startswith("/")
    assert read({"conversation": "c", "text": typed}).text == understood


def test_a_choice_becomes_parse_data() -> None:
    asked = read(
        {
            "conversation": "c",
            "payload": {"intent": "side_effects", "entities": {"treatment": "siponimod"}},
        }
    )
    assert asked.choice["intent"] == {"name": "side_effects", "confidence": 1.0}
    assert asked.choice["entities"] == [{"entity": "treatment", "value": "siponimod"}]


def test_a_choice_of_a_whole_topic_ends_the_talk_about_a_treatment() -> None:
    topic = read({"conversation": "c", "payload": {"intent": "side_effects"}})
    assert topic.choice["entities"] == [{"entity": "treatment", "value": None}]
    more = read({"conversation": "c", "payload": {"intent": "affirm", "entities": {}}})
    assert more.choice["entities"] == []


@pytest.mark.parametrize(
    ("body", "status", "names"),
    [
        (b"{", 400, "JSON"),
        (b"\xff\xfe", 400, "JSON"),
        (b"[" * 60_000, 400, "JSON"),
        (b"[]", 400, "object"),
        (b" " * 70_000, 413, "65536"),
        ({"text": "hi"}, 422, "conversation"),
        ({"conversation": "", "text": "hi"}, 422, "conversation"),
        ({"conversation": 7, "text": "hi"}, 422, "conversation"),
        ({"conversation": "c" * 256, "text": "hi"}, 422, "conversation"),
        ({"conversation": "c"}, 422, "text"),
        ({"conversation": "c", "text": "hi", "payload": {"intent": "greet"}}, 422, "text"),
        ({"conversation": "c", "text": None}, 422, "text"),
        ({"conversation": "c", "payload": "greet"}, 422, "payload"),
        ({"conversation": "c", "payload": {"intent": "restart"}}, 422, "payload.intent"),
        ({"conversation": "c", "payload": {"intent": ["greet"]}}, 422, "payload.intent"),
        ({"conversation": "c", "payload": {"intent": "greet", "entities": [1]}}, 422, "entities"),
    ],
)
def test_what_cannot_be_used_is_named(body: Any, status: int, names: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(body)
    assert caught.value.status == status
    assert names in caught.value.detail


@pytest.mark.parametrize(
    ("header", "is_right"), [("Bearer secret", True), ("Bearer secreT", False)]
)
def test_the_secret_is_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, header: str, is_right: bool
) -> None:
    compared = []

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return compare_digest(given, right)

    compare_digest = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)
    channel = HelplineChannel("secret", 1.0, 1000)
    request: Any = SimpleNamespace(headers={"authorization": header})
    if is_right:
        channel._check_secret(request)
    else:
        with pytest.raises(ProblemError):
            channel._check_secret(request)
    assert compared == [(header.removeprefix("Bearer ").encode(), b"secret")]
