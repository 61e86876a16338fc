"""`make bench-tuning`: choose the numbers of the classifier by cross-validation on training data.

    python -m bench.tuning [--hint3 DIR] [--grid]

Prints what the configuration in config.yml reaches on examples that it has not learnt, and how that
changes with other shares, weights, thresholds, margins and bars; with --grid also with other
settings of training (slow). The held-out messages of tests/nlu are an independent check. Of a HINT3
folder only the training files are read. Nothing is chosen on messages kept for measuring.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import matthews_corrcoef

from bench import scores
from bench.folds import Asked, Labelled, ask, folds
from bench.understanding import FALSE_FALLBACK, HINT3_BOTS, table
from components.confidence import OUT_OF_SCOPE, confidences
from components.intent_mixture import MixtureSettings
from components.sentence_model import EmbeddingCache, SentenceModel
from content.topics import load_topics
from data_tools.examples import read_examples
from safety import ALARM_KINDS
from scripts.setup import ROOT

ADVICE = "personal_medical_advice"
SHARES = ((0.35, 0.40, 0.25), (0.45, 0.30, 0.25), (0.55, 0.30, 0.15), (0.60, 0.30, 0.10))
WEIGHTS = ((1.0, 2.5, -1.0, -2.0), (1.0, 2.5, 0.0, -2.0), (0.5, 3.5, -1.5, -2.0), (2, 2, -1, -2))
TRAINING: tuple[dict[str, float], ...] = (
    {"c": 0.3},
    {"c": 1.0},
    {"letters": 0.7},
    {"letters": 1.4},
    {"balance": 0.25},
    {"balance": 0.75},
)
THRESHOLDS = (0.50, 0.52, 0.54, 0.55, 0.56, 0.58, 0.60)
MARGINS = (0.0, 0.005, 0.010, 0.020)
BARS = (0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95)
HEAD = ["setting", "first", "among three", f"out of scope at {FALSE_FALLBACK:.0%}"]


@dataclasses.dataclass(frozen=True)
class Evidences:
    """What mixtures made of messages they had not learnt, by where the messages come from."""

    ours: list[Asked]
    held_out: list[Asked]
    hint3: list[list[Asked]]


class Source:
    """Messages with embeddings, from the files they stand in."""

    def __init__(self, hint3: Path | None) -> None:
        """Read and embed everything once."""
        model = SentenceModel()
        cache = EmbeddingCache(ROOT / ".rasa" / "embeddings", model.identity)

        def embedded(rows: Sequence[tuple[str, str]]) -> Labelled:
            texts = [text for text, _ in rows]
            return Labelled(texts, cache.embed(texts, model), np.array([name for _, name in rows]))

        def examples(folder: Path) -> Labelled:
            return embedded([(each.text, each.intent) for each in read_examples(folder)])

        self.ours = examples(ROOT / "data" / "nlu")
        self.held_out = examples(ROOT / "tests" / "nlu")
        self.hint3 = [embedded(_hint3_training(hint3, bot)) for bot in HINT3_BOTS if hint3]

    def evidences(self, settings: MixtureSettings, told: str) -> Evidences:
        """Train with these settings on every fold; says how far it is."""

        def asked(data: Labelled, name: str) -> list[Asked]:
            found = []
            for number, (training, questions) in enumerate(folds(data), 1):
                print(f"[tuning] {told}: {name}, fold {number}", file=sys.stderr, flush=True)
                found.append(ask(training, questions, settings))
            return found

        return Evidences(
            asked(self.ours, "our examples"),
            [ask(self.ours, self.held_out, settings)],
            [asked(data, bot) for data, bot in zip(self.hint3, HINT3_BOTS, strict=False)],
        )


def _hint3_training(folder: Path, bot: str) -> list[tuple[str, str]]:
    with (folder / f"{bot}_train.csv").open(encoding="utf-8", newline="") as file:
        return [(" ".join(row[0].split()) or "?", row[1]) for row in list(csv.reader(file))[1:]]


def inside_intents() -> frozenset[str]:
    """Intents that count as in scope: the topics and questions about one person's case."""
    return frozenset(load_topics()) | {ADVICE}


