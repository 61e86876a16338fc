"""Handing over to a person: whom, what they can do in this case, what to have ready."""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import HAND_OFF_TOPIC, answer, as_hand_off, has_answer, is_written, labels, say
from actions.conversation import ANSWER_KIND, Said, Turn, turns_of
from content.message import topic_of
from content.reading import ContentError
from content.summary import TAKE_ALONG, take_along
from content.topics import load_topics
from safety import ALARM_KINDS

HOME_COUNTRY = "us"
HAND_OFF_KIND = "handoff"
ADVICE_KIND = "personal_advice"
# How many turns back still decide what kind of help fits
TURNS_BACK = 3
GENERAL = "utter_hand_off"
URGENT = "utter_hand_off_urgent"
ABROAD = "utter_hand_off_outside_us"
SUPPORT_GROUPS = "utter_support_groups"

_GROUPS = re.compile(
    r"\b(?:groups?|meet ?ups?|forums?|budd(?:y|ies)|others? (?:like me|with (?:ms|spms))|"
    r"other (?:carers|caregivers|people|patients|partners|families))\b"
)
# Who asks about a country is not always there
_LIVES_THERE = re.compile(r"\b(?:live|living|from|here|i'?m|i am|we'?re|we are|writing|based)\b")
# About the Navigators themselves: how to reach them, when, and what they do
_ABOUT_THEM = re.compile(
    r"\b(?:open|hours|weekends?|e-?mail|write|chat|free|cost|language|navigators?|who are)\b"
)

_log = logging.getLogger(__name__)


def hand_off(turns: list[Turn]) -> Said:
    """Return whom to talk to, and why when it is for want of an answer."""
    now = turns[-1] if turns else Turn(intent=None)
    label = labels().get(now.intent or "")
    if now.intent != HAND_OFF_TOPIC and label and not has_answer(str(now.intent)):
        if not _is_offer_accepted(now):
            return _marked(answer("utter_hand_off_no_answer", turns, label=label))
    country = _country(turns)
    if country != HOME_COUNTRY:
        own = f"{GENERAL}_{country}"
        return _marked(answer(own if is_written(own) else ABROAD, turns))
    before = turns[-1 - TURNS_BACK : -1]
    if any(said.kind in ALARM_KINDS for turn in before for said in turn.said):
        return _marked(answer(URGENT, turns))
    if _GROUPS.search(now.text.lower()):
        return answer(SUPPORT_GROUPS, turns)
    return _marked(answer(_fitting(now, before), turns))


def hand_off_after_failures(turns: list[Turn]) -> Said:
    """Return the offer of a person after the bot has failed twice in a row."""
    return _marked(answer("utter_hand_off_after_failures", turns))


def summary(turns: list[Turn], said: Said) -> Said | None:
    """Return what was asked about, to copy and take along to the person.

    Args:
        turns: the conversation so far, the running turn last.
        said: the hand-off.

    Returns:
        The summary; None where nothing was asked about, where it has just been given, and in an
        emergency.
    """
    before = turns[:-1]
    if before and any(one.answer == TAKE_ALONG for one in before[-1].said):
        return None
    if said.kind != HAND_OFF_KIND or said.answer == URGENT:
        return None
    try:
        text = take_along(one.answer for turn in before for one in turn.said)
    except ContentError as error:
        _log.error("there is no summary to take along: %s", error)
        return None
    details = {"kind": "smalltalk", "answer": TAKE_ALONG}
    return Said(text, [], details) if text else None


def _country(turns: list[Turn]) -> str:
    """Return the country that a visitor seems to be in."""
    for turn in reversed(turns):
        country = turn.entity("country")
        if country and (turn.intent == HAND_OFF_TOPIC or _LIVES_THERE.search(turn.text.lower())):
            return country
    return HOME_COUNTRY


def _fitting(now: Turn, before: list[Turn]) -> str:
    """Return the hand-off for what was talked about; the general one for questions about it."""
    if _ABOUT_THEM.search(now.text.lower()):
        return GENERAL
    for turn in reversed(before):
        for said in reversed(turn.said):
            if said.kind == HAND_OFF_KIND:
                return GENERAL
            if said.kind == ADVICE_KIND:
                return f"{GENERAL}_treatment"
            topic = said.details.get("topic") or topic_of(said.answer)
            if said.kind == ANSWER_KIND and topic is not None:
                return next(filter(is_written, _names_for(str(topic))), GENERAL)
    return GENERAL


def _names_for(topic: str) -> list[str]:
    """Return the hand-offs that fit a topic, the closest first: its own, and that of its group."""
    try:
        found = load_topics().get(topic)
    except ContentError:
        return []
    return [f"{GENERAL}_{topic}", f"{GENERAL}_{found.group}"] if found else []


def _is_offer_accepted(turn: Turn) -> bool:
    return turn.intent == "affirm"


def _marked(said: Said) -> Said:
    return Said(said.text, said.buttons, as_hand_off(said.details))


class ActionHandOff(Action):
    """Offers a person."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_hand_off"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it, and what was asked about."""
        turns = turns_of(tracker.events)
        said = hand_off(turns)
        say(dispatcher, said)
        if (along := summary(turns, said)) is not None:
            say(dispatcher, along)
        return []
