"""The safety gate as the last component of the pipeline: it has the last word on the intent."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from content.safety_phrases import load_phrases
from safety import ALARM_KINDS, Phrases, assess

SAFETY = "safety"
# Below this the model has only named the least unlikely of its intents; the fallback asks back
# then, as for any other. Chosen by eye from look-alikes that had raised an alarm.
LEAST_SURE = 0.33


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyGate(GraphComponent, IntentClassifier):
    """Sets the intent crisis, emergency or abuse when the gate raises an alarm, or when the trained
    model thinks of it first and only the fallback stands between: whoever is in danger is not asked
    what they meant (unless the model had no idea at all, see LEAST_SURE).

    The chat process asks the same gate before it asks the bot; here it makes `rasa shell` and the
    tests behave alike, and guards every other way to the bot.
    """

    def __init__(self, phrases: Phrases) -> None:
        """Use these phrases."""
        self._phrases = phrases

    @classmethod
    def required_components(cls) -> list[type]:
        """Some classifier stands before it."""
        return [IntentClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyGate:
        """Read the phrases (see GraphComponent).

        Raises:
            ContentError: the phrases cannot be used; a bot without its gate must not start.
        """
        return cls(load_phrases())

    def process(self, messages: list[Message]) -> list[Message]:
        """Ask the gate about each message; `safety` is {"kind", "rule"} or None."""
        for message in messages:
            alarm = assess(message.get(TEXT) or "", self._phrases)
            told = None if alarm is None else {"kind": alarm.kind, "rule": alarm.rule}
            message.set(SAFETY, told, add_to_output=True)
            if alarm is not None:
                _decide(message, {"name": alarm.kind, "confidence": 1.0})
            elif guess := _guess_behind_fallback(message):
                _decide(message, guess)
        return messages


def _guess_behind_fallback(message: Message) -> dict[str, Any] | None:
    """Return the model's first guess where it is an alarm that the fallback took back."""
    if (message.get(INTENT) or {}).get("name") != FALLBACK:
        return None
    guesses = [each for each in message.get(INTENT_RANKING_KEY) or [] if each["name"] != FALLBACK]
    if not guesses or guesses[0]["confidence"] < LEAST_SURE:
        return None
    return guesses[0] if guesses[0]["name"] in ALARM_KINDS else None


def _decide(message: Message, intent: dict[str, Any]) -> None:
    others = [
        each
        for each in message.get(INTENT_RANKING_KEY) or []
        if each["name"] not in (intent["name"], FALLBACK)
    ]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
