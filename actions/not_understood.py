"""When the bot is not sure: asking back, saying that something is outside, and giving up in time.

Whatever the kind of failure, the second in a row offers a person.
"""

from __future__ import annotations

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer, labels, say
from actions.conversation import DECLINE_ACTION, Said, Turn, failures_before, turns_of
from actions.hand_off import HAND_OFF_KIND, hand_off, hand_off_after_failures
from actions.languages import other_language
from actions.treatment import ENTITY as TREATMENT_SLOT
from actions.treatment import follow_up

MOST_CHOICES = 3
# A topic is offered when its score is at least this, and at least this share of the best one's.
# Below, choices would be guesses that only waste a tired person's time.
LOWEST_SCORE = 0.25
SHARE_OF_BEST = 0.6
SOMETHING_ELSE = {"title": "Something else", "payload": "/deny"}


def clarify(turns: list[Turn]) -> Said:
    """Return the question back, best guess first; a person after the second failure in a row."""
    if not turns:
        return answer("utter_clarify_open")
    now, before = turns[-1], turns[-2] if len(turns) > 1 else None
    if now.intent == "affirm" and before is not None:
        return _accepted(turns, before)
    if failures_before(turns):
        return hand_off_after_failures(turns)
    choices = choices_for(now)
    if not choices:
        return answer("utter_clarify_open", turns)
    return _with_choices(turns, [*choices, SOMETHING_ELSE])


def _accepted(turns: list[Turn], before: Turn) -> Said:
    """Return what a "yes" to the turn before leads to."""
    if before.asked_back:
        # A list of choices: show it again, the visitor is nearly there
        return _with_choices(turns, before.said[-1].buttons)
    if any(said.kind == HAND_OFF_KIND for said in before.said):
        return hand_off(turns)
    return answer("utter_affirm", turns)


def _with_choices(turns: list[Turn], choices: list[dict[str, str]]) -> Said:
    said = answer("utter_clarify", turns)
    said.buttons = choices + said.buttons
    return said


def choices_for(turn: Turn) -> list[dict[str, str]]:
    """Return the topics that the message may be about as buttons, best first.

    Only intents with words for a choice are offered, and a treatment that was named goes along.
    """
    words = labels()
    offered: list[dict[str, str]] = []
    best: float | None = None
    for guess in turn.ranking:
        score = float(guess.get("confidence") or 0.0)
        best = score if best is None and guess.get("name") != "nlu_fallback" else best
        title = words.get(str(guess.get("name")))
        if title and best is not None and score >= max(LOWEST_SCORE, SHARE_OF_BEST * best):
            offered.append({"title": title, "payload": _payload(str(guess["name"]), turn)})
    return offered[:MOST_CHOICES]


def _payload(intent: str, turn: Turn) -> str:
    treatment = turn.entity("treatment")
    return f"/{intent}" + (json.dumps({"treatment": treatment}) if treatment else "")


def out_of_scope(turns: list[Turn]) -> Said:
    """Return that the question is outside; a person after the second failure in a row."""
    if failures_before(turns):
        return hand_off_after_failures(turns)
    return answer("utter_out_of_scope", turns)


def decline(turns: list[Turn]) -> Said:
    """Return the reply to a "no", which is a failure after a question back, otherwise small talk.

    "Something else" leads on once; where it was not the first failure, a person is offered.
    """
    if len(turns) > 1 and turns[-2].asked_back:
        first = failures_before(turns) <= 1 and turns[-2].actions != [DECLINE_ACTION]
        return answer("utter_something_else", turns) if first else hand_off_after_failures(turns)
    return answer("utter_deny", turns)


class ActionClarify(Action):
    """Asks back."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_clarify"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it; a follow-up about the treatment spoken of is answered all the same."""
        turns = turns_of(tracker.events)
        text = str(tracker.latest_message.get("text") or "")
        foreign = bool(turns) and turns[-1].context.get("other_language")
        reply = None if foreign else follow_up(turns, text, tracker.get_slot(TREATMENT_SLOT))
        if language := None if reply else other_language(text):
            say(dispatcher, answer(language, turns))
        else:
            say(dispatcher, reply.said if reply else clarify(turns))
        return reply.events() if reply else []


class ActionOutOfScope(Action):
    """Says that a question is outside."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_out_of_scope"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it; in another language, that only English is understood."""
        turns = turns_of(tracker.events)
        language = other_language(str(tracker.latest_message.get("text") or ""))
        say(dispatcher, answer(language, turns) if language else out_of_scope(turns))
        return []


class ActionDecline(Action):
    """Replies to a "no"."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_decline"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it."""
        say(dispatcher, decline(turns_of(tracker.events)))
        return []
