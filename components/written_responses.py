"""Choosing among the written variations of an answer, and going on to its second part."""

from __future__ import annotations

import copy
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from components.in_context.follow_up import next_answer
from content.message import topic_of
from content.topics import load_topics

NO_DETAIL = "utter_no_detail"
MORE = "/affirm"
PERSON = "/contact_navigator_support"
MOST_CHOICES = 2


class WrittenResponses(TemplatedNaturalLanguageGenerator):
    """Says what was written, letter by letter, with variations taking turns.

    Rasa's own generator picks a variation by chance, so that a person can be told the same thing
    twice, and reads the braces in a button's payload as a slot to fill in, which fails with an
    error in the log at every answer. A question that goes on from an answer gets its second part,
    or is told that this is all, and not the same words again.
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
        message = tracker.latest_message
        context = (message.parse_data or {}).get("context", {}) if message is not None else {}
        name: str | None = utter_action
        if context:
            texts = {each: self._plain_text(each) for each in self.responses}
            typed = (message.text or "") if message is not None else ""
            name = next_answer(utter_action, typed, context, _said(tracker), texts)
        if name is None:
            return self._no_detail(utter_action, tracker, output_channel)
        said = self._variation(name, tracker, output_channel)
        if said is not None and name != utter_action:
            said["metadata"] = {**said.get("metadata", {}), "answer": name}
        return said

    def _plain_text(self, name: str) -> str:
        return str(self.responses[name][0].get("text", ""))

    def _variation(
        self, name: str, tracker: DialogueStateTracker, output_channel: str
    ) -> dict[str, Any] | None:
        variations = ResponseVariationFilter(self.responses).responses_for_utter_action(
            name, output_channel, tracker.current_slot_values()
        )
        if not variations:
            return None
        before = _said(tracker).count(name)
        said: dict[str, Any] = copy.deepcopy(variations[before % len(variations)])
        for button in said.get("buttons", ()):
            # Doubled in the file, as Rasa's own generator wants them
            button["payload"] = button["payload"].replace("{{", "{").replace("}}", "}")
        return said

    def _no_detail(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str
    ) -> dict[str, Any] | None:
        """Return that there is no more on this topic, with the choices of its answer."""
        said = self._variation(NO_DETAIL, tracker, output_channel)
        answer = self._variation(utter_action, tracker, output_channel)
        topic = topic_of(utter_action)
        if said is None or answer is None or topic is None:
            return answer
        said["text"] = said["text"].replace("{label}", load_topics()[topic].label)
        on = [
            button
            for button in answer.get("buttons", ())
            if button["payload"] not in (MORE, PERSON)
        ]
        said["buttons"] = [*on[:MOST_CHOICES], *said.get("buttons", ())]
        said["metadata"] = {**said["metadata"], "topic": topic, "answer": NO_DETAIL}
        return said


def _said(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the answers so far, oldest first."""
    names = []
    for event in tracker.events:
        if isinstance(event, BotUttered):
            written = (event.metadata.get("metadata") or {}).get("answer")
            names.append(written or event.metadata.get("utter_action") or "")
    return names
