"""Every way to ask wrongly gets a problem document that says what to do, and a number to call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from helpline.store.models import Conversation
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ScriptedBot

TOKENLESS: list[tuple[str, str, Any]] = [
    ("POST", "/api/v1/messages", {"text": "hello"}),
    ("GET", "/api/v1/messages", None),
    ("POST", "/api/v1/feedback", {"message_id": "x", "helpful": True}),
    ("DELETE", "/api/v1/conversations/current", None),
]


def assert_problem(answer: httpx2.Response, status: int, name: str) -> dict[str, Any]:
    """Check that an answer is the problem `name`, and fit for a visitor."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"urn:spms-helpline:problem:{name}"
    assert problem["status"] == status
    assert problem["contact"]["phone"] == "1-800-344-4867"
    assert len(problem["title"]) > 8 and len(problem["detail"]) > 20
    assert "Traceback" not in answer.text and ".py" not in answer.text
    return problem


@pytest.mark.parametrize(("method", "path", "body"), TOKENLESS)
@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer é"]
)
def test_without_the_right_token(
    client: httpx2.Client, method: str, path: str, body: Any, authorization: str | None
) -> None:
    headers = [(b"Authorization", authorization.encode())] if authorization is not None else []
    answer = client.request(method, path, json=body, headers=headers)
    assert_problem(answer, 401, "unknown-conversation")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 20_000,
        b'{"text": NaN}',
        b'"text"',
        b"[]",
        b"null",
        b"7",
        b'{"text": "a"} x',
    ],
)
def test_a_body_that_is_no_json_object(visitor: Visitor, body: bytes) -> None:
    for path in ("/api/v1/messages", "/api/v1/feedback"):
        answer = visitor.client.post(
            path, content=body, headers=visitor.headers | {"Content-Type": "application/json"}
        )
        assert_problem(answer, 400, "bad-request")
    visitor.say("the conversation goes on")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "a", "choice": "b"}, "text"),
        ({"text": None}, "text"),
        ({"text": 7}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "\u200b\u200d\u0000"}, "text"),
        ({"text": "x" * 1001}, "text"),
        ({"text": "x " * 10_000}, "text"),
        ({"choice": None}, "choice"),
        ({"choice": ""}, "choice"),
        ({"choice": "x" * 129}, "choice"),
        ({"text": "hello", "intent": "crisis"}, "intent"),
    ],
)
def test_a_message_that_cannot_be_used(
    visitor: Visitor, bot: ScriptedBot, body: dict[str, Any], field: str
) -> None:
    problem = assert_problem(visitor.post(body), 422, "invalid-request")
    assert problem["field"] == field
    assert bot.received == []
    visitor.say("the conversation goes on")


def test_a_message_as_long_as_allowed(visitor: Visitor, bot: ScriptedBot) -> None:
    text = "é" * 1000
    visitor.say(text)
    assert bot.received[0]["text"] == text


@pytest.mark.parametrize("typed", ["/restart", ' / /crisis{"x":1}', "/greet@0.01", "\ud800 lone"])
def test_odd_texts_are_answered(visitor: Visitor, bot: ScriptedBot, typed: str) -> None:
    answer = visitor.client.post(
        "/api/v1/messages",
        content=('{"text": ' + ascii_json(typed) + "}").encode(),
        headers=visitor.headers | {"Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    assert bot.received[0]["text"] == typed.strip().replace("\ud800", "\ufffd")


def ascii_json(text: str) -> str:
    """Write a JSON string; a lone surrogate as JSON can carry it."""
    return '"' + text.replace('"', '\\"').replace("\ud800", "\\ud800") + '"'


@pytest.mark.parametrize("choice", ["nothing", "start-nothing", "'; drop table message; --", "💥"])
def test_an_unknown_choice(visitor: Visitor, bot: ScriptedBot, choice: str) -> None:
    assert_problem(visitor.post({"choice": choice}), 422, "unknown-choice")
    assert bot.received == []
    visitor.say("the conversation goes on")
    assert len(visitor.history()) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"helpful": True}, "message_id"),
        ({"message_id": 1, "helpful": True}, "message_id"),
        ({"message_id": "x"}, "helpful"),
        ({"message_id": "x", "helpful": "yes"}, "helpful"),
        ({"message_id": "x", "helpful": True, "comment": 5}, "comment"),
        ({"message_id": "x", "helpful": True, "comment": "x" * 1001}, "comment"),
        ({"message_id": "x", "helpful": True, "stars": 5}, "stars"),
    ],
)
def test_feedback_that_cannot_be_used(visitor: Visitor, body: dict[str, Any], field: str) -> None:
    answer = visitor.client.post("/api/v1/feedback", json=body, headers=visitor.headers)
    assert assert_problem(answer, 422, "invalid-request")["field"] == field


def test_feedback_about_no_answer(visitor: Visitor) -> None:
    visitor.say("hello")
    own = visitor.history()[1]
    for message_id in ("unknown", own["id"]):
        assert_problem(visitor.rate(message_id, True), 404, "unknown-message")


def test_an_ended_conversation(chat: ChatProcess, visitor: Visitor) -> None:
    def end(session: Session) -> None:
        session.execute(
            update(Conversation)
            .where(Conversation.public_id == visitor.id)
            .values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        )

    [answer] = visitor.say("hello")
    chat.store.write_now(end)
    assert_problem(visitor.post({"text": "hello"}), 401, "conversation-ended")
    assert_problem(visitor.rate(answer["id"], True), 401, "conversation-ended")
    reading = visitor.client.get("/api/v1/messages", headers=visitor.headers)
    assert_problem(reading, 401, "conversation-ended")
    assert visitor.erase().status_code == 204, "what is kept can still be erased"


def test_addresses_and_methods_that_do_not_exist(client: httpx2.Client) -> None:
    assert_problem(client.get("/api/v1/nothing"), 404, "not-found")
    assert_problem(client.get("/api/v2/messages"), 404, "not-found")
    answer = client.put("/api/v1/messages", json={})
    assert_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}
    assert_problem(client.delete("/healthz"), 405, "method-not-allowed")


def test_a_body_that_is_not_declared_as_json(visitor: Visitor) -> None:
    answer = visitor.client.post(
        "/api/v1/messages",
        content=b"text=hello",
        headers=visitor.headers | {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert_problem(answer, 415, "unsupported-media-type")


def test_a_body_that_is_too_large(visitor: Visitor) -> None:
    answer = visitor.post({"text": "x" * 70_000})
    assert_problem(answer, 413, "request-entity-too-large")
    visitor.say("the conversation goes on")


@pytest.mark.parametrize("key", ["", "with space", "x" * 129, "täglich"])
def test_an_idempotency_key_that_cannot_be_kept(visitor: Visitor, key: str) -> None:
    headers = {b"Authorization": f"Bearer {visitor.token}".encode()}
    answer = visitor.client.post(
        "/api/v1/messages",
        json={"text": "hello"},
        headers=headers | {b"Idempotency-Key": key.encode("latin-1")},
    )
    assert_problem(answer, 400, "bad-request")


def test_a_browser_gets_a_page_with_the_number(client: httpx2.Client) -> None:
    answer = client.get("/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "1-800-344-4867" in answer.text


def test_a_request_that_is_no_http(chat: ChatProcess) -> None:
    import socket

    host, port = chat.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /\xff HTTP/1.1\r\nbroken\r\n\r\n")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Traceback" not in answer and b"application/problem+json" in answer
