"""What is added to the bot's answers last, or taken away: kind words, the other questions of a
message, and answers that nobody has signed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from actions.answers import answer, labels
from actions.conversation import Said, Turn
from components.channel_messages import message_from_response
from content.empathy import feeling_in, with_empathy
from content.message import Message
from content.reading import ContentError
from content.signoff import may_be_shown
from content.treatment_subject import listed
from safety import ALARM_KINDS

_log = logging.getLogger(__name__)


def finished(
    messages: Sequence[Message],
    typed: str,
    before: Sequence[Turn],
    also: Sequence[Mapping[str, Any]],
    signed_only: bool,
) -> list[Message]:
    """Return the messages as the visitor gets them; never fails.

    Args:
        messages: what the bot says.
        typed: what the visitor typed; empty for a choice.
        before: the turns before this one.
        also: the other questions of the message, as payloads of choices.
        signed_only: the setting REQUIRE_SIGNED_ANSWERS.
    """
    done = [_signed(message) if signed_only else message for message in messages]
    if typed:
        _add_kind_words(done[0], typed, before)
    if also and not any(message["kind"] in ALARM_KINDS for message in done):
        done.append(_also_asked(also))
    return done


def _signed(message: Message) -> Message:
    """Return the message, or who can help where nobody has signed it."""
    if may_be_shown(message["answer"], message["text"], require_signed=True):
        return message
    label = labels().get(message["topic"] or "")
    if label is None:
        return _message(answer("utter_hand_off"))
    return _message(answer("utter_hand_off_no_answer", label=label))


def _add_kind_words(message: Message, typed: str, before: Sequence[Turn]) -> None:
    try:
        if feeling_in(typed) is None:
            return
        so_far = sum(feeling_in(turn.text) is not None for turn in before)
        message["text"] = with_empathy(
            message["text"], message["answer"], message["kind"], typed, so_far
        )
    except ContentError as error:
        _log.error("answers go out without a kind word: %s", error)


def _also_asked(also: Sequence[Mapping[str, Any]]) -> Message:
    words = labels()
    named = [words[payload["intent"]] for payload in also]
    message = _message(answer("utter_also_asked", label=listed(named)))
    message["choices"] = [
        {
            "label": label,
            "payload": {"intent": payload["intent"], "entities": dict(payload["entities"])},
        }
        for label, payload in zip(named, also, strict=True)
    ]
    return message


def _message(said: Said) -> Message:
    return message_from_response(
        {"text": said.text, "buttons": said.buttons, "custom": said.details}
    )
