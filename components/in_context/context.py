"""What a conversation was about just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actions.conversation import ANSWER_KIND, Said, Turn
from content.message import topic_of
from content.treatment_answers import read_name

HAND_OFF_KIND = "handoff"
START_OVER = "start_over"
# After a failure the visitor is offered a person; nobody asked for one
NOT_ASKED_FOR = "utter_hand_off_after_failures"
# So many turns back an answer still is what "it" means
TURNS_BACK = 3


@dataclass(frozen=True)
class Context:
    """The last answer: its topic, and the treatments it was about. `topic` is None where nothing
    has been answered lately. `remembered`: has a treatment been spoken of,
    maybe some turns ago?
    """

    topic: str | None = None
    treatments: tuple[str, ...] = ()
    remembered: bool = False

    @property
    def exists(self) -> bool:
        """Whether there is an answer to go on from."""
        return self.topic is not None


def context_of(turns: Sequence[Turn], remembered: bool = False) -> Context:
    """Return what the last of these turns were about; the running turn is not among them.

    Args:
        turns: the conversation, oldest first.
        remembered: whether the conversation remembers a treatment.
    """
    for turn in reversed(turns[-TURNS_BACK:]):
        if turn.intent == START_OVER:
            break
        for said in reversed(turn.said):
            topic = topic_of_said(said)
            if topic is not None:
                return Context(topic, _treatments(said, turn), remembered)
    return Context()


def topic_of_said(said: Said) -> str | None:
    """Return the topic of a message that answers something, None for the others."""
    if said.kind not in (ANSWER_KIND, HAND_OFF_KIND) or said.answer == NOT_ASKED_FOR:
        return None
    return said.details.get("topic") or topic_of(said.answer)


def _treatments(said: Said, turn: Turn) -> tuple[str, ...]:
    named = read_name(said.answer)
    if named is not None:
        return tuple(named[0])
    treatment = turn.entity("treatment")
    return (treatment,) if treatment else ()
