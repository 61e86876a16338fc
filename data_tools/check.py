"""Check the training data and the held-out messages.

python -m data_tools.check             rules; ends with 1 when one is broken (`make check-content`)
python -m data_tools.check --report    everything that is worth a look (`make nlu-report`)
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from components.sentence_model import EmbeddingCache, SentenceModel
from content.reading import ROOT
from content.topics import load_other_intents, load_topics
from data_tools import faults
from data_tools.examples import read_examples
from data_tools.labels import doubtful_labels

# A larger share of doubtful labels is no longer a matter of taste
MOST_DOUBTFUL = 0.02
# Lines of a list that `make check-content` prints
SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """What one look at the data found; a broken rule when `allowed` is exceeded."""

    title: str
    lines: list[str]
    allowed: int | None = None

    @property
    def broken(self) -> bool:
        """Whether it breaks a rule."""
        return self.allowed is not None and len(self.lines) > self.allowed


def look(root: Path) -> list[Finding]:
    """Return every finding for the data of the checkout at `root`.

    Raises:
        ValueError: a file of examples cannot be read.
    """
    training = read_examples(root / "data" / "nlu")
    held_out = read_examples(root / "tests" / "nlu")
    topics = load_topics(root / "knowledge" / "topics.yml")
    others = load_other_intents(root / "knowledge" / "topics.yml")
    conversation = [each.id for each in others.values() if each.group == "conversation"]
    about = {topic.id: f"{topic.label} {topic.covers}" for topic in topics.values()}
    model = SentenceModel()
    cache = EmbeddingCache(root / ".rasa" / "embeddings", model.identity)
    vectors = cache.embed([example.text for example in training], model)
    doubts = doubtful_labels(training, vectors)
    # Advice, emergencies and other diseases are meant to look like topics: those examples teach the
    # border. Between topics there is no such reason.
    borders = {each.id for each in others.values() if each.group in ("safety", "boundaries")}
    wanted = [doubt for doubt in doubts if borders & {doubt.example.intent, doubt.looks_like}]
    unwanted = [doubt for doubt in doubts if doubt not in wanted]
    return [
        Finding("intents with too few examples", faults.too_few(training, topics, conversation), 0),
        Finding(
            "topics with too few held-out messages", faults.too_few_held_out(held_out, topics), 0
        ),
        Finding("examples of two intents at once", faults.twice_in_different_intents(training), 0),
        Finding(
            "held-out messages that are training examples",
            faults.held_out_but_trained(training, held_out),
            0,
        ),
        Finding("examples that stand twice", faults.repeated(training), 0),
        Finding(
            f"doubtful labels among {len(training)} (by cross-validation)",
            [str(doubt) for doubt in unwanted],
            int(MOST_DOUBTFUL * len(training)),
        ),
        Finding(
            "examples close to the border of advice, safety and out of scope",
            [str(doubt) for doubt in wanted],
        ),
        Finding("examples that are one filled in", faults.templates(training)),
        Finding(
            "words of one intent, perhaps by accident", faults.words_of_one_intent(training, about)
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print what was found; return 1 when a rule is broken, else 0."""
    parser = argparse.ArgumentParser(description="Check the training data.")
    parser.add_argument("--report", action="store_true", help="print every line of every list")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout's folder")
    options = parser.parse_args(arguments)
    findings = look(options.root)
    for finding in findings:
        allowed = "" if finding.allowed is None else f", {finding.allowed} allowed"
        print(f"{'ERROR ' if finding.broken else ''}{finding.title}: {len(finding.lines)}{allowed}")
        shown = len(finding.lines) if options.report or finding.broken else SHOWN
        for line in finding.lines[:shown]:
            print(f"  {line}")
    hidden = sum(max(0, len(finding.lines) - SHOWN) for finding in findings if not finding.broken)
    if hidden and not options.report:
        print(f"({hidden} lines more: make nlu-report)")
    return 1 if any(finding.broken for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main())