def rows(
    asked: Iterable[Asked], settings: MixtureSettings, inside: frozenset[str]
) -> list[scores.Row]:
    """What the settings make of the evidence; messages of other intents are left out."""
    found = []
    for each in asked:
        names = np.array(each.intents)
        sure = confidences(each.evidence, each.intents, settings)
        best = np.argsort(-sure, axis=1, kind="stable")[:, :4]
        for row, right in enumerate(each.right.tolist()):
            if right in inside or right == OUT_OF_SCOPE:
                ranking = zip(names[best[row]].tolist(), sure[row, best[row]].tolist(), strict=True)
                labels = frozenset() if right == OUT_OF_SCOPE else frozenset({right})
                found.append(scores.Row(labels, tuple(ranking)))
    return found


def figures(evidences: Evidences, settings: MixtureSettings, inside: frozenset[str]) -> list[str]:
    """Cells of HEAD, "ours / held out", and of HINT3."""
    both = [rows(part, settings, inside) for part in (evidences.ours, evidences.held_out)]
    measures: tuple[Callable[[list[scores.Row]], float], ...] = (
        lambda part: scores.right_among(part, 1),
        lambda part: scores.right_among(part, 3),
        lambda part: scores.out_of_scope_recall(part, FALSE_FALLBACK)[0],
    )
    cells = [" / ".join(f"{measure(part):.3f}" for part in both) for measure in measures]
    if evidences.hint3:
        cells.append(hint3_correlation(evidences.hint3, settings))
    return cells


def hint3_correlation(bots: list[list[Asked]], settings: MixtureSettings) -> str:
    """Mean Matthews correlation of all bots at the one best threshold."""
    decided = []
    for asked in bots:
        inside = frozenset(name for each in asked for name in each.right.tolist())
        found = rows(asked, settings, inside - {OUT_OF_SCOPE})
        truth = [next(iter(row.right), OUT_OF_SCOPE) for row in found]
        decided.append((truth, found))
    best = max(
        float(
            np.mean(
                [matthews_corrcoef(truth, scores.decided(found, t)) for truth, found in decided]
            )
        )
        for t in np.arange(0.05, 0.96, 0.01)
    )
    return f"{best:.3f}"


def fallbacks(asked: list[Asked], settings: MixtureSettings, inside: frozenset[str]) -> str:
    """What thresholds and margins decline, and how many of the other answers are right."""
    found = rows(asked, settings, inside)
    lines = []
    for threshold in THRESHOLDS:
        for margin in MARGINS:
            said = [
                row.best
                if row.confidence >= threshold and row.ranking[0][1] - row.ranking[1][1] >= margin
                else OUT_OF_SCOPE
                for row in found
            ]
            ours = [(row, name) for row, name in zip(found, said, strict=True) if row.right]
            answered = [name in row.right for row, name in ours if name != OUT_OF_SCOPE]
            outside = [name for row, name in zip(found, said, strict=True) if not row.right]
            lines.append(
                (
                    f"{threshold:.2f}, {margin:.3f}",
                    f"{1 - len(answered) / len(ours):.3f}",
                    f"{np.mean([name == OUT_OF_SCOPE for name in outside]):.3f}",
                    f"{np.mean(answered):.3f}" if answered else "–",
                )
            )
    head = ["threshold, margin", "false fallback", "out-of-scope recall", "right when answered"]
    return table(head, lines)


