"""Answers that chat gives by itself: the greeting, and what it says when the bot cannot answer.

They are written in `data/responses/` like all others. Where the files are broken, short texts that
stand here take their place: a visitor is never left without a line to call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from content.contacts import NAVIGATOR_ID, Contact, contact_dict, load_contacts
from content.countries import Country
from content.facts import Fact, load_facts
from content.message import PERSON, build_message
from content.reading import ContentError
from content.responses import load_responses

_log = structlog.get_logger("helpline.chat")

CAREFUL = "notice_careful"
# As contacts.yml says it of a line that is never closed
ALWAYS = "day and night"

# Of the answers that must come whatever happens: text, and the contact that goes with it.
_LAST_WORDS = {
    "greeting": (
        "Hello. This is the SPMS Helpline. I am a bot: nobody reads along while we talk. "
        "What you write is kept for {retention_days} days. You can talk to a person, too: "
        "the number is below.",
        NAVIGATOR_ID,
    ),
    "unavailable": (
        "I am sorry, I cannot answer right now. Please try again in a minute, or call an MS "
        "Navigator.\n\nIn an emergency, call 911. In a crisis, call or text 988.",
        NAVIGATOR_ID,
    ),
    "handoff": (
        "An MS Navigator is a person who can help you with this. The number is below.\n\n"
        "In danger, call 911. In a crisis, call or text 988 at any hour.",
        NAVIGATOR_ID,
    ),
    "crisis": (
        "Please call or text 988 now. If there is danger right now, call 911.\n\n"
        "You do not have to get through this alone.",
        "lifeline_988",
    ),
    "emergency": (
        "Please call 911 now if this is happening. If you are unsure, it is right to call.",
        "emergency_911",
    ),
    "abuse": (
        "If you are in danger now, call 911. What is happening is not your fault, and people can "
        "help you.",
        "domestic_violence_hotline",
    ),
}


def greeting(retention_days: int) -> dict[str, Any]:
    """Return the first message of a conversation, with starting questions as choices.

    The choices have the same ids in every conversation ("start-what_is_spms"), so that a page can
    offer them before there is a conversation.
    """
    message = _written("utter_welcome", "greeting", {"retention_days": retention_days})
    message["topic"] = None
    for choice in message["choices"]:
        payload = choice["payload"]
        choice["id"] = "-".join(
            ["start", payload["intent"], *(str(value) for value in payload["entities"].values())]
        )[:64]
    return message


def unavailable() -> dict[str, Any]:
    """Return what is said when the bot cannot answer: the MS Navigator, and the urgent lines."""
    message = _written("utter_unavailable", "unavailable", {})
    message["choices"] = []  # the bot would have to answer them
    return message


def hand_off(answer: str) -> dict[str, Any]:
    """Return the hand-off that stands in for an answer; `answer` tells staff which."""
    phone = load_contacts()[NAVIGATOR_ID].phone or ""
    message = _written("utter_hand_off", "handoff", {"phone": phone})
    return {**message, "topic": PERSON, "answer": answer}


def alarm_answer(kind: str, name: str | None = None) -> dict[str, Any]:
    """Return the answer to a crisis, an emergency or abuse: that of the kind, or a special one."""
    return _written(name or f"utter_{kind}", kind, {})


def country_answer(kind: str, country: Country) -> dict[str, Any]:
    """Return the answer to an alarm with the lines of the visitor's country."""
    line: Contact | None = getattr(country, kind)
    contact = line or country.emergency
    name = f"utter_{kind}_country" if line else f"utter_{kind}_country_urgent"
    values = {
        "line": contact.phone,
        "name": contact.name,
        "emergency": country.emergency.phone,
        "country": country.name,
    }
    return {**_written(name, kind, values), "contact": contact_dict(contact)}


def careful_notice(country: Country | None = None) -> dict[str, Any]:
    """Return the line that the answers after a crisis carry."""
    text = "You can call or text 988 at any time, day or night."
    if country is not None:
        line = country.crisis
        text = f"In danger, you can call {country.emergency.phone} at any time, day or night."
        if line is not None and line.hours == ALWAYS:
            text = f"You can call {line.phone} at any time, day or night. That is {line.name}."
        elif line is not None:
            text = f"You can call {line.phone}. That is {line.name}. {text}"
    return _plain(text, "smalltalk", CAREFUL)


def redaction_notice(kinds: Iterable[str]) -> dict[str, Any]:
    """Return the line that tells a visitor what was left out of the message."""
    named = [_ARTICLE.get(kind, f"your {kind}") for kind in dict.fromkeys(kinds)]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return _plain(
        f"For your privacy I left out {listed}. It was not stored.", "smalltalk", "notice_redacted"
    )


_ARTICLE = {"name": "the name", "names": "the names"}


def _written(name: str, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        variation = load_responses()[name][0]
        metadata = variation.get("metadata") or {}
        message = dict(
            build_message(
                name,
                _fill(variation["text"], values),
                variation.get("buttons"),
                metadata,
                # a large file, which the greeting of a page that has just started does without
                _facts() if metadata.get("facts") else {},
                load_contacts(),
            )
        )
        if message["text"]:
            # Whatever the file says: the page and the statistics go by the kind.
            message["kind"] = kind
            if message["contact"] is None:
                message["contact"] = _contact(_LAST_WORDS[kind][1])
            return message
        _log.error("written answer is empty", answer=name)
    except Exception as error:  # a visitor in need must not pay for a broken file
        _log.error("written answer cannot be used", answer=name, error=type(error).__name__)
    text, contact = _LAST_WORDS[kind]
    message = _plain(_fill(text, values), kind, f"last_words_{kind}")
    message["contact"] = _contact(contact)
    return message


def _facts() -> Mapping[str, Fact]:
    try:
        return load_facts()
    except ContentError as error:
        _log.error("facts cannot be read", error=str(error))
        return {}


def _contact(contact_id: str) -> dict[str, Any]:
    contacts: Mapping[str, Contact] = load_contacts()
    return contact_dict(contacts.get(contact_id, contacts[NAVIGATOR_ID]))


def _fill(text: str, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def _plain(text: str, kind: str, answer: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "topic": None,
        "text": text,
        "links": [],
        "sources": [],
        "checked_on": None,
        "choices": [],
        "contact": None,
        "answer": answer,
    }
