"""Questions that mean the same come together, others stay apart."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from data_tools.group_questions import group
from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

QUESTIONS = [
    "can I fly with ms",
    "is it ok to travel by plane",
    "does horse riding help with balance",
    "are flights safe for people with ms",
    "is horseback riding good for ms",
    "what is the capital of France",
]


def test_the_same_meaning_comes_together() -> None:
    groups = [sorted(places) for places in group(QUESTIONS)]
    assert [2, 4] in groups
    assert [5] in groups
    flying = next(places for places in groups if 0 in places)
    assert {0, 3} <= set(flying) <= {0, 1, 3}
    assert sorted(place for places in groups for place in places) == list(range(len(QUESTIONS)))


def test_the_largest_group_is_first_and_begins_with_its_typical_question() -> None:
    texts = ["shoes", "can I fly with ms", "flying with ms", "may I fly if I have ms"]
    first = group(texts)[0]
    assert sorted(first) == [1, 2, 3]
    assert group([]) == []
    assert group(["alone"]) == [[0]]


def test_as_a_command(tmp_path: Path) -> None:
    answer = tmp_path / "groups.json"
    subprocess.run(
        [python_of("bot"), "-m", "data_tools.group_questions", str(answer)],
        cwd=ROOT,
        env=bot_environment(),
        input=json.dumps(["hello there", "hello there!"]),
        text=True,
        check=True,
    )
    assert json.loads(answer.read_text()) == [[0, 1]]
