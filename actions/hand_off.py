"""Handing over to a person: the MS Navigator's phone and contact page."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import HAND_OFF_TOPIC, answer, as_hand_off, has_answer, labels, say
from actions.conversation import Said, Turn, turns_of

HOME_COUNTRY = "us"


def hand_off(turns: list[Turn]) -> Said:
    """Return whom to talk to, and why when it is for want of an answer."""
    now = turns[-1] if turns else Turn(intent=None)
    label = labels().get(now.intent or "")
    if now.intent != HAND_OFF_TOPIC and label and not has_answer(str(now.intent)):
        if not _is_offer_accepted(now):
            return _marked(answer("utter_hand_off_no_answer", turns, label=label))
    country = now.entity("country")
    if country and country != HOME_COUNTRY:
        return _marked(answer("utter_hand_off_outside_us", turns))
    return _marked(answer("utter_hand_off", turns))


def hand_off_after_failures(turns: list[Turn]) -> Said:
    """Return the offer of a person after the bot has failed twice in a row."""
    return _marked(answer("utter_hand_off_after_failures", turns))


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
        """Say it."""
        say(dispatcher, hand_off(turns_of(tracker.events)))
        return []
