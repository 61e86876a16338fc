"""Headers, sites that may embed, and what the outside does not get to see."""

from __future__ import annotations

import stat

import httpx2
import pytest

from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor

PATHS = ["/", "/api/v1/messages", "/nothing", "/healthz", "/static/page.css", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_carries_the_headers(client: httpx2.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    assert "frame-ancestors 'self' https://society.example https://clinic.example" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=()" in headers["permissions-policy"]
    assert "set-cookie" not in headers and "server" not in headers
    assert "strict-transport-security" not in headers, "only behind TLS"


@pytest.mark.parametrize("path", ["/", "/api/v1/messages", "/nothing", "/healthz"])
def test_conversation_data_is_not_cached(client: httpx2.Client, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-store"


def test_hsts_behind_tls(chat_with: StartChat) -> None:
    chat = chat_with(TRUSTED_PROXIES="1")
    with chat.client() as client:
        proxied = {"X-Forwarded-For": "203.0.113.1", "X-Forwarded-Proto": "https"}
        headers = client.get("/", headers=proxied).headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")


def test_an_embedding_site_may_call_the_api(client: httpx2.Client) -> None:
    origin = {"Origin": "https://clinic.example"}
    preflight = client.options(
        "/api/v1/messages", headers=origin | {"Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://clinic.example"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed.split(", "))
    for answer in (
        client.post("/api/v1/conversations", headers=origin),
        client.get("/api/v1/messages", headers=origin),
    ):
        assert answer.headers["access-control-allow-origin"] == "https://clinic.example"
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://clinic.example.evil.example",
        "http://clinic.example",
        "https://clinic.example:8443",
        "null",
    ],
)
def test_other_sites_may_not(client: httpx2.Client, origin: str) -> None:
    for answer in (
        client.options("/api/v1/messages", headers={"Origin": origin}),
        client.post("/api/v1/conversations", headers={"Origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"


def test_secrets_are_for_the_owner_alone(chat: ChatProcess, visitor: Visitor) -> None:
    secrets = [path for path in (chat.var_dir / "secrets").iterdir()]
    assert secrets
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((chat.var_dir / "secrets").stat().st_mode) == 0o700


def test_metrics_are_not_for_visitors(client: httpx2.Client, visitor: Visitor) -> None:
    visitor.say("what is spms?")
    numbers = client.get("/metrics").text
    assert 'helpline_answers_total{kind="answer"}' in numbers
    assert 'helpline_http_requests_total{route="api.send_message",status="200"}' in numbers
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 404
    assert client.get("/metrics", headers={"Forwarded": "for=203.0.113.1"}).status_code == 404


def test_health(client: httpx2.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "missing": {}, "answers": "on"},
    )
