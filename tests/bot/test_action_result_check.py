from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction

from components import action_result_check

GOOD: dict[str, Any] = {
    "events": [{"event": "slot", "name": "treatment", "value": "siponimod"}],
    "responses": [{"text": "hello"}],
}
BAD: list[dict[str, Any]] = [
    {"events": [{"name": "treatment"}]},
    {"events": "none"},
    {"responses": ["hello"]},
]


@pytest.fixture
def action(monkeypatch: pytest.MonkeyPatch) -> RemoteAction:
    # setattr with Rasa's own method, so that it is put back after the test
    monkeypatch.setattr(
        RemoteAction, "_validate_action_result", RemoteAction._validate_action_result
    )
    action_result_check.install()
    return RemoteAction("action_hand_off", None)


def test_it_judges_as_rasa_does(action: RemoteAction) -> None:
    assert action._validate_action_result(GOOD) is True
    for result in BAD:
        with pytest.raises(jsonschema.ValidationError):
            action._validate_action_result(result)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(result, RemoteAction.action_response_format_spec())


def test_the_schema_is_read_once(action: RemoteAction, monkeypatch: pytest.MonkeyPatch) -> None:
    action._validate_action_result(GOOD)

    def read_again() -> dict[str, Any]:
        raise AssertionError("the schema was read again")

    monkeypatch.setattr(RemoteAction, "action_response_format_spec", staticmethod(read_again))
    assert action._validate_action_result(GOOD) is True
