"""`make bench-understanding`: our pipeline beside Rasa's stock one, trained on the same data.

    python -m bench.understanding [--stock CONFIG.yml] [--eval DIR] [--hint3 DIR]

Without --stock only ours is measured. Messages to measure on are the held-out ones in tests/nlu,
or with --eval the rows of a folder with in-scope.jsonl and out-of-scope.jsonl. --hint3 names the
folder of the public HINT3 data set (real users of three other bots): one configuration and one
threshold for all three. --share 0.15 trains every pipeline on the same part of each intent's
examples: with all of them DIET trains for hours. Nothing of these folders is kept.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.metrics import matthews_corrcoef

from bench import machine, scores, stock
from data_tools.examples import read_examples
from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

FALSE_FALLBACK = 0.05
HINT3_BOTS = ("sofmattress", "curekart", "powerplay11")
HINT3_OUTSIDE = "NO_NODES_DETECTED"


@dataclasses.dataclass(frozen=True)
class Pipeline:
    """A configuration and the environment that it runs in."""

    name: str
    python: Path
    config: Path


@dataclasses.dataclass(frozen=True)
class Labelled:
    """A message and its right intents; none for a message outside of everything."""

    text: str
    right: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a trained pipeline made of the messages, and what that cost."""

    rows: list[scores.Row]
    training_seconds: float
    milliseconds: list[float]
    processor_milliseconds: list[float]
    megabytes: float


def evaluate(pipeline: Pipeline, training: Path, messages: list[Labelled]) -> Outcome:
    """Train a pipeline on a folder of NLU data and parse every message with it."""
    _tell(f"training {pipeline.name} on {training.name}")
    with tempfile.TemporaryDirectory() as folder:
        command = [str(pipeline.python), "-m", "rasa", "train", "nlu", "--nlu", str(training)]
        command += ["--config", str(pipeline.config), "--out", folder]
        command += ["--fixed-model-name", "bench"]
        started = time.perf_counter()
        _run(command, "")
        seconds = time.perf_counter() - started
        _tell(f"trained in {seconds:.0f} s; parsing {len(messages)} messages")
        answer_file = Path(folder) / "answer.json"
        parse = [str(pipeline.python), "bench/parse_texts.py", f"{folder}/bench.tar.gz"]
        _run([*parse, str(answer_file)], json.dumps([message.text for message in messages]))
        answer = json.loads(answer_file.read_text("utf-8"))
    rows = [
        scores.Row(message.right, tuple((name, score) for name, score in row["ranking"]))
        for message, row in zip(messages, answer["rows"], strict=True)
    ]
    waits, work = ([row[k] for row in answer["rows"]] for k in ("milliseconds", "processor"))
    return Outcome(rows, seconds, waits, work, answer["megabytes"])


def _tell(progress: str) -> None:
    print(f"[bench] {progress}", file=sys.stderr, flush=True)


