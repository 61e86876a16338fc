"""The safety gate: does a message speak of a crisis, an emergency or abuse?

Pure functions on the standard library; the phrases are data and passed in. The chat process asks it
before the bot sees a message, the last pipeline component asks it again.
"""

from safety.gate import ALARM_KINDS, Alarm, assess
from safety.language import PhraseError
from safety.phrases import Phrases

__all__ = ["ALARM_KINDS", "Alarm", "PhraseError", "Phrases", "assess"]
