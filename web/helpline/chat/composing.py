"""What a visitor is answered in the end, and what staff will see of it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from content.countries import Country
from content.message import OTHER_LANGUAGE_ANSWER
from content.message import language_of as answer_language
from content.reading import ContentError
from content.treatments import load_treatments
from helpline.chat import written
from helpline.chat.safety_answers import answer_name
from helpline.store.base import utc_now
from helpline.store.dates import rfc3339
from helpline.store.hidden_answers import is_hidden
from helpline.store.messages import spoken
from helpline.store.models import ENGLISH, OTHER_LANGUAGE
from safety import ALARM_KINDS, Alarm

# Answers after a crisis that carry a line with the number to call.
CAREFUL_TURNS = 2
# Intents kept of the bot's ranking: staff choose among the best.
RANKED = 10
# An answer with a smaller lead over the second, or on a lower confidence, is looked at by staff. Of
# 669 answered messages of tests/nlu (2026-11-24) a fifth had a lead below .2, and half of these
# were wrong: 55 % of all that were. From .2 to .3 a quarter was wrong, above .3 one in fourteen.
# Confidence tells little where there is an answer at all: the bot asks back below .55, and only
# from there to .6 was half wrong. It counts where a model gives no lead.
UNSURE_MARGIN = 0.2
UNSURE_CONFIDENCE = 0.6

_FLAG_OF_KIND = {kind: kind for kind in ALARM_KINDS} | {
    "handoff": "handoff",
    "clarify": "not_understood",
    "unavailable": "error",
}


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


def flags_of(
    messages: Sequence[Mapping[str, Any]],
    understanding: Mapping[str, Any],
    alarm: Alarm | None,
    error: str | None,
) -> list[str]:
    """Return the flags of a turn, each once."""
    flags = [alarm.kind] if alarm else []
    safety = understanding.get("safety")
    if isinstance(safety, Mapping) and safety.get("kind") in ALARM_KINDS:
        flags.append(safety["kind"])
    flags += [
        _FLAG_OF_KIND[message["kind"]] for message in messages if message["kind"] in _FLAG_OF_KIND
    ]
    if understanding.get("intent") == "nlu_fallback":
        flags.append("not_understood")
    elif is_unsure(messages, understanding):
        flags.append("unsure")
    if error is not None:
        flags.append("error")
    return list(dict.fromkeys(flags))


def is_unsure(messages: Sequence[Mapping[str, Any]], understanding: Mapping[str, Any]) -> bool:
    """Say whether a typed question was answered on a weak understanding: staff look at these."""
    confidence = _number(understanding.get("confidence"))
    margin = _number(understanding.get("margin"))
    if messages[0]["kind"] != "answer" or confidence is None:
        return False
    return confidence < UNSURE_CONFIDENCE or (margin is not None and margin < UNSURE_MARGIN)


def language_of(
    messages: Sequence[Mapping[str, Any]], understanding: Mapping[str, Any]
) -> str | None:
    """Return the code of the language that the bot took a message for; None where it says none."""
    for message in messages:
        answer = str(message["answer"] or "")
        if answer.startswith(OTHER_LANGUAGE_ANSWER):
            return (answer_language(answer) or OTHER_LANGUAGE)[:8]
    return ENGLISH if understanding.get("intent") is not None else None


def treatment_of(
    messages: Sequence[Mapping[str, Any]], understanding: Mapping[str, Any]
) -> str | None:
    """Return the id of the treatment that was answered, or else asked about."""
    for message in messages:
        name, slash, _aspect = str(message["answer"] or "").partition("/")
        if slash:
            return name[:64]
    entities = understanding.get("entities")
    for entity in entities if isinstance(entities, list) else ():
        # Ids out of our own files, never a visitor's words.
        if _mapping(entity).get("entity") == "treatment" and _is_treatment(entity.get("value")):
            return str(entity["value"])[:64]
    return None


def _is_treatment(value: Any) -> bool:
    try:
        return isinstance(value, str) and value in load_treatments()
    except ContentError:
        return False


def understanding_columns(
    messages: Sequence[Mapping[str, Any]],
    understanding: Mapping[str, Any],
    alarm: Alarm | None,
    error: str | None,
    milliseconds: float,
) -> dict[str, Any]:
    """Return the columns of `Understanding` for what the bot told; a field of another form is None.

    Our own alarm stands before the bot's: it is the one that decided.
    """
    nearest = _mapping(understanding.get("nearest"))
    safety = _mapping(understanding.get("safety"))
    if alarm is not None:
        safety = {"kind": alarm.kind, "rule": alarm.rule}
    ranking = understanding.get("ranking")
    return {
        "language": language_of(messages, understanding),
        "treatment": treatment_of(messages, understanding),
        "intent": _text(understanding.get("intent"), 64),
        "confidence": _number(understanding.get("confidence")),
        "ranking": ranking[:RANKED] if isinstance(ranking, list) else None,
        "entities": _list(understanding.get("entities")),
        "actions": _list(understanding.get("actions")),
        "dialogue_topic": _text(understanding.get("topic"), 64),
        "nearest_text": _text(nearest.get("text"), 2000),
        "nearest_score": _number(nearest.get("score")),
        "margin": _number(understanding.get("margin")),
        "safety_kind": _text(safety.get("kind"), 16),
        "safety_rule": _text(safety.get("rule"), 128),
        "policy": _text(understanding.get("policy"), 128),
        "model": _text(understanding.get("model"), 128),
        "bot_milliseconds": _number(understanding.get("milliseconds")),
        "milliseconds": milliseconds,
        "error": error,
    }


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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, longest: int) -> str | None:
    return value.replace("\0", "")[:longest] if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None
