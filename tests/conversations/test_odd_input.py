"""Hostile and odd input against real processes: a calm answer or a clear problem, never a 5xx."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import pytest

from scripts.processes import RunningHelpline
from tests.conversations.player import Player

COMMANDS = [
    "/restart",
    ' / /crisis{"x":1}',
    "/greet@0.01",
    "/session_start",
    "//back",
    "/nlu_fallback",
    '/contact_navigator_support{"treatment":"x"}',
]


def goes_on(player: Player) -> None:
    """The conversation still answers an ordinary question."""
    messages = player.take({"say": "what is secondary progressive ms"})
    assert (messages[0]["kind"], messages[0]["topic"]) == ("answer", "what_is_spms")


@pytest.fixture
def player(helpline: RunningHelpline) -> Any:
    with Player(helpline.chat_url) as it:
        yield it


@pytest.mark.parametrize("text", COMMANDS)
def test_typed_commands_are_words_not_orders(player: Player, text: str) -> None:
    answer = player.post({"text": text})
    assert answer.status_code == 200
    kinds = {message["kind"] for message in answer.json()["messages"]}
    # an order to raise the crisis answer, to greet or to hand over must not be obeyed as one
    assert "crisis" not in kinds
    assert all(message["text"].strip() for message in answer.json()["messages"])
    goes_on(player)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "   "}, 422),
        ({"text": "\u200b"}, 422),
        ({"text": "x" * 1001}, 422),
        ({"text": "x" * 20_000}, 422),
        ({"text": 5}, 422),
        ({"text": None}, 422),
        ({}, 422),
        ([], 400),
        ({"text": "a", "choice": "b"}, 422),
        ({"choice": "no-such-choice"}, 422),
        ({"choice": {"intent": "crisis"}}, 422),
    ],
)
def test_wrong_bodies_are_explained(player: Player, body: Any, status: int) -> None:
    answer = player.post(body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    goes_on(player)


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff\xfe", b'{"text": NaN}', b"[" * 5000])
def test_invalid_json_is_explained(player: Player, helpline: RunningHelpline, raw: bytes) -> None:
    answer = httpx.post(
        f"{helpline.chat_url}/api/v1/messages",
        content=raw,
        headers={
            "Authorization": f"Bearer {player.conversation['token']}",
            "Content-Type": "application/json",
        },
    )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    goes_on(player)


def test_a_request_over_the_limit_is_refused(player: Player) -> None:
    answer = player.post({"text": "x" * 70_000})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    goes_on(player)


@pytest.mark.parametrize("token", ["wrong", "Bearer", "x" * 5000])
def test_a_wrong_token_is_refused(helpline: RunningHelpline, token: str) -> None:
    answer = httpx.post(
        f"{helpline.chat_url}/api/v1/messages",
        json={"text": "hello"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_another_conversations_choice_is_refused(player: Player, helpline: RunningHelpline) -> None:
    with Player(helpline.chat_url) as other:
        offered = other.take({"say": "what is secondary progressive ms"})[0]["choices"]
        answer = player.post({"choice": offered[0]["id"]})
    assert answer.status_code == 422
    goes_on(player)


@pytest.mark.parametrize(
    "text",
    [
        "<b>what is SPMS</b><script>alert(1)</script>",
        "what is spms\u0000\u0007",
        "🧠💊",
        "¿qué es la esclerosis múltiple secundaria progresiva?",
        "?",
        "{treatment} {{7*7}} %s {0}",
        "[" * 900,
    ],
)
def test_odd_texts_get_a_calm_answer(player: Player, text: str) -> None:
    answer = player.post({"text": text})
    assert answer.status_code == 200
    messages = answer.json()["messages"]
    assert messages
    assert all(message["text"].strip() for message in messages)
    assert "unavailable" not in {message["kind"] for message in messages}
    goes_on(player)
