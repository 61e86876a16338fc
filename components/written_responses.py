"""Choosing among the written variations of an answer."""

from __future__ import annotations

import copy
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


class WrittenResponses(TemplatedNaturalLanguageGenerator):
    """Says what was written, letter by letter, with variations taking turns.

    Rasa's own generator picks a variation by chance, so that a person can be told the same thing
    twice, and reads the braces in a button's payload as a slot to fill in, which fails with an
    error in the log at every answer.
    """

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Take the responses of `domain`; `endpoint_config` holds nothing for us."""
        super().__init__(domain.responses)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Return the next variation of `utter_action`, None when there is no such response."""
        if utter_action not in self.responses:
            return None
        variations = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, tracker.current_slot_values()
        )
        if not variations:
            return None
        before = sum(
            isinstance(event, BotUttered) and event.metadata.get("utter_action") == utter_action
            for event in tracker.events
        )
        said: dict[str, Any] = copy.deepcopy(variations[before % len(variations)])
        for button in said.get("buttons", ()):
            # Doubled in the file, as Rasa's own generator wants them
            button["payload"] = button["payload"].replace("{{", "{").replace("}}", "}")
        return said
