"""Rasa's log lines without copies of what they tell.

Rasa copies states, events and slots for lines at level "debug" before it is known whether anybody
wants to read them: a thirtieth of a message's time.
"""

from __future__ import annotations

from typing import Any

from rasa.core import processor
from rasa.core.policies import memoization, rule_policy

# They copy for nothing else, which a test looks after
MODULES = (processor, memoization, rule_policy)


class Uncopied:
    """Takes the place of Python's module `copy`."""

    @staticmethod
    def deepcopy(value: Any) -> Any:
        """Return the value itself: a log line reads it and is done."""
        return value


def install() -> None:
    """Let this process log so."""
    for module in MODULES:
        module.copy = Uncopied
