"""The end of a conversation as events: as much of it as is needed, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot


def recent_turns(events: Sequence[Event], turns: int, slots: Iterable[Slot]) -> Sequence[Event]:
    """Return the last `turns` turns, after a session start and the slots that were set before them.

    Args:
        events: the whole conversation; returned as it is when it has no more turns.
        turns: how many messages of the visitor are kept.
        slots: for their initial values.
    """
    messages = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(messages) <= turns:
        return events
    cut = messages[-turns]
    at = events[cut].timestamp
    initial = {slot.name: slot.initial_value for slot in slots}
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=events[0].timestamp),
        SessionStarted(timestamp=events[0].timestamp),
        *(
            SlotSet(name, value, timestamp=at)
            for name, value in _slots_after(events[:cut]).items()
            if value != initial.get(name)
        ),
        ActionExecuted(ACTION_LISTEN_NAME, timestamp=at),
        *events[cut:],
    ]


def _slots_after(events: Iterable[Event]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for event in events:
        if isinstance(event, SlotSet):
            values[event.key] = event.value
        elif isinstance(event, AllSlotsReset | Restarted):
            values.clear()
    return values
