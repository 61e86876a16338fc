"""Plays a conversation written in YAML through the chat API and says where it goes wrong.

A turn is `say: text` or `choose: label`, with `expect:` of
  kind, topic            the first message's, or one of a list
  contains               every one of these in what the visitor sees (text, sources, contact)
  contains_any           at least one of these
  lacks                  none of these
  sources                true: at least one source and a last-checked date
  choices                labels (or parts of them) that are offered
  phone                  true: the Navigator's number is in the contact
Letter case does not count.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import httpx2 as httpx
import yaml

EXPECTATIONS = {
    "kind",
    "topic",
    "contains",
    "contains_any",
    "lacks",
    "sources",
    "choices",
    "phone",
}


@dataclasses.dataclass(frozen=True)
class Conversation:
    """One written conversation: where it stands, its name, its turns."""

    file: str
    name: str
    turns: tuple[dict[str, Any], ...]


def read_conversations(folder: Path) -> list[Conversation]:
    """Read every conversation below a folder.

    Raises:
        ValueError: a turn has no words or a key that nothing checks.
    """
    found = []
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8")):
            for turn in entry["turns"]:
                unknown = set(turn) - {"say", "choose", "expect"}
                unknown |= set(turn.get("expect", {})) - EXPECTATIONS
                if unknown or ("say" in turn) == ("choose" in turn):
                    raise ValueError(f"{path.name}, {entry['name']!r}: wrong turn {turn}")
            turns = tuple(entry["turns"])
            found.append(Conversation(path.stem, entry["name"], turns))
    return found


def visible(messages: list[dict[str, Any]]) -> str:
    """Everything that a visitor sees of these messages, in small letters."""
    keys = ("text", "links", "sources", "choices", "contact")
    seen = [[message.get(key) for key in keys] for message in messages]
    return json.dumps(seen, ensure_ascii=False).lower()


class Player:
    """One visitor of the chat API."""

    def __init__(self, chat_url: str) -> None:
        """Open a conversation."""
        self._client = httpx.Client(base_url=chat_url, timeout=20)
        answer = self._client.post("/api/v1/conversations")
        assert answer.status_code == 201, answer.text
        body = answer.json()
        self.conversation: dict[str, Any] = body["conversation"]
        self.messages: list[dict[str, Any]] = body["messages"]
        self._headers = {"Authorization": f"Bearer {self.conversation['token']}"}

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, body: dict[str, Any]) -> httpx.Response:
        """Send a message as it is and return the response as it is."""
        return self._client.post("/api/v1/messages", json=body, headers=self._headers)

    def rate(self, message_id: str, helpful: bool, comment: str) -> httpx.Response:
        """Rate a message and return the response as it is."""
        body = {"message_id": message_id, "helpful": helpful, "comment": comment}
        return self._client.post("/api/v1/feedback", json=body, headers=self._headers)

    def erase(self) -> None:
        """Erase the conversation."""
        answer = self._client.delete("/api/v1/conversations/current", headers=self._headers)
        assert answer.status_code == 204, answer.text

    def take(self, turn: dict[str, Any]) -> list[dict[str, Any]]:
        """Take one turn and return the bot's messages."""
        if "choose" in turn:
            body = {"choice": self._choice(turn["choose"])}
        else:
            body = {"text": turn["say"]}
        answer = self.post(body)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        self.messages = answer.json()["messages"]
        return self.messages

    def _choice(self, label: str) -> str:
        offered = [choice for message in self.messages for choice in message["choices"]]
        for choice in offered:
            if label.lower() in choice["label"].lower():
                return str(choice["id"])
        labels = [choice["label"] for choice in offered]
        raise AssertionError(f"no choice {label!r} among {labels}")


def differences(expected: dict[str, Any], messages: list[dict[str, Any]]) -> list[str]:
    """What is not as expected, one line each."""
    wrong = []
    first = messages[0] if messages else {}
    for key in ("kind", "topic"):
        if key in expected:
            allowed = expected[key] if isinstance(expected[key], list) else [expected[key]]
            if first.get(key) not in allowed:
                wrong.append(f"{key} is {first.get(key)!r}, not {expected[key]!r}")
    seen = visible(messages)
    wrong += [f"lacks {w!r}" for w in expected.get("contains", []) if w.lower() not in seen]
    any_of = expected.get("contains_any", [])
    if any_of and not any(word.lower() in seen for word in any_of):
        wrong.append(f"has none of {any_of}")
    wrong += [f"should not say {w!r}" for w in expected.get("lacks", []) if w.lower() in seen]
    if expected.get("sources") and not (first.get("sources") and first.get("checked_on")):
        wrong.append("has no sources or no last-checked date")
    labels = " | ".join(c["label"] for message in messages for c in message["choices"]).lower()
    wrong += [f"offers no {c!r}" for c in expected.get("choices", []) if c.lower() not in labels]
    if expected.get("phone"):
        phones = [(message.get("contact") or {}).get("phone") for message in messages]
        if "1-800-344-4867" not in phones:
            wrong.append("gives no Navigator's number")
    if not all(message["text"].strip() for message in messages):
        wrong.append("has an empty message")
    return wrong
