"""`make bench`: our helpline beside Rasa's stock starter bot, in one run, as one table."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import load, machine, stock
from scripts.processes import NAMES, RunningHelpline, running_helpline
from scripts.setup import ENVIRONMENTS

ROUNDS = 3
Figures = dict[str, float]
ROWS: dict[str, tuple[str, str]] = {
    "ready": ("ready to answer after start, s", "{:.1f}"),
    "page": ("chat page answers after start, s", "{:.2f}"),
    "memory": ("memory of all processes, MB", "{:.0f}"),
    "memory_bot": ("memory of the bot's server alone, MB", "{:.0f}"),
    "disk": ("environments on disk, MB", "{:.0f}"),
    "median": ("one visitor, median wait, ms", "{:.1f}"),
    "p95": ("one visitor, 95 of 100 wait at most, ms", "{:.1f}"),
    "turn5": ("turn 5 of one conversation, ms", "{:.1f}"),
    "turn200": ("turn 200 of the same conversation, ms", "{:.1f}"),
    "turns": ("turn 200 over turn 5", "{:.2f}"),
    "rate16": ("16 visitors at once, messages a second", "{:.0f}"),
    "p95_16": ("16 visitors at once, 95 of 100 wait at most, ms", "{:.0f}"),
}


def _under_load(bot: load.Bot) -> Figures:
    asyncio.run(load.visitors(bot, 1, 30))  # warm-up
    alone, crowd = [], []
    for _ in range(ROUNDS):
        alone.append(asyncio.run(load.visitors(bot, 1, 120)))
        crowd.append(asyncio.run(load.visitors(bot, 16, 30)))
    turns = asyncio.run(load.long_conversation(bot, (5, 200)))

    def middle(figure: Callable[[load.Waits], float], waits: list[load.Waits]) -> float:
        return statistics.median(figure(each) for each in waits)

    return {
        "median": middle(lambda w: w.percentile(0.5), alone),
        "p95": middle(lambda w: w.percentile(0.95), alone),
        "rate16": middle(lambda w: w.per_second, crowd),
        "p95_16": middle(lambda w: w.percentile(0.95), crowd),
        "turn5": turns[5],
        "turn200": turns[200],
        "turns": turns[200] / turns[5],
    }


def measure_stock() -> Figures:
    """Figures of the starter bot."""
    stock.set_up()
    with stock.running() as server:
        figures = _under_load(load.StockBot(server.url))
        memory = machine.memory_megabytes(server.pid)
        return figures | {
            "ready": server.ready_seconds,
            "memory": memory,
            "memory_bot": memory,
            "disk": machine.disk_megabytes(stock.disk_folder()),
        }


def _started(helpline: RunningHelpline, names: tuple[str, ...]) -> float:
    started = time.perf_counter()
    for name in names:
        helpline.start(name, wait=False)
    for name in names:
        helpline.wait_ready(name)
    return time.perf_counter() - started


def measure_helpline() -> Figures:
    """Figures of our helpline with one process of each kind."""
    with running_helpline((), {"RATE_LIMITS": "false"}) as helpline:
        page = _started(helpline, ("chat",))
        ready = _started(helpline, ("bot",))
        _started(helpline, ("actions", "staff"))
        figures = _under_load(load.HelplineBot(helpline.chat_url))
        memory = {name: machine.memory_megabytes(helpline.pid(name)) for name in NAMES}
        return figures | {
            "ready": ready,
            "page": page,
            "memory": sum(memory.values()),
            "memory_bot": memory["bot"],
            "disk": machine.disk_megabytes(ENVIRONMENTS / "bot", ENVIRONMENTS / "web"),
        }


def table(ours: Figures, theirs: Figures) -> str:
    """Lay the figures out side by side, with the ratio of ours to theirs."""
    lines = ["| | SPMS Helpline | stock starter bot | ratio |", "| --- | --- | --- | --- |"]
    for key, (label, form) in ROWS.items():
        cells: list[Any] = [form.format(f[key]) if key in f else "–" for f in (ours, theirs)]
        both = key in ours and key in theirs
        ratio = f"{ours[key] / theirs[key]:.2f}" if both else "–"
        lines.append(f"| {label} | {cells[0]} | {cells[1]} | {ratio} |")
    return "\n".join(lines)


def main() -> int:
    """Measure both and print the table."""
    print(f"[bench] {machine.describe()}", flush=True)
    print("[bench] measuring the stock starter bot", flush=True)
    theirs = measure_stock()
    print("[bench] measuring the helpline", flush=True)
    ours = measure_helpline()
    print("\n" + table(ours, theirs))
    print(f"\nMedians of {ROUNDS} rounds; waits as the sender saw them over loopback.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
