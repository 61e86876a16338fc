"""The written answers of `data/responses/`, as Rasa reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from content.reading import ROOT, ContentError, Entry, cached, read_mapping

RESPONSES_FOLDER = ROOT / "data" / "responses"


class Button(TypedDict):
    """A choice below an answer. `payload` is "/intent" or '/intent{"entity": "value"}'; the files
    double the braces, because Rasa takes single ones for the name of a slot to fill in.
    """

    title: str
    payload: str


class Variation(TypedDict, total=False):
    """One wording of an answer. `condition` limits it to a value of a slot."""

    text: str
    buttons: list[Button]
    metadata: dict[str, Any]
    condition: list[dict[str, Any]]


class Payload(TypedDict):
    """What a choice stands for."""

    intent: str
    entities: dict[str, Any]


def load_responses(folder: Path = RESPONSES_FOLDER) -> Mapping[str, list[Variation]]:
    """Return every answer by its name, with its variations in the order of the file.

    Reads the folder again only when a file has changed.

    Raises:
        ContentError: a file cannot be used, or an answer stands in two files.
    """
    return cached(_read_responses, folder)


def response_files(folder: Path = RESPONSES_FOLDER) -> dict[str, Path]:
    """Return answer name -> the file it stands in; errors as in `load_responses`."""
    return {
        name: path
        for path in sorted(folder.glob("*.yml"))
        for name in Entry(path, "responses", read_mapping(path).get("responses")).fields
    }


def _read_responses(folder: Path) -> dict[str, list[Variation]]:
    responses: dict[str, list[Variation]] = {}
    origin: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yml")):
        for name, variations in Entry(
            path, "responses", read_mapping(path).get("responses")
        ).fields.items():
            if name in responses:
                raise ContentError(path, f"is in {origin[name].name} already", name)
            if not isinstance(variations, list) or not variations:
                raise ContentError(path, "must be a list with at least one text", name)
            responses[name] = [_variation(Entry(path, name, fields)) for fields in variations]
            origin[name] = path
    if not responses:
        raise ContentError(folder, "holds no responses")
    return responses


def _variation(entry: Entry) -> Variation:
    # Rasa refuses other fields, and says so at training only
    entry.only("text", "buttons", "metadata", "condition")
    variation = Variation(text=entry.text("text"))
    if "buttons" in entry.fields:
        variation["buttons"] = [
            Button(title=button.text("title"), payload=_payload(button))
            for button in entry.entries("buttons")
        ]
    if "metadata" in entry.fields:
        variation["metadata"] = Entry(
            entry.path, f"{entry.name}, metadata", entry.fields["metadata"]
        ).fields
    if "condition" in entry.fields:
        variation["condition"] = [condition.fields for condition in entry.entries("condition")]
    return variation


def _payload(button: Entry) -> str:
    written = button.text("payload")
    payload = written.replace("{{", "{").replace("}}", "}")
    if "{" in written and payload.count("{") * 2 != written.count("{"):
        raise button.error(f"is {written!r}: double the braces, as in /intent{{{{…}}}}", "payload")
    return payload


def parse_payload(payload: str) -> Payload:
    """Split "/intent" or '/intent{"entity": "value"}' into intent and entities.

    Raises:
        ValueError: it has another form.
    """
    intent, brace, rest = payload.removeprefix("/").partition("{")
    if not payload.startswith("/") or not intent.replace("_", "").isalnum():
        raise ValueError(f"{payload!r} must begin with / and the name of an intent")
    try:
        entities = json.loads(brace + rest) if brace else {}
    except json.JSONDecodeError:
        raise ValueError(f"{payload!r} must end with valid JSON after the intent") from None
    return Payload(intent=intent, entities=entities)
