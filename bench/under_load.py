"""The figures of one running bot: waits and messages a second, alone and among others."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable

from bench import load

Figures = dict[str, float]

WARM_UP_MESSAGES = 30
# visitors at once -> messages of each; each count is measured in every round
CROWDS = {1: 120, 16: 30, 64: 10}
SHARES = {"50": 0.5, "95": 0.95, "99": 0.99}
TURNS = (5, 50, 200)


def measure(
    bot: load.Bot, rounds: int, crowds: dict[int, int] | None = None, turns: bool = True
) -> Figures:
    """Let visitors talk with a bot.

    Args:
        bot: who answers.
        rounds: how often everything is measured; the figures are the medians.
        crowds: visitors at once -> messages of each; CROWDS if None.
        turns: whether the turns of one long conversation are measured too.

    Returns:
        `wait<percentile>_<visitors>` in milliseconds, `rate_<visitors>` in messages a second,
        `turn<number>` in milliseconds, `turns` (the last over the first), and `messages`, how many
        were sent.

    Raises:
        LoadError: a message was not answered.
    """
    crowds = CROWDS if crowds is None else crowds
    asyncio.run(load.visitors(bot, 1, WARM_UP_MESSAGES))
    seen: dict[int, list[load.Waits]] = {visitors: [] for visitors in crowds}
    for _ in range(rounds):
        for visitors, messages in crowds.items():
            seen[visitors].append(asyncio.run(load.visitors(bot, visitors, messages)))
    figures: Figures = {}
    for visitors, waits in seen.items():
        for name, share in SHARES.items():
            figures[f"wait{name}_{visitors}"] = _middle(waits, lambda w, s=share: w.percentile(s))  # type: ignore[misc]
        figures[f"rate_{visitors}"] = _middle(waits, lambda w: w.per_second)
    figures["messages"] = WARM_UP_MESSAGES + sum(
        len(waits.milliseconds) for each in seen.values() for waits in each
    )
    if turns:
        waits_of = asyncio.run(load.long_conversation(bot, TURNS))
        figures |= {f"turn{turn}": wait for turn, wait in waits_of.items()}
        figures["turns"] = waits_of[TURNS[-1]] / waits_of[TURNS[0]]
        figures["messages"] += TURNS[-1]
    return figures


def _middle(waits: list[load.Waits], figure: Callable[[load.Waits], float]) -> float:
    return statistics.median(figure(each) for each in waits)
