"""What actions say: the texts of `data/responses/`, with the phone number filled in."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from actions.conversation import Said, Turn
from content.contacts import LAST_RESORT, NAVIGATOR_ID, load_contacts
from content.reading import ContentError
from content.responses import Variation, load_responses
from content.topics import load_labels

if TYPE_CHECKING:
    from rasa_sdk.executor import CollectingDispatcher

HAND_OFF_TOPIC = "contact_navigator_support"

_log = logging.getLogger(__name__)


def navigator_phone() -> str:
    """Return the MS Navigator's number; never fails."""
    phone = load_contacts()[NAVIGATOR_ID].phone or LAST_RESORT.phone
    return str(phone)


def answer(name: str, turns: Iterable[Turn] = (), **words: str) -> Said:
    """Return the response `name`; never fails.

    Variations take turns: which one follows from how often `turns` hold the response already.

    Args:
        name: a response of `data/responses/`.
        turns: the conversation so far.
        words: what is filled in for {placeholders}; {phone} always is.

    Returns:
        The response. When it cannot be read, whom to call instead.
    """
    try:
        # Those with a condition belong to Rasa, which knows the slots
        variations = [each for each in load_responses()[name] if "condition" not in each]
        before = sum(said.answer == name for turn in turns for said in turn.said)
        return _filled(name, variations[before % len(variations)], words)
    except (ContentError, KeyError, ZeroDivisionError) as error:
        _log.error("the response %s cannot be used, the phone number is given: %r", name, error)
        return last_resort()


def _filled(name: str, variation: Variation, words: dict[str, str]) -> Said:
    text = variation["text"]
    for word, value in {"phone": navigator_phone(), **words}.items():
        text = text.replace(f"{{{word}}}", value)
    buttons = [
        {"title": button["title"], "payload": button["payload"]}
        for button in variation.get("buttons", ())
    ]
    return Said(text, buttons, {**variation.get("metadata", {}), "answer": name})


def last_resort() -> Said:
    """Return whom to call, from nothing but code and, if it can be read, the contacts file."""
    return Said(
        "I am sorry, something is wrong on my side. An MS Navigator is a person who can help you: "
        f"call {navigator_phone()}.",
        details=as_hand_off({}),
    )


def as_hand_off(details: dict[str, object]) -> dict[str, object]:
    """Return `details` marked as a hand-off to the MS Navigator, where they name nobody else."""
    return {
        "contact": NAVIGATOR_ID,
        **details,
        "kind": "handoff",
        "topic": HAND_OFF_TOPIC,
    }


def labels() -> dict[str, str]:
    """Return intent -> words for a choice; empty when the file cannot be read."""
    try:
        return load_labels()
    except ContentError as error:
        _log.error("no choices can be offered: %s", error)
        return {}


def has_answer(topic: str) -> bool:
    """Whether `data/responses/` has an answer to the topic."""
    return is_written(f"utter_{topic}")


def is_written(name: str) -> bool:
    """Whether `data/responses/` has the response `name`."""
    try:
        return name in load_responses()
    except ContentError:
        return False


def say(dispatcher: CollectingDispatcher, said: Said) -> None:
    """Hand a message to Rasa."""
    dispatcher.utter_message(text=said.text, buttons=said.buttons, json_message=said.details)
