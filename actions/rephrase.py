""" "Simpler, please": the answer before in simpler words, where it has them."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer, say
from actions.conversation import Said, Turn, turns_of
from content.message import RESPONSE_PREFIX, topic_of
from content.reading import ContentError
from content.responses import load_responses

SIMPLE = "_simple"


def simpler(turns: list[Turn]) -> Said:
    """Return simpler words for the last answer about a topic; otherwise what can be done."""
    for turn in reversed(turns):
        for earlier in reversed(turn.said):
            topic = topic_of(earlier.answer)
            if topic is not None and earlier.kind == "answer":
                name = f"{RESPONSE_PREFIX}{topic}{SIMPLE}"
                return answer(name if _is_written(name) else "utter_rephrase", turns)
    return answer("utter_rephrase", turns)


def _is_written(name: str) -> bool:
    try:
        return name in load_responses()
    except ContentError:
        return False


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
