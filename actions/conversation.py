"""The conversation so far, read from the events that Rasa sends with every action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Actions that say "I did not understand" in one way or another
FAILURE_ACTIONS = frozenset({"action_clarify", "action_out_of_scope"})
CLARIFY_ACTION = "action_clarify"
DECLINE_ACTION = "action_decline"
CLARIFY_KIND = "clarify"
ANSWER_KIND = "answer"


@dataclass
class Said:
    """A message of the bot. `details` holds what stands beside the text: `kind`, `contact`,
    `facts`, `topic`, and `answer`, the name of the response.
    """

    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str | None:
        """The name of the response, None when an action wrote the text itself."""
        return self.details.get("answer")

    @property
    def kind(self) -> str:
        """The kind of message; "answer" where nothing is said about it."""
        return str(self.details.get("kind", ANSWER_KIND))


@dataclass
class Turn:
    """What the visitor meant and what was done about it. `context` holds what the channel found
    out from the conversation (see `components.in_context`); `text` is what was typed.
    """

    intent: str | None
    entities: list[Mapping[str, Any]] = field(default_factory=list)
    ranking: list[Mapping[str, Any]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    text: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)

    def entity(self, name: str) -> str | None:
        """Return the value of the last entity `name` of the message, None without one."""
        values = [each.get("value") for each in self.entities if each.get("entity") == name]
        return str(values[-1]) if values and values[-1] is not None else None

    @property
    def asked_back(self) -> bool:
        """Whether the bot asked what the visitor meant."""
        return any(said.kind == CLARIFY_KIND for said in self.said)


def turns_of(events: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """Return the turns of a conversation, the running one last; it has no actions yet."""
    turns: list[Turn] = []
    for event in events:
        kind = event.get("event")
        if kind == "user":
            parsed = event.get("parse_data") or {}
            turns.append(
                Turn(
                    intent=(parsed.get("intent") or {}).get("name"),
                    entities=list(parsed.get("entities") or ()),
                    ranking=list(parsed.get("intent_ranking") or ()),
                    text=str(event.get("text") or ""),
                    context=parsed.get("context") or {},
                )
            )
        elif kind == "restart":
            turns.clear()
        elif turns and kind == "action" and event.get("name") != "action_listen":
            turns[-1].actions.append(str(event.get("name")))
        elif turns and kind == "bot":
            turns[-1].said.append(_said(event))
    return turns


def _said(event: Mapping[str, Any]) -> Said:
    data, metadata = event.get("data") or {}, event.get("metadata") or {}
    details = {**(metadata.get("metadata") or {}), **(data.get("custom") or {})}
    details.setdefault("answer", metadata.get("utter_action"))
    return Said(event.get("text") or "", list(data.get("buttons") or ()), details)


def failures_before(turns: list[Turn]) -> int:
    """Return how many turns in a row, before the running one, the bot did not understand.

    All kinds count: asked back, out of scope, and a "no" to what was asked back.
    """
    count = 0
    for place in range(len(turns) - 2, -1, -1):
        if not _failed(turns, place):
            break
        count += 1
    return count


def _failed(turns: list[Turn], place: int) -> bool:
    actions = turns[place].actions
    if FAILURE_ACTIONS.intersection(actions):
        # Asking back may end in an answer after all, about the treatment spoken of
        return not any(said.kind == ANSWER_KIND for said in turns[place].said)
    return DECLINE_ACTION in actions and place > 0 and turns[place - 1].asked_back
