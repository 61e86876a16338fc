"""Reading a request of the chat process."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from content.reading import ContentError
from content.topics import load_topics

CONVERSATION_MAX_CHARACTERS = 255

_log = logging.getLogger(__name__)


class ProblemError(Exception):
    """What is answered instead of messages: a problem document (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        """Take the HTTP status, the kind of problem and what to do about it."""
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail


@dataclass(frozen=True)
class BotRequest:
    """A message for the bot: typed `text`, or a `choice` as Rasa's parse data."""

    conversation: str
    text: str
    choice: dict[str, Any] | None = None
    # The same for a message that comes again, because its first answer got lost on the way
    key: str = ""


def read_request(body: bytes, max_bytes: int, intents: Collection[str]) -> BotRequest:
    """Read the JSON of a request.

    Args:
        body: the request's body.
        max_bytes: longest body that is read.
        intents: the intents that a choice may name.

    Raises:
        ProblemError: the request cannot be used.
    """
    if len(body) > max_bytes:
        raise ProblemError(413, "Too large", f"A request has at most {max_bytes} bytes.")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ProblemError(400, "Not JSON", "Send a JSON object.") from None
    if not isinstance(given, dict):
        raise ProblemError(400, "Not an object", "Send a JSON object.")
    conversation = given.get("conversation")
    if (
        not isinstance(conversation, str)
        or not 0 < len(conversation) <= CONVERSATION_MAX_CHARACTERS
    ):
        raise _unusable("conversation", "the id of the conversation, 1 to 255 characters")
    if ("text" in given) == ("payload" in given):
        raise _unusable("text", "the visitor's text, or instead of it a payload")
    if "payload" in given:
        return _choice(conversation, given["payload"], intents)
    if not isinstance(given["text"], str):
        raise _unusable("text", "a string")
    return BotRequest(conversation, without_command_marks(given["text"]))


def without_command_marks(text: str) -> str:
    """Remove leading slashes, which would make Rasa read the text as a command."""
    text = text.strip()
    while text.startswith("/"):
        text = text[1:].strip()
    return text


def _choice(conversation: str, payload: Any, intents: Collection[str]) -> BotRequest:
    if not isinstance(payload, dict):
        raise _unusable("payload", 'an object {"intent", "entities"}')
    intent, entities = payload.get("intent"), payload.get("entities") or {}
    if not isinstance(intent, str) or intent not in intents:
        raise _unusable("payload.intent", "an intent that the model knows")
    if not isinstance(entities, dict):
        raise _unusable("payload.entities", "an object {name: value}")
    text = f"/{intent}{json.dumps(entities) if entities else ''}"
    named = {"name": intent, "confidence": 1.0}
    parsed = {
        "text": text,
        "intent": named,
        "intent_ranking": [named],
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
    }
    # A choice says all it means: one that leads to a topic as a whole ends the talk about one
    # treatment. "Tell me more" and the like go on with it.
    if "treatment" not in entities and _is_topic(intent):
        forget_treatment(parsed)
    return BotRequest(conversation, text, parsed)


def _is_topic(intent: str) -> bool:
    try:
        return intent in load_topics()
    except ContentError as error:
        _log.error("topics cannot be read, a choice does not end the talk before it: %s", error)
        return False


def forget_treatment(parsed: dict[str, Any]) -> None:
    """Let Rasa empty the slot with the treatment that was named last."""
    parsed["entities"] = [*parsed["entities"], {"entity": "treatment", "value": None}]


def _unusable(field: str, expected: str) -> ProblemError:
    return ProblemError(422, "Unusable request", f"'{field}' must be {expected}.")
