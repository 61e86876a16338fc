"""From what Rasa says to the messages that the chat process passes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.facts import facts_if_readable
from content.contacts import LAST_RESORT, load_contacts
from content.message import Message, build_message


def message_from_response(said: Mapping[str, Any]) -> Message:
    """Turn one of Rasa's responses into a message.

    `metadata` stands in an answer's YAML; `custom` is what an action adds to it or says instead.
    """
    return build_message(
        said.get("utter_action"),
        said.get("text"),
        said.get("buttons"),
        {**(said.get("metadata") or {}), **(said.get("custom") or {})},
        facts_if_readable(),
        load_contacts(),
    )


def last_resort_message() -> Message:
    """Return what is said when everything else has failed: whom to call."""
    contact = load_contacts().get(LAST_RESORT.id, LAST_RESORT)
    phone = contact.phone or LAST_RESORT.phone
    return build_message(
        None,
        "I am sorry, I cannot answer right now. Please try again, or talk to a person: "
        f"{contact.name}, {phone}.",
        [],
        {"kind": "handoff", "contact": LAST_RESORT.id, "topic": "contact_navigator_support"},
        {},
        load_contacts(),
    )
