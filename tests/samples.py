"""Conversations to try the console on: questions out of our own examples, with our own answers.

`python -m tests.samples 500` fills the database of DATABASE_URL, which it migrates first.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

import settings
from content.reading import read_mapping
from content.responses import load_responses
from helpline.store.base import utc_now
from helpline.store.engine import open_engine
from helpline.store.migrate import upgrade
from tests.factories import ANSWER, Factory, fill

NLU = Path(__file__).parents[1] / "data" / "nlu"
# Intent whose examples stand for a kind of turn
INTENT_OF = {
    "handoff": "contact_navigator_support",
    "personal_advice": "personal_medical_advice",
    "smalltalk": "greet",
}
# [siponimod]{"entity": ...} or [siponimod](treatment)
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


def examples() -> dict[str, list[str]]:
    """Return the examples of each intent, without what marks entities in them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(NLU.rglob("*.yml")):
        for entry in read_mapping(path).get("nlu", ()):
            lines = str(entry.get("examples", "")).splitlines()
            if "intent" in entry:
                texts = [_MARKED.sub(r"\1", line[2:].strip()) for line in lines if line[:2] == "- "]
                found[entry["intent"]] += [text for text in texts if text]
    return found


class SampleFactory(Factory):
    """Makes conversations that read like real ones."""

    def __init__(self, connection: Connection, seed: int = 1) -> None:
        """Read examples and answers."""
        super().__init__(connection, seed)
        self._examples = examples()
        self._responses = load_responses()

    def _question(self, kind: str, topic: str, chosen: bool) -> str:
        wanted = self._examples.get(topic if kind == "answer" else INTENT_OF.get(kind, kind))
        if chosen or not wanted:
            return super()._question(kind, topic, chosen)
        return self._random.choice(wanted)

    def _answer(self, kind: str, topic: str) -> str:
        name = f"utter_{topic if kind == 'answer' else INTENT_OF.get(kind, kind)}"
        texts: list[Any] = [one.get("text") for one in self._responses.get(name, ())]
        return next((text for text in texts if text), ANSWER)


def main(arguments: list[str] | None = None) -> int:
    """Fill the database of DATABASE_URL."""
    parser = argparse.ArgumentParser(description="Fill the store with conversations to try out.")
    parser.add_argument("conversations", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    engine = open_engine(settings.load().database_url)
    upgrade(engine)
    fill(
        engine,
        given.conversations,
        seed=given.seed,
        days=30,
        turns=(1, 1, 2, 2, 3, 3, 4, 5, 7, 11),
        until=utc_now(),
        factory=SampleFactory,
    )
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
