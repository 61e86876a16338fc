"""The description of the API is valid, complete and what the server serves."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import httpx2
from openapi_spec_validator import OpenAPIV31SpecValidator

import settings
from content.message import KINDS
from helpline.chat.app import create_app
from tests.web.api_description import DOCUMENT, FILE

_NOT_DESCRIBED = {
    "/": "a page",
    "/static/<name:str>": "files",
    "/widget": "files",
    "/widget/<name:str>": "files",
    "/widget/<version:str>/<name:str>": "files",
    "/demo": "a page",
    "/openapi.json": "the description itself",
}


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_it_is_served(client: httpx2.Client) -> None:
    answer = client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == FILE.read_bytes()


def test_every_route_is_described_and_the_other_way_round(tmp_path: Path) -> None:
    app = create_app(dataclasses.replace(settings.load(), var_dir=tmp_path), name="described")
    routes = {
        (path, method.lower())
        for route in app.router.routes
        for method in route.methods
        if (path := "/" + route.path.lstrip("/")) not in _NOT_DESCRIBED and method != "OPTIONS"
    }
    described = {
        (path, method) for path, operations in DOCUMENT["paths"].items() for method in operations
    }
    assert routes == described


def test_limits_and_kinds_are_those_in_force() -> None:
    values = settings.load()
    operation = DOCUMENT["paths"]["/api/v1/messages"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body["oneOf"][0]["properties"]["text"]["maxLength"] == values.message_max_characters
    kinds = DOCUMENT["components"]["schemas"]["Message"]["properties"]["kind"]["enum"]
    assert kinds == [*KINDS, None]
