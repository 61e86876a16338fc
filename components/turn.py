"""What happened in the turn that is being handled, for whoever handles it.

Rasa hands the tracker of a turn to the tracker store only. The channel wants to tell which actions
ran and by which policy, and reading the conversation back from the database would cost more than
the rest of the turn's bookkeeping; so the store leaves the turn's events here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# Of the metadata of a visitor's message
KEY = "key"


@dataclass
class Turn:
    """The events since the visitor's last message, and the slots after them."""

    events: list[Event] = field(default_factory=list)
    slots: dict[str, object] = field(default_factory=dict)
    # As it was read from the store, so that it is read once
    tracker: DialogueStateTracker | None = None
    # Tells a message that comes again; "": none does
    key: str = ""

    def actions(self) -> list[ActionExecuted]:
        """Return the actions that ran, without listening."""
        return [
            event
            for event in self.events
            if isinstance(event, ActionExecuted) and event.action_name != "action_listen"
        ]


_current: ContextVar[Turn | None] = ContextVar("current_turn", default=None)


@contextmanager
def observed_turn(key: str = "") -> Iterator[Turn]:
    """Collect the turn that is handled inside the `with` block, of the message with this key."""
    turn = Turn(key=key)
    token = _current.set(turn)
    try:
        yield turn
    finally:
        _current.reset(token)


def report(tracker: DialogueStateTracker) -> None:
    """Tell the observer of the running turn, if there is one, what `tracker` holds."""
    turn = _current.get()
    if turn is not None:
        turn.tracker = None
        turn.events = since_last_message(list(tracker.events))
        turn.slots = tracker.current_slot_values()


def before_repeat(events: list[Event]) -> list[Event]:
    """Return a conversation as it was before the message that is being handled came first.

    A bot that was killed may have stored a turn whose answer nobody got.
    """
    turn = _current.get()
    if turn is not None and turn.key:
        for place, event in enumerate(events):
            if isinstance(event, UserUttered) and (event.metadata or {}).get(KEY) == turn.key:
                return events[:place]
    return events


def keep(tracker: DialogueStateTracker) -> None:
    """Keep what was read from the store for the rest of the running turn."""
    turn = _current.get()
    if turn is not None:
        turn.tracker = tracker


def tracker_of(sender_id: str) -> DialogueStateTracker | None:
    """Return the tracker of this conversation, if the running turn has read it."""
    turn = _current.get()
    if turn is None or turn.tracker is None or turn.tracker.sender_id != sender_id:
        return None
    return turn.tracker


def since_last_message(events: Sequence[Event]) -> list[Event]:
    """Return what came after the visitor's last message; nothing when there is none."""
    for place in range(len(events) - 1, -1, -1):
        if isinstance(events[place], UserUttered):
            return list(events[place + 1 :])
    return []
