"""What staff will see of a turn: its flags, and how the message was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from content.message import OTHER_LANGUAGE_ANSWER
from content.message import language_of as answer_language
from content.reading import ContentError
from content.treatments import load_treatments
from helpline.store.models import ENGLISH, OTHER_LANGUAGE
from safety import ALARM_KINDS, Alarm

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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, longest: int) -> str | None:
    return value.replace("\0", "")[:longest] if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _list(value: Any) -> list[Any] | None:
    return value if isinstance(value, list) else None
