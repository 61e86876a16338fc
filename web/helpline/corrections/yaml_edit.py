"""Adds examples to Rasa's NLU files and touches nothing else in them.

A YAML library would write the whole file anew, with other line breaks and quotes. Here lines are
put in where they belong, and the result is read again: it must hold what it held, plus the new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from content.reading import as_mapping
from helpline.corrections.examples import examples_of

_SECTION = re.compile(
    r"""^(?P<dash>\s*-\s+)intent:\s*(?P<quote>["']?)(?P<name>[\w/.-]+)(?P=quote)\s*$"""
)
_BLOCK = re.compile(r"^(?P<indent>\s+)examples:\s*\|[+-]?\s*$")
NEW_FILE = 'version: "3.1"\n\nnlu:\n'


class EditError(ValueError):
    """The file is not laid out as expected; the message says what is wrong."""


def holds_intent(text: str, intent: str) -> bool:
    """Say whether a file has a section of examples of this intent."""
    return any(name == intent for name, _ in _sections(text.split("\n")))


def add_examples(text: str, added: Mapping[str, Sequence[str]]) -> str:
    """Return the text of a file with examples added at the end of each intent's list.

    An intent without a section gets one at the end of the file.

    Raises:
        EditError: the result would not hold exactly the old examples and the new.
    """
    # Not splitlines(): what else it takes for the end of a line may stand within an example.
    lines = (text or NEW_FILE).removesuffix("\n").split("\n")
    for intent, examples in added.items():
        lines = _add(lines, intent, examples)
    result = "\n".join(lines) + "\n"
    _compare(text or NEW_FILE, result, added)
    return result


def _sections(lines: Sequence[str]) -> Iterable[tuple[str, int]]:
    for number, line in enumerate(lines):
        found = _SECTION.match(line)
        if found:
            yield found["name"], number


def _add(lines: list[str], intent: str, examples: Sequence[str]) -> list[str]:
    starts = [number for name, number in _sections(lines) if name == intent]
    if not starts:
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        section = [f"- intent: {intent}", "  examples: |", *(f"    - {one}" for one in examples)]
        gap = [] if lines and lines[-1].rstrip() == "nlu:" else [""]
        return [*lines, *gap, *section]
    head = next(
        (number for number in range(starts[0] + 1, len(lines)) if _BLOCK.match(lines[number])), None
    )
    if head is None or any(starts[0] < number < head for _, number in _sections(lines)):
        raise EditError(f"the examples of {intent} are not a block that begins with `examples: |`")
    last, indent = head, ""
    for number in range(head + 1, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if _width(line) <= _width(lines[head]):
            break
        last, indent = number, indent or line[: _width(line)]
    new = [f"{indent or ' ' * (_width(lines[head]) + 2)}- {one}" for one in examples]
    return [*lines[: last + 1], *new, *lines[last + 1 :]]


def _width(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _compare(before: str, after: str, added: Mapping[str, Sequence[str]]) -> None:
    expected = _read(before)
    for intent, examples in added.items():
        expected.setdefault(intent, []).extend(examples)
    if _read(after) != expected or _rest(before) != _rest(after):
        raise EditError("the file is laid out so that lines cannot be added safely")


def _read(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section in _nlu(text):
        fields = as_mapping(section)
        if "intent" in fields:
            found.setdefault(str(fields["intent"]), []).extend(examples_of(fields.get("examples")))
    return found


def _rest(text: str) -> tuple[Any, list[Any]]:
    """Return what is no example of an intent: it must stay as it is."""
    document = as_mapping(load_yaml(text))
    others = [one for one in _nlu(text) if "intent" not in as_mapping(one)]
    return {name: value for name, value in document.items() if name != "nlu"}, others


def _nlu(text: str) -> list[Any]:
    listed = as_mapping(load_yaml(text)).get("nlu")
    return listed if isinstance(listed, list) else []


def load_yaml(text: str) -> Any:
    """Return what a YAML text holds.

    Raises:
        EditError: it is not valid YAML.
    """
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise EditError(f"the file is not valid YAML: {error}") from error
