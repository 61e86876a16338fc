""" "Simpler, please": the answer before in simpler words, where it has them."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer, as_hand_off, is_written, say
from actions.conversation import Said, Turn, turns_of
from actions.treatment import simpler_treatment
from content.message import RESPONSE_PREFIX, topic_of

SIMPLE = "_simple"
# Kinds with simpler words of their own, whichever of their answers was given
OF_KIND = {
    "personal_advice": "utter_personal_medical_advice_simple",
    "handoff": "utter_hand_off_simple",
}


def simpler(turns: list[Turn]) -> Said:
    """Return simpler words for the last answer; otherwise what can be done."""
    for turn in reversed(turns):
        for earlier in reversed(turn.said):
            said = _simpler(earlier, turns)
            if said is not None:
                return said
    return answer("utter_rephrase", turns)


def _simpler(earlier: Said, turns: list[Turn]) -> Said | None:
    """Return an answer in simpler words; None for small talk, which has none."""
    if earlier.kind in OF_KIND:
        said = answer(OF_KIND[earlier.kind], turns)
        if earlier.kind == "handoff":
            said.details = {**as_hand_off(said.details), **_contact_of(earlier)}
        return said
    if earlier.kind != "answer":
        return None
    if (about_treatment := simpler_treatment(earlier)) is not None:
        return about_treatment
    topic = earlier.details.get("topic") or topic_of(earlier.answer)
    name = f"{RESPONSE_PREFIX}{topic}{SIMPLE}"
    # Those that asked twice are asked which part is hard
    return answer(name if is_written(name) and earlier.answer != name else "utter_rephrase", turns)


def _contact_of(said: Said) -> dict[str, Any]:
    contact = said.details.get("contact")
    return {"contact": contact} if contact else {}


class ActionRephrase(Action):
    """Says the answer before in simpler words."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_rephrase"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it."""
        say(dispatcher, simpler(turns_of(tracker.events)))
        return []
