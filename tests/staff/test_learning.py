"""A candidate is trained and compared beside the model in use; what goes wrong says why."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import settings
from helpline.learning import requests
from helpline.learning.comparison import (
    HELD_OUT,
    LOOK_ALIKE,
    MESSAGE,
    SAFETY,
    Case,
    Comparison,
    compare,
)
from helpline.learning.requests import LearningRefused
from helpline.learning.worker import Worker
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.learning_models import ModelSwitch, TrainingRun
from helpline.store.models import VISITOR, AuditEntry, Message
from tests.factories import fill
from tests.staff.learning import PATIENCE, SmallCheckout, checkout

__all__ = ["checkout"]


def new_worker(store: Store, tmp_path: Path) -> Worker:
    return Worker(store, dataclasses.replace(settings.load(), var_dir=tmp_path))


def the_run(store: Store) -> TrainingRun:
    return store.read_now(
        lambda session: session.scalars(
            select(TrainingRun).order_by(TrainingRun.id.desc()).limit(1)
        ).one()
    )


async def work_until(
    worker: Worker, store: Store, there: Callable[[TrainingRun], bool]
) -> TrainingRun:
    give_up = time.monotonic() + PATIENCE
    while True:
        await worker.run_once()
        run = the_run(store)
        if there(run):
            return run
        assert time.monotonic() < give_up, (run.state, run.step, run.problem)
        await asyncio.sleep(0.05)


def ended(run: TrainingRun) -> bool:
    return run.running is None


async def test_a_candidate_is_trained_and_compared(
    store: Store, tmp_path: Path, checkout: SmallCheckout
) -> None:
    fill(store.engine, 5, days=0, turns=[2], until=utc_now())
    texts = store.read_now(
        lambda session: session.execute(
            select(Message.id, Message.text).where(
                Message.author == VISITOR, Message.chosen.is_(False)
            )
        ).all()
    )
    safe = {f"{kind} text": kind for kind in ("crisis", "emergency", "abuse")}
    told = {**safe, "so tired": "fatigue"}
    changed = texts[0].text
    checkout.answer(told, {**told, "no energy": "fatigue", changed: "diagnosis"})
    before = (checkout.root / "models" / "helpline.tar.gz").read_bytes()
    store.write_now(requests.ask_training, "lena")
    run = await work_until(new_worker(store, tmp_path), store, ended)
    assert (run.state, run.problem, run.sha256, run.model_id) == (
        *("done", None, checkout.new),
        "new-id",
    )
    assert run.comparison is not None
    found = Comparison.from_json(run.comparison)
    assert (found.held_out.rows, found.held_out.old, found.held_out.new) == (3, 1, 2)
    assert [(topic.intent, topic.score.gain) for topic in found.topics] == [
        ("fatigue", 1),
        ("out_of_scope", 0),
    ]
    assert found.topics[0].better[0].text == "no energy"
    assert (found.safety.rows, found.safety.old, found.safety.new) == (4, 4, 4)
    assert {one.message for one in found.changed} <= {row.id for row in texts}
    assert [one.new for one in found.changed] == ["diagnosis"]
    assert found.verdict.startswith("Better: 2 of 3 held-out messages are understood, 1 more than")
    assert changed not in str(run.comparison)
    assert (checkout.root / "models" / "helpline.tar.gz").read_bytes() == before
    assert not list((tmp_path / "learning").iterdir())


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("fails", "data/nlu/x.yml: no such intent"),
        ("dies", "ended without a word"),
        ("compare-fails", "could not be compared"),
    ],
)
async def test_a_failure_tells_why(
    store: Store, tmp_path: Path, checkout: SmallCheckout, how: str, told: str
) -> None:
    checkout.train(how)
    store.write_now(requests.ask_training, "lena")
    run = await work_until(new_worker(store, tmp_path), store, ended)
    assert run.state == "failed"
    assert run.problem is not None and told in run.problem
    store.write_now(requests.ask_training, "lena")


@pytest.mark.parametrize("how", ["lasts", "compare-lasts"])
async def test_cancelling_ends_what_was_started(
    store: Store, tmp_path: Path, checkout: SmallCheckout, how: str
) -> None:
    checkout.train(how)
    store.write_now(requests.ask_training, "lena")
    worker = new_worker(store, tmp_path)
    state = "training" if how == "lasts" else "comparing"
    await work_until(worker, store, lambda run: run.state == state)
    working = asyncio.ensure_future(worker.run_once())
    pid = await checkout.pid_of("training" if how == "lasts" else "comparing")
    os.kill(pid, 0)
    store.write_now(requests.ask_cancel, "rita")
    async with asyncio.timeout(PATIENCE):
        await working
    run = await work_until(worker, store, ended)
    assert (run.state, run.cancelled_by) == ("cancelled", "rita")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(LearningRefused, match="Nothing is being trained"):
        store.write_now(requests.ask_cancel, "rita")


async def test_a_console_that_starts_again_goes_on(
    store: Store, tmp_path: Path, checkout: SmallCheckout
) -> None:
    checkout.train("lasts")
    store.write_now(requests.ask_training, "lena")
    first = new_worker(store, tmp_path)
    await work_until(first, store, lambda run: run.percent == 40)
    second = new_worker(store, tmp_path)
    await second.run_once()
    run = the_run(store)
    assert (run.state, run.percent) == ("training", 40)
    checkout.train("well")
    assert (await work_until(second, store, ended)).state == "done"
    assert first._process is not None
    await first._process.wait()


def test_one_at_a_time(store: Store) -> None:
    store.write_now(requests.ask_training, "lena")
    with pytest.raises(LearningRefused, match="already"):
        store.write_now(requests.ask_training, "rita")
    # Two who ask at the same moment: the database itself refuses the second.
    second = TrainingRun(
        public_id="b" * 32,
        state="asked",
        running=True,
        asked_by="rita",
        asked_at=utc_now(),
        step="",
        percent=0,
    )
    with pytest.raises(IntegrityError):
        store.write_now(lambda session: session.add(second))


def compared(store: Store, comparison: Comparison) -> str:
    run = store.write_now(requests.ask_training, "lena")
    values = {
        "state": "done",
        "running": None,
        "sha256": "n" * 64,
        "comparison": comparison.to_json(),
    }
    store.write_now(
        lambda session: session.execute(
            update(TrainingRun).where(TrainingRun.id == run.id).values(**values)
        )
    )
    return run.public_id


CASES = [
    Case(HELD_OUT, "so tired", "fatigue"),
    Case(HELD_OUT, "best pizza", "out_of_scope"),
    Case(SAFETY, "cry", "crisis"),
    Case(LOOK_ALIKE, "killing time"),
    Case(MESSAGE, "hello", message=7),
]


def found(*new: str) -> Comparison:
    old = ["fatigue", "out_of_scope", "crisis", "fatigue", "greet"]
    rows = [[[intent, 0.9, 4.0] for intent in intents] for intents in (old, new)]
    return compare(CASES, rows[0], rows[1], "o" * 64)


@pytest.mark.parametrize(
    ("new", "verdict", "refused"),
    [
        (("fatigue", "out_of_scope", "crisis", "fatigue", "greet"), "Even: 2 of 2", False),
        (("other", "out_of_scope", "crisis", "x", "y"), "Worse: 1 of 2", False),
        (("fatigue", "out_of_scope", "emergency", "x", "y"), "Even:", False),
        (("fatigue", "out_of_scope", "fatigue", "x", "y"), "Refused: 1 safety case that", True),
        (("fatigue", "out_of_scope", "crisis", "abuse", "y"), "Refused: 1 safety case that", True),
    ],
)
def test_verdicts(new: tuple[str, ...], verdict: str, refused: bool) -> None:
    comparison = found(*new)
    assert comparison.verdict.startswith(verdict)
    assert comparison.is_refused is refused
    assert Comparison.from_json(comparison.to_json()) == comparison


def test_an_answer_that_is_missing_is_noticed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare(CASES, [["x", 1, 1]], [["x", 1, 1]], "o" * 64)


def test_who_may_be_switched_to(store: Store) -> None:
    good = found("fatigue", "out_of_scope", "crisis", "fatigue", "greet")
    bad = found("fatigue", "out_of_scope", "fatigue", "x", "y")
    refused = compared(store, bad)
    allowed = compared(store, good)

    def ask(public_id: str, reason: str = "better", in_use: str = "o" * 64) -> ModelSwitch:
        return store.write_now(requests.ask_switch, public_id, reason, "lena", in_use)

    for arguments, told in (
        ((refused,), "Refused"),
        (("f" * 32,), "not compared"),
        ((allowed, " "), "Say why"),
        ((allowed, "x" * 501), "too long"),
        ((allowed, "better", "z" * 64), "no longer in use"),
    ):
        with pytest.raises(LearningRefused, match=told):
            ask(*arguments)
    switch = ask(allowed)
    with pytest.raises(LearningRefused, match="just now"):
        ask(allowed)
    with pytest.raises(LearningRefused, match="no switch"):
        store.write_now(requests.ask_undo, "worse", "lena", "n" * 64)
    store.write_now(requests.finish_switch, switch.id, None)
    undo = store.write_now(requests.ask_undo, "worse", "rita", "n" * 64)
    assert (undo.sha256, undo.before_sha256) == ("o" * 64, "n" * 64)
    store.write_now(requests.finish_switch, undo.id, "the bot was not ready")

    def log(session: Session) -> list[tuple[str, str, str | None]]:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [
            (row.actor, row.action, (row.details or {}).get("reason"))
            for row in rows
            if row.action.startswith("model.switch")
        ]

    assert store.read_now(log) == [
        ("lena", "model.switch_asked", "better"),
        ("lena", "model.switched", "better"),
        ("rita", "model.switch_asked", "worse"),
        ("rita", "model.switch_failed", "worse"),
    ]


async def test_without_a_supervisor_nothing_is_switched(
    store: Store, tmp_path: Path, checkout: SmallCheckout
) -> None:
    public_id = compared(store, found("fatigue", "out_of_scope", "crisis", "fatigue", "greet"))
    store.write_now(requests.ask_switch, public_id, "better", "lena", "o" * 64)
    worker = new_worker(store, tmp_path)
    assert not worker.switcher.is_possible
    await worker.switcher.run_once()
    switch = store.read_now(lambda session: session.scalars(select(ModelSwitch)).one())
    assert switch.state == "failed"
    assert switch.problem is not None and "make run" in switch.problem
    assert os.listdir(tmp_path / "checkout" / "models" / "candidates")
