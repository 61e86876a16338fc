"""Requests made from the API's own description, right and wrong: never a 5xx, always as described.

A fixed seed and few examples each time; the long run against the real bot is `make fuzz`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error

from tests.web.api_description import FILE
from tests.web.running import ChatProcess, Visitor

load_all_checks()
PROMISED: list[Any] = [
    not_a_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]
SCHEMA = schemathesis.openapi.from_path(FILE)
FEW = hypothesis.settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


@SCHEMA.parametrize()
@FEW
def test_what_comes_back_is_described(case: Case[Any], running_chat: ChatProcess) -> None:
    with running_chat.client() as client:
        visitor = Visitor(client)
    response = case.call(base_url=running_chat.url, headers=visitor.headers)
    case.validate_response(response, checks=PROMISED)
    assert response.elapsed < 20


@SCHEMA.include(path_regex="^/api/").parametrize()
@FEW
def test_made_up_tokens_open_nothing(case: Case[Any], running_chat: ChatProcess) -> None:
    response = case.call(base_url=running_chat.url)
    case.validate_response(response, checks=PROMISED)
    # Other methods are tried as well: OPTIONS is answered to anybody, and tells nothing.
    if case.operation.path != "/api/v1/conversations" and case.method != "OPTIONS":
        assert 400 <= response.status_code < 500, f"{case.method} {response.status_code}"


@pytest.fixture(scope="module", autouse=True)
def _the_process_is_still_well(running_chat: ChatProcess) -> Iterator[None]:
    yield
    assert running_chat.process.poll() is None
    with running_chat.client() as client:
        assert Visitor(client).say("what is spms?")[0]["kind"] == "answer"
    assert "request failed" not in running_chat.log
    assert "Traceback" not in running_chat.log
