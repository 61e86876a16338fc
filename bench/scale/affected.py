"""For how long a fault was felt, read from what visitors saw."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Sequence

from bench.scale.visitors import Attempt, Talk


@dataclasses.dataclass(frozen=True)
class Affected:
    """What a fault did to visitors."""

    # Seconds between the first and the last request that brought no answer; 0: nobody noticed
    seconds: float
    # Requests by what came back, see `Attempt`
    outcomes: dict[str, int]
    # Longest time between sending a message and an answer or a number to call, in seconds
    longest_wait: float
    messages: int
    # What brought no answer, and how often
    details: dict[str, int]

    def __str__(self) -> str:
        """Say it in one line."""
        seen = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        return (
            f"visitors were affected for {self.seconds:.1f} s; {self.messages} messages, each had "
            f"an answer or the number within {self.longest_wait:.1f} s; requests: {seen}"
            + (f"; {self.details}" if self.details else "")
        )


def affected(attempts: Sequence[Attempt], talks: Sequence[Talk]) -> Affected:
    """Sum up what a crowd saw."""
    bad = [each for each in attempts if each.outcome != "answer"]
    sent = [each for talk in talks for each in talk.sent]
    waits = [each.first_help for each in sent if each.first_help is not None]
    return Affected(
        seconds=max(each.ended for each in bad) - min(each.begun for each in bad) if bad else 0.0,
        outcomes=dict(collections.Counter(each.outcome for each in attempts)),
        longest_wait=max(waits, default=0.0),
        messages=len(sent),
        details=dict(collections.Counter(f"{each.outcome}: {each.detail}" for each in bad)),
    )
