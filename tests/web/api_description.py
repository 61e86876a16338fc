"""Compares answers with `openapi.json`, so that every test of the API tests its description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
from openapi_schema_validator import OAS31Validator, oas31_format_checker

FILE = Path(__file__).resolve().parents[2] / "web" / "helpline" / "chat" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())

# Found by the server before it looks at the address, or for addresses that are not described.
_UNDESCRIBED = (404, 405)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def check(response: httpx2.Response) -> None:
    """Fail unless the answer is one that the description promises."""
    method = response.request.method.lower()
    path = response.request.url.path
    described = DOCUMENT["paths"].get(path, {}).get(method)
    if described is None:
        assert (
            not path.startswith("/api/")
            or method == "options"
            or (response.status_code in _UNDESCRIBED)
        ), f"{method} {path} is not described"
        return
    expected = described["responses"].get(str(response.status_code))
    assert expected is not None, f"{method} {path}: {response.status_code} is not described"
    expected = _resolved(expected)
    for name, header in expected.get("headers", {}).items():
        assert name in response.headers or not header.get("required"), f"{name} is missing"
    content = expected.get("content")
    if content is None:
        assert not response.read(), f"{method} {path}: a body is not described"
        return
    content_type = response.headers["content-type"].partition(";")[0]
    assert content_type in content, f"{method} {path}: {content_type} is not described"
    if "json" in content_type:
        # With the components beside it, the schema's references lead somewhere.
        schema = {**content[content_type]["schema"], "components": DOCUMENT["components"]}
        validator = OAS31Validator(schema, format_checker=oas31_format_checker)
        response.read()
        validator.validate(response.json())
