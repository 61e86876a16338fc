"""Reads the messages that the month is played with, and deals them out to its weeks."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from content.topics import load_other_intents, load_topics

OWN = Path(__file__).with_name("messages.jsonl")


class MessagesRefused(ValueError):
    """A file of messages cannot be used; the message says which line, and what to do."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a visitor types, the intent that staff would say it is, and others that are right."""

    text: str
    intent: str
    right: frozenset[str]


def read_messages(path: Path) -> list[Asked]:
    """Read a file with one JSON object a line: `text`, `topic`, and a list `also_ok` if need be.

    Raises:
        MessagesRefused: the file, or a line of it, cannot be used.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MessagesRefused(f"{path} cannot be read: {error}") from error
    intents = {*load_topics(), *load_other_intents()}
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row: dict[str, Any] = json.loads(line)
            one = Asked(
                row["text"], row["topic"], frozenset((row["topic"], *row.get("also_ok", ())))
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MessagesRefused(
                f'{path}, line {number}: write {{"text": "...", "topic": "..."}} ({error!r}).'
            ) from error
        if not isinstance(one.text, str) or not one.text.strip():
            raise MessagesRefused(f"{path}, line {number}: the text is empty.")
        unknown = one.right - intents
        if unknown:
            raise MessagesRefused(
                f"{path}, line {number}: {sorted(unknown)[0]!r} is no intent: see "
                "knowledge/topics.yml."
            )
        found.append(one)
    return found


def weeks_of(messages: Sequence[Asked], weeks: int, seed: int) -> list[list[Asked]]:
    """Deal the messages out to so many weeks of the same length, in an order that chance decides.

    Raises:
        MessagesRefused: there are fewer messages than weeks.
    """
    if len(messages) < weeks:
        raise MessagesRefused(f"{len(messages)} messages are too few for {weeks} weeks.")
    dealt = list(messages)
    random.Random(seed).shuffle(dealt)  # noqa: S311
    return [dealt[week::weeks] for week in range(weeks)]
