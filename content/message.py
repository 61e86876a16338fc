"""The message that a visitor sees, built from an answer and the facts it rests on."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from content.contacts import LAST_RESORT, Contact, contact_dict
from content.facts import Fact, checked_on, sources_of
from content.reading import ContentError, as_mapping
from content.responses import Payload, parse_payload
from content.topics import load_topics

KINDS = (
    "greeting",
    "answer",
    "clarify",
    "handoff",
    "crisis",
    "emergency",
    "abuse",
    "personal_advice",
    "out_of_scope",
    "smalltalk",
    "unavailable",
)
RESPONSE_PREFIX = "utter_"
PERSON = "contact_navigator_support"
OTHER_LANGUAGE_ANSWER = "utter_other_language"

_log = logging.getLogger(__name__)


class Choice(TypedDict):
    """A choice as the bot hands it to the chat process, which gives it an id of its own."""

    label: str
    payload: Payload


# "from" and "for" are Python keywords, hence the functional form
Message = TypedDict(
    "Message",
    {
        "from": str,
        "kind": str,
        "topic": str | None,
        "text": str,
        "links": list[dict[str, str]],
        "sources": list[dict[str, Any]],
        "checked_on": str | None,
        "choices": list[Choice],
        "contact": dict[str, Any] | None,
        "answer": str | None,
    },
)


@functools.cache
def _tell_once(problem: str) -> None:
    """Log it, though not for each of a day's thousands of messages."""
    _log.error("topics cannot be read, answers go out without theirs: %s", problem)


def topic_of(response_name: str | None, topics: Iterable[str] | None = None) -> str | None:
    """Return the topic of `utter_<topic>` or `utter_<topic>_<variant>`, or None.

    Where two topics fit, the longer name wins (`utter_symptom_pain_face` is about `symptom_pain`).
    """
    if response_name is None or not response_name.startswith(RESPONSE_PREFIX):
        return None
    name = response_name.removeprefix(RESPONSE_PREFIX)
    if topics is None:
        try:
            topics = load_topics()
        except ContentError as error:
            # The answer itself is still right; it only cannot say what it is about
            _tell_once(str(error))
            return None
    fitting = [topic for topic in topics if name == topic or name.startswith(f"{topic}_")]
    return max(fitting, key=len, default=None)


def language_of(answer: str | None) -> str | None:
    """Return the code of the language that an answer is written in, None for English.

    The answer in several languages at once counts as English, as its contact card does.
    """
    name, _, code = (answer or "").partition(f"{OTHER_LANGUAGE_ANSWER}_")
    return code if code and not name else None


def build_message(
    response_name: str | None,
    text: str | None,
    buttons: Iterable[Mapping[str, Any]] | None,
    metadata: Mapping[str, Any] | None,
    facts: Mapping[str, Fact],
    contacts: Mapping[str, Contact],
) -> Message:
    """Build the message for one answer; what cannot be used is left out and logged.

    Args:
        response_name: name of the answer, `utter_<topic>`; None when an action wrote the text.
        text: what the visitor reads.
        buttons: Rasa's buttons, {"title", "payload"}.
        metadata: `facts` (ids), `kind`, `topic`, `contact` (id), `links` ({"label", "url"}) and
            `answer`, each optional.
        facts: all facts by id.
        contacts: all contacts by id.

    Returns:
        The message without `id` and `at`, which the chat process adds.
    """
    given = as_mapping(metadata)
    shown = _shown_facts(response_name, given.get("facts") or (), facts)
    kind = given.get("kind", "answer")
    if kind not in KINDS:
        _log.error("answer %s has the unknown kind %r", response_name, kind)
        kind = "answer"
    contact_id = given.get("contact")
    contact = None
    if contact_id is not None:
        # Whoever should have seen a number sees one, even if the entry has gone missing
        contact = contact_dict(contacts.get(contact_id, LAST_RESORT))
    return {
        "from": "bot",
        "kind": kind,
        "topic": given.get("topic") or topic_of(given.get("answer") or response_name),
        "text": (text or "").strip(),
        "links": [
            {"label": str(link["label"]), "url": str(link["url"])}
            for link in given.get("links") or ()
        ],
        "sources": sources_of(shown),
        "checked_on": checked_on(shown),
        "choices": _with_a_person(kind, list(_choices(response_name, buttons or ()))),
        "contact": contact,
        "answer": given.get("answer") or response_name,
    }


def _with_a_person(kind: str, choices: list[Choice]) -> list[Choice]:
    """Under every answer a person is one choice away."""
    offered = any(choice["payload"]["intent"] == PERSON for choice in choices)
    if kind != "answer" or offered:
        return choices
    label = load_topics()[PERSON].label
    return [*choices, Choice(label=label, payload=Payload(intent=PERSON, entities={}))]


def _shown_facts(name: str | None, ids: Iterable[str], facts: Mapping[str, Fact]) -> list[Fact]:
    shown = []
    for fact_id in ids:
        fact = facts.get(fact_id)
        if fact is None or not fact.may_be_shown:
            _log.error("answer %s rests on the fact %r, which cannot be shown", name, fact_id)
        else:
            shown.append(fact)
    return shown


def _choices(name: str | None, buttons: Iterable[Mapping[str, Any]]) -> Iterable[Choice]:
    for button in buttons:
        try:
            payload = parse_payload(str(button["payload"]))
            yield Choice(label=str(button["title"]), payload=payload)
        except (KeyError, ValueError) as error:
            _log.error("answer %s has a choice that cannot be used: %s", name, error)
