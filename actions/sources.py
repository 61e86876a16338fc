""" "Where does this come from?": the sources of the answer before."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer, say
from actions.conversation import Said, Turn, turns_of


def sources(turns: list[Turn]) -> Said:
    """Return how answers are sourced, carrying the facts of the last answer that named some.

    The channel turns the facts into sources and the day they were last checked.
    """
    said = answer("utter_sources", turns)
    for turn in reversed(turns):
        for earlier in reversed(turn.said):
            if earlier.details.get("facts") and earlier.kind == "answer":
                said.details["facts"] = earlier.details["facts"]
                return said
    return said


class ActionShowSources(Action):
    """Shows the sources of the answer before."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_show_sources"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it."""
        say(dispatcher, sources(turns_of(tracker.events)))
        return []
