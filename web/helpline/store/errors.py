"""What a visitor's request can run into, in the words of the store."""

from __future__ import annotations


class ConversationUnknown(Exception):
    """No conversation has this token, or it was erased."""


class ConversationEnded(Exception):
    """The conversation's last message is too long ago to go on."""


class KeyReused(Exception):
    """The idempotency key was used for another request in this conversation."""


class ChoiceUnknown(Exception):
    """The choice was never offered in this conversation."""


class TurnTaken(Exception):
    """Another process took the turn over, because ours seemed to be dead."""


class MessageUnknown(Exception):
    """The conversation has no such message of the bot."""