def bars(asked: list[Asked], look_alikes: Asked, settings: MixtureSettings) -> str:
    """What the model alone calls a crisis, an emergency or abuse, by its bar."""
    lines = []
    for bar in BARS:
        changed = dataclasses.replace(settings, safety_bar=bar)
        called, right = [], []
        for each in [*asked, look_alikes]:
            sure = confidences(each.evidence, each.intents, changed)
            called.append(np.isin(np.array(each.intents)[sure.argmax(axis=1)], ALARM_KINDS))
            right.append(np.isin(each.right, ALARM_KINDS))
        learnt, true = np.concatenate(called[:-1]), np.concatenate(right[:-1])
        shares = (learnt[true].mean(), learnt[~true].mean(), called[-1].mean())
        lines.append((f"{bar:.2f}", *(f"{share:.4f}" for share in shares)))
    head = ["safety_bar", "safety examples", "other examples", "look-alikes of tests/safety"]
    return table(head, lines)


def suggested_weights(asked: list[Asked], inside: frozenset[str]) -> str:
    """The weights of a logistic regression on the same four figures, scaled like ours."""
    features, labels = [], []
    for each in asked:
        names = np.array(each.intents)
        outside = names == OUT_OF_SCOPE
        parts = (each.evidence.lines, each.evidence.meaning, each.evidence.letters)
        found = [part[:, ~outside].max(axis=1) for part in parts]
        counts = np.isin(each.right, [*inside, OUT_OF_SCOPE])
        features.append(np.stack([*found, each.evidence.lines[:, outside][:, 0]], axis=1)[counts])
        labels.append(each.right[counts] != OUT_OF_SCOPE)
    model = LogisticRegression(C=10, class_weight="balanced")
    model.fit(np.concatenate(features), np.concatenate(labels))
    values = model.coef_[0] / -model.coef_[0][3] * 2
    return "line {:.2f}, meaning {:.2f}, letters {:.2f}, out of scope {:.2f}".format(*values)


def _configured() -> MixtureSettings:
    pipeline: list[dict[str, Any]] = yaml.safe_load((ROOT / "config.yml").read_text())["pipeline"]
    names = {field.name for field in dataclasses.fields(MixtureSettings)}
    (given,) = (each for each in pipeline if each["name"].endswith("MixedIntentClassifier"))
    return MixtureSettings(**{key: value for key, value in given.items() if key in names})


def _with(
    settings: MixtureSettings, names: Sequence[str], values: Sequence[float]
) -> MixtureSettings:
    return dataclasses.replace(settings, **dict(zip(names, values, strict=True)))


def _look_alikes(source: Source, settings: MixtureSettings) -> Asked:
    path = ROOT / "tests" / "safety" / "cases" / "look_alikes.yml"
    texts = [text for group in yaml.safe_load(path.read_text("utf-8")).values() for text in group]
    return ask(
        source.ours,
        Labelled(texts, SentenceModel().embed(texts), np.array(["none"] * len(texts))),
        settings,
    )


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hint3", type=Path, help="folder of HINT3: its training files are used")
    parser.add_argument("--grid", action="store_true", help="try other settings of training")
    given = parser.parse_args()
    settings, inside, source = _configured(), inside_intents(), Source(given.hint3)
    evidences = source.evidences(settings, "as configured")
    lines = [["as configured", *figures(evidences, settings, inside)]]
    for shares in SHARES:
        changed = _with(settings, ("classifier", "near_in_meaning", "near_in_letters"), shares)
        lines.append([f"shares {shares}", *figures(evidences, changed, inside)])
    for weights in WEIGHTS:
        names = ("inside_line", "inside_meaning", "inside_letters", "outside_line")
        changed = _with(settings, names, weights)
        lines.append([f"inside {weights}", *figures(evidences, changed, inside)])
    for change in TRAINING if given.grid else ():
        changed = dataclasses.replace(settings, **change)
        others = source.evidences(changed, str(change))
        lines.append([f"training {change}", *figures(others, changed, inside)])
    head = [*HEAD, *(["HINT3 training files, MCC"] if given.hint3 else [])]
    print("cross-validated on our examples / held-out messages\n")
    print(table(head, lines), "\n")
    print("weights by regression:", suggested_weights(evidences.ours, inside), "\n")
    print(fallbacks(evidences.ours, settings, inside), "\n")
    print(bars(evidences.ours, _look_alikes(source, settings), settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
