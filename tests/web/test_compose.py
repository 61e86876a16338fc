"""deploy/compose.yml is a Compose file, and starts what the units start."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OF_OTHERS = {"proxy", "postgres", "redis"}
# Variables of the processes that are no settings of ours
BESIDE = {"PYTHONPATH", "SANIC_HOST"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    return read


def test_the_schema_of_the_compose_specification_accepts_it(compose: dict[str, Any]) -> None:
    schema = json.loads((DEPLOY / "schema" / "compose-spec.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(compose)] == []
    # It is the schema that decides, not a schema that accepts everything
    compose = {**compose, "services": {"chat": {"image": "x", "ports": 5}}}
    assert not validator.is_valid(compose)


def test_it_starts_the_processes_of_the_units(compose: dict[str, Any]) -> None:
    services: dict[str, Any] = compose["services"]
    target = (DEPLOY / "systemd" / "helpline.target").read_text("utf-8")
    wanted = re.findall(r"helpline-([\w-]+?)(?:@(\d+))?\.service", target)
    names = {f"{kind}-{port}" if port else kind for kind, port in wanted}
    assert set(services) - OF_OTHERS == names
    for kind, port in wanted:
        unit = f"helpline-{kind}{'@' if port else ''}.service"
        text = (DEPLOY / "systemd" / unit).read_text("utf-8")
        [line] = re.findall(r"^ExecStart=/opt/helpline/(.*)$", text, re.MULTILINE)
        service = services[f"{kind}-{port}" if port else kind]
        assert " ".join(service["command"]) == line.replace("%i", port)
        assert service["network_mode"] == "host"
        if kind in ("chat", "bot"):
            assert service["environment"][f"{kind.upper()}_PORT"] == port


def test_it_names_settings_that_exist(compose: dict[str, Any]) -> None:
    known = {field.name.upper() for field in dataclasses.fields(Settings)} | BESIDE
    for name, service in compose["services"].items():
        if name not in OF_OTHERS:
            assert set(service["environment"]) <= known, name


def test_nothing_but_the_proxy_listens_outside(compose: dict[str, Any]) -> None:
    for name in ("postgres", "redis", "actions", "bot-5005", "bot-5006"):
        service = compose["services"][name]
        assert "127.0.0.1" in json.dumps(
            [service["command"], service["environment"] if "environment" in service else {}]
        ), name
        assert "ports" not in service
