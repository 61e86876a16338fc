"""What a visitor is answered in the end."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from content.countries import Country
from helpline.chat import written
from helpline.chat.safety_answers import answer_name
from helpline.store.base import utc_now
from helpline.store.dates import rfc3339
from helpline.store.hidden_answers import is_hidden
from helpline.store.messages import spoken
from safety import ALARM_KINDS, Alarm

# Answers after a crisis that carry a line with the number to call.
CAREFUL_TURNS = 2


def compose(
    bot_messages: Sequence[dict[str, Any]],
    alarm: Alarm | None,
    redacted: Sequence[str],
    *,
    text: str = "",
    turns_since_crisis: int | None = None,
    country: Country | None = None,
) -> list[dict[str, Any]]:
    """Return the messages of an answer, the most important first; never none.

    Args:
        bot_messages: the bot's answer, empty where it gave none.
        alarm: what our own gate found. Its answer comes first, whatever the bot said.
        redacted: kinds of personal data that were left out; the visitor is told in a line.
        text: what the visitor wrote, redacted; it tells which answer to an alarm fits best.
        turns_since_crisis: turns since the conversation's last crisis, None without one.
        country: where the visitor is, None in the US and where it is not known.
    """
    messages = list(bot_messages)
    if alarm is not None and (not messages or messages[0]["kind"] != alarm.kind):
        answer = _alarm_answer(alarm.kind, alarm, text, country)
        if not messages:
            answer["choices"] = []  # the bot would have to answer them
            messages = [written.unavailable()]
        else:
            messages = [message for message in messages if message["kind"] in ALARM_KINDS]
        messages.insert(0, answer)
    elif messages and messages[0]["kind"] in ALARM_KINDS:
        messages[0] = _fitting(messages[0], alarm, text, country)
    if not messages:
        messages = [written.unavailable()]
    # An alarm and "unavailable" name the number themselves.
    if is_careful(turns_since_crisis) and messages[0]["kind"] not in (*ALARM_KINDS, "unavailable"):
        messages.append(written.careful_notice(country))
    if redacted:
        messages.append(written.redaction_notice(redacted))
    return messages


def is_careful(turns_since_crisis: int | None) -> bool:
    """Say whether a crisis was so lately that an answer carries the number to call."""
    return turns_since_crisis is not None and 0 < turns_since_crisis <= CAREFUL_TURNS


def without_hidden(
    messages: Sequence[dict[str, Any]], hidden: Collection[str]
) -> list[dict[str, Any]]:
    """Return the bot's messages with the hand-off, once, in place of those that staff have hidden.

    `answer` then tells staff what was hidden: "hidden/utter_what_is_spms".
    """
    kept: list[dict[str, Any]] = []
    handed_off = False
    for message in messages:
        if not is_hidden(message["answer"], hidden):
            kept.append(message)
        elif not handed_off:
            kept.append(written.hand_off(f"hidden/{message['answer']}"[:128]))
            handed_off = True
    return kept


def _fitting(
    message: dict[str, Any], alarm: Alarm | None, text: str, country: Country | None
) -> dict[str, Any]:
    """Return the bot's answer to an alarm, or a special one that we have and the bot does not."""
    kind = message["kind"]
    name = answer_name(kind, alarm.rule if alarm else None, text)
    if country is None and name in (f"utter_{kind}", message["answer"]):
        return message
    return _alarm_answer(kind, alarm, text, country)


def _alarm_answer(
    kind: str, alarm: Alarm | None, text: str, country: Country | None
) -> dict[str, Any]:
    if country is not None:
        return written.country_answer(kind, country)
    return written.alarm_answer(kind, answer_name(kind, alarm.rule if alarm else None, text))


def unstored(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as the API shows them, where the store could not keep them."""
    hidden = ("answer", "choices")
    return [
        {
            "id": secrets.token_hex(16),
            "from": "bot",
            "at": rfc3339(utc_now()),
            **{name: value for name, value in message.items() if name not in hidden},
            "choices": [],
            **spoken(message["answer"]),
        }
        for message in messages
    ]
