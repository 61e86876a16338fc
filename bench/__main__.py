"""`make bench`: our helpline beside Rasa's stock bots, in one run, as one table.

    python -m bench [--rounds 3] [--stock-model FILE] [--train-stock] [--without-training]

Beside it stand the starter bot of `rasa init`, and Rasa's stock pipeline trained on our data, which
is asked only what a message means. Training that one takes hours: give a model that was trained
before, or have it trained once with --train-stock (it is kept in var/bench/pipeline); otherwise its
column stays empty.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import helpline, load, machine, stock, under_load
from bench.under_load import Figures

ROUNDS = 3
WHOLE, TENTH, SHARE = "{:.0f}", "{:.1f}", "{:.2f}"
ROWS: dict[str, tuple[str, str]] = {
    "ready": ("ready to answer after start, s", TENTH),
    "page": ("chat page answers after start, s", SHARE),
    "memory": ("memory of all processes, MB", WHOLE),
    "memory_server": ("memory of the bot's server alone, MB", WHOLE),
    "disk": ("environments on disk, without test packages, MB", WHOLE),
    **{
        f"wait{share}_{visitors}": (f"{who}, {share} of 100 wait at most, ms", TENTH)
        for visitors, who in ((1, "one visitor"), (16, "16 visitors"), (64, "64 visitors"))
        for share in under_load.SHARES
    },
    "rate_16": ("16 visitors, messages a second", WHOLE),
    "rate_64": ("64 visitors, messages a second", WHOLE),
    "turn5": ("turn 5 of one conversation, ms", TENTH),
    "turn50": ("turn 50, ms", TENTH),
    "turn200": ("turn 200, ms", TENTH),
    "turns": ("turn 200 over turn 5", SHARE),
    "training_cold": ("training the whole bot, nothing cached, s", WHOLE),
    "training_cached": ("training with the embeddings cached, s", WHOLE),
    "processor_bot": ("processor time of the bot for a message, ms", TENTH),
    "processor_chat": ("processor time of chat for a message, ms", TENTH),
    "processor_actions": ("processor time of the actions for a message, ms", TENTH),
}


def measure_starter(rounds: int) -> Figures:
    """Figures of the starter bot."""
    stock.set_up()
    with stock.running_starter() as server:
        before = machine.processor_seconds(server.pid)
        figures = under_load.measure(load.StockBot(server.url), rounds)
        return figures | _of_server(server, before, figures)


def measure_pipeline(model: Path, rounds: int) -> Figures:
    """Figures of the stock pipeline on our data, which understands and answers nothing."""
    stock.set_up()
    with stock.running_pipeline(model) as server:
        before = machine.processor_seconds(server.pid)
        figures = under_load.measure(load.StockPipeline(server.url), rounds, turns=False)
        return figures | _of_server(server, before, figures)


def _of_server(server: stock.StockServer, before: float, figures: Figures) -> Figures:
    memory = machine.memory_megabytes(server.pid)
    used = machine.processor_seconds(server.pid) - before
    return {
        "ready": server.ready_seconds,
        "memory": memory,
        "memory_server": memory,
        "disk": machine.disk_megabytes(stock.disk_folder()),
        "processor_bot": 1000 * used / figures["messages"],
    }


def table(columns: dict[str, Figures]) -> str:
    """Lay the figures out side by side."""
    lines = [f"| | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for key, (label, form) in ROWS.items():
        cells = [form.format(each[key]) if key in each else "–" for each in columns.values()]
        if any(cell != "–" for cell in cells):
            lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _tell(what: str) -> None:
    print(f"[bench] {what}", flush=True)


def _step(what: str, measure: Callable[[], Figures]) -> Figures:
    """Measure one column, and show it at once: the whole takes minutes."""
    _tell(what)
    figures = measure()
    print(f"{table({what: figures})}\n", flush=True)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--stock-model", type=Path)
    parser.add_argument("--train-stock", action="store_true")
    parser.add_argument("--without-training", action="store_true")
    given = parser.parse_args(arguments)
    _tell(machine.describe())
    model = stock.pipeline_model(given.stock_model, given.train_stock)
    starter = _step("the stock starter bot", lambda: measure_starter(given.rounds))
    pipeline: Figures = {}
    if model is not None:
        pipeline = _step(
            "the stock pipeline on our data", lambda: measure_pipeline(model, given.rounds)
        )
    one = _step("the helpline, one bot process", lambda: helpline.measure_one(given.rounds))
    two = _step(
        "the helpline, two bot processes behind nginx", lambda: helpline.measure_two(given.rounds)
    )
    if not given.without_training:
        one |= _step("training the helpline's bot twice", helpline.training_seconds)
    missing = "" if model else ": not measured, no model was given (--stock-model)"
    columns = {
        "SPMS Helpline": one,
        "with two bots": two,
        "stock starter bot": starter,
        f"stock pipeline on our data{missing}": pipeline,
    }
    print(f"\n{table(columns)}")
    print(
        f"\nMedians of {given.rounds} rounds; waits as the sender saw them over loopback, the "
        f"sender on the same machine.\nTwo bots against the starter bot with 16 visitors: "
        f"{two['rate_16'] / starter['rate_16']:.2f} times the messages a second, "
        f"{two['wait95_16'] / starter['wait95_16']:.2f} times the wait of 95 of 100."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
