"""A model or a knowledge file is broken: who runs goes on, who starts says what is wrong, and all
is well again once the file is.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.scale.stack import Small, wait_until
from scripts.serving import FIRST, slot_file
from tests.faults.load import Load

PROCESSES = ("chat", "actions", "bot")
HELP = ("answer", "number")


@contextlib.contextmanager
def broken(file: Path, content: bytes) -> Iterator[None]:
    """Put something else into a file for a while."""
    good = file.read_bytes()
    file.write_bytes(content)
    try:
        yield
    finally:
        file.write_bytes(good)


def test_a_corrupt_model(small: Small) -> None:
    model = slot_file(small.var_dir, FIRST)
    with Load(small) as load:
        with broken(model, model.read_bytes()[:-1000] + bytes(1000)):
            # Whoever has loaded it is not disturbed
            load.wait_for_answers(12)
            assert not [each for each in load.crowd.attempts if each.outcome != "answer"]
            small.kill("bot")
            load.wait_for_help(8)
            wait_until(lambda: "is not loaded" in small.log("bot"), "the bot says why")
            assert not small.ready()
        small.wait_ready()
        load.wait_for_answers(12)
    load.judge("the model was corrupt when the bot started")


@pytest.mark.parametrize(
    "names",
    # Without the treatments the bot cannot load its model; without the others it answers
    [("contacts.yml", "facts.yml", "topics.yml"), ("treatments.yml",)],
    ids=["contacts, facts, topics", "treatments"],
)
def test_broken_knowledge(small: Small, names: tuple[str, ...]) -> None:
    with Load(small) as load:
        with contextlib.ExitStack() as files:
            for name in names:
                file = small.checkout / "knowledge" / name
                files.enter_context(broken(file, b"entries: [unclosed\n"))
            for process in PROCESSES:
                small.kill(process)
            # Answers or the number, whatever can be had without these files
            load.wait_for(lambda each: each.outcome in HELP, 30, "visitors get help")
            for name in names:
                wait_until(functools.partial(_told, small, name), f"a log names {name}")
        small.wait_ready()
        load.wait_for_answers(12)
    load.judge(f"{', '.join(names)} broken while everything started")


def _told(stack: Small, name: str) -> bool:
    return any(name in stack.log(process) for process in PROCESSES)