def _run(command: list[str], given: str) -> None:
    """Run a command of one pipeline; when it fails its last words are shown.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=bot_environment(),
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")


def held_out() -> list[Labelled]:
    """The held-out messages of tests/nlu."""
    return [
        Labelled(
            example.text,
            frozenset(() if example.intent == scores.OUT_OF_SCOPE else {example.intent}),
        )
        for example in read_examples(ROOT / "tests" / "nlu")
    ]


def eval_rows(folder: Path) -> list[Labelled]:
    """Rows of in-scope.jsonl and out-of-scope.jsonl; chit-chat is no topic and no out-of-scope."""

    def read(name: str) -> list[dict[str, Any]]:
        lines = (folder / name).read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]

    messages = []
    for row in read("in-scope.jsonl"):
        right = {row["topic"], *(row.get("also_ok") or [])}
        if row.get("personal_advice"):
            right.add("personal_medical_advice")
        messages.append(Labelled(row["text"], frozenset(right)))
    for row in read("out-of-scope.jsonl"):
        if row["kind"] != "chitchat":
            messages.append(Labelled(row["text"], frozenset()))
    return messages


def part_of_training(share: float, folder: Path) -> Path:
    """Write evenly spread examples of each intent into a folder; returns it."""
    counts: dict[str, int] = {}
    rows = []
    for example in read_examples(ROOT / "data" / "nlu"):
        number = counts[example.intent] = counts.get(example.intent, 0) + 1
        if math.floor(number * share) > math.floor((number - 1) * share):
            rows.append((example.text, example.intent))
    return _write_training(rows, folder)


def report(pipelines: list[Pipeline], training: Path, messages: list[Labelled]) -> str:
    """Table of all pipelines, trained on a folder of our data."""
    labels = (
        "right topic first",
        "right topic among three",
        "macro F1",
        f"out-of-scope recall at {FALSE_FALLBACK:.0%} false fallback",
        "false fallback there",
        "training, s",
        "time to parse, median ms",
        "processor time to parse, median ms",
        "memory, MB",
    )
    columns = []
    for pipeline in pipelines:
        outcome = evaluate(pipeline, training, messages)
        recall, declined = scores.out_of_scope_recall(outcome.rows, FALSE_FALLBACK)
        columns.append(
            (
                f"{scores.right_among(outcome.rows, 1):.3f}",
                f"{scores.right_among(outcome.rows, 3):.3f}",
                f"{scores.macro_f1(outcome.rows):.3f}",
                f"{recall:.3f}",
                f"{declined:.3f}",
                f"{outcome.training_seconds:.0f}",
                f"{statistics.median(outcome.milliseconds):.1f}",
                f"{statistics.median(outcome.processor_milliseconds):.1f}",
                f"{outcome.megabytes:.0f}",
            )
        )
        _tell(f"{pipeline.name}: {', '.join(columns[-1])}")
    return table(["", *(p.name for p in pipelines)], list(zip(labels, *columns, strict=True)))


def _read_hint3(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row[0].strip() or "?", row[1]) for row in list(csv.reader(file))[1:]]


def _write_training(rows: list[tuple[str, str]], folder: Path) -> Path:
    intents: dict[str, list[str]] = {}
    for text, label in rows:
        intents.setdefault(label, []).append(" ".join(text.split()))
    nlu = [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)}
        for label, texts in intents.items()
    ]
    path = folder / "nlu.yml"
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, width=10**6))
    return folder


@dataclasses.dataclass(frozen=True)
class Hint3Bot:
    """The right label of each test message of one bot, and what a model made of them."""

    truth: list[str]
    rows: list[scores.Row]

    def correlation(self, threshold: float) -> float:
        """Matthews correlation over all messages, out of scope being one more label."""
        return float(matthews_corrcoef(self.truth, scores.decided(self.rows, threshold)))

    def figures(self, threshold: float) -> str:
        """Correlation, accuracy of in-scope and recall of out-of-scope messages."""
        right: dict[bool, list[bool]] = {True: [], False: []}
        for label, said in zip(self.truth, scores.decided(self.rows, threshold), strict=True):
            right[label != scores.OUT_OF_SCOPE].append(label == said)
        inside, outside = (statistics.mean(right[each]) for each in (True, False))
        return f"{self.correlation(threshold):.3f} ({inside:.3f} / {outside:.3f})"


def _hint3_bot(pipeline: Pipeline, folder: Path, bot: str) -> Hint3Bot:
    truth, messages = [], []
    for text, label in _read_hint3(folder / f"{bot}_test.csv"):
        inside = label != HINT3_OUTSIDE
        truth.append(label if inside else scores.OUT_OF_SCOPE)
        messages.append(Labelled(text, frozenset({label} if inside else ())))
    with tempfile.TemporaryDirectory(prefix=f"{bot}-") as training:
        data = _write_training(_read_hint3(folder / f"{bot}_train.csv"), Path(training))
        return Hint3Bot(truth, evaluate(pipeline, data, messages).rows)


def report_hint3(pipelines: list[Pipeline], folder: Path) -> str:
    """Table of HINT3, each pipeline at the one threshold that is best for its three bots."""
    lines = []
    for pipeline in pipelines:
        bots = [_hint3_bot(pipeline, folder, bot) for bot in HINT3_BOTS]

        def mean_correlation(threshold: float, bots: list[Hint3Bot] = bots) -> float:
            return statistics.mean(bot.correlation(threshold) for bot in bots)

        best = float(max(np.arange(0.05, 0.96, 0.01), key=mean_correlation))
        lines.append((pipeline.name, f"{best:.2f}", *(bot.figures(best) for bot in bots)))
        _tell(", ".join(lines[-1]))
    head = ["MCC (in-scope accuracy / out-of-scope recall)", "threshold", *HINT3_BOTS]
    return table(head, lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay rows out as a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--stock", type=Path, help="configuration of Rasa's stock pipeline")
    parser.add_argument("--eval", type=Path, help="folder with labelled rows to measure on")
    parser.add_argument("--hint3", type=Path, help="folder of the HINT3 data set")
    parser.add_argument("--share", type=float, default=1.0, help="part of our training data")
    given = parser.parse_args()
    pipelines = [Pipeline("SPMS Helpline", python_of("bot"), ROOT / "config.yml")]
    if given.stock:
        stock.set_up()
        pipelines.append(Pipeline("stock pipeline", stock.PYTHON, given.stock.resolve()))
    messages = eval_rows(given.eval) if given.eval else held_out()
    inside = sum(bool(message.right) for message in messages)
    print(
        f"{datetime.date.today()}, {machine.describe()}, load {os.getloadavg()[0]:.1f}\n"
        f"{inside} in-scope, {len(messages) - inside} out-of-scope messages\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        training = ROOT / "data" / "nlu"
        if given.share < 1:
            training = part_of_training(given.share, Path(folder))
        print(f"trained on {len(read_examples(training))} of our examples\n")
        print(report(pipelines, training, messages), flush=True)
    if given.hint3:
        print("\n" + report_hint3(pipelines, given.hint3))
    return 0


if __name__ == "__main__":
    sys.exit(main())
