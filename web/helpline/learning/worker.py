"""Does what staff asked for, one thing at a time: trains a candidate, compares it, switches models.

Runs inside the staff console. Each step stands in the store, and a training goes on in a process
group of its own: a console that is started again finds it, and goes on with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from content.reading import ContentError
from helpline.learning import cases, jobs, requests
from helpline.learning.comparison import Comparison, compare
from helpline.learning.grouping import Grouper
from helpline.learning.in_use import kept_model, model_in_use
from helpline.learning.jobs import LOOK_EVERY_SECONDS, JobFailed, JobStopped
from helpline.learning.switching import Switcher
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.learning_models import (
    ASKED,
    CANCELLED,
    COMPARING,
    DONE,
    FAILED,
    TRAINING,
    TrainingRun,
)
from scripts import candidate
from scripts.setup import ROOT
from scripts.start_bot import WrongModelError
from settings import Settings

_log = structlog.get_logger("helpline.learning")


class RunFailed(Exception):
    """A run cannot go on; the message says why, and stands on its page."""


class Worker:
    """Looks into the store for something to do, and does it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Begin with nothing to do; `run` does it."""
        self._store = store
        self._settings = settings
        self._folder = settings.var_dir / "learning"
        self._process: asyncio.subprocess.Process | None = None
        self.switcher = Switcher(store, settings)
        self.grouper = Grouper(store, settings.var_dir)

    async def run(self) -> None:
        """Work for as long as the process lives."""
        works = (self.run_once, self.switcher.run_once, self.grouper.run_once)
        await asyncio.gather(*(self._again_and_again(work) for work in works))

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (SQLAlchemyError, OSError) as error:
                _log.error("learning was interrupted", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def run_once(self) -> None:
        """Take the running run one step further."""
        run = await self._store.read(requests.running_run)
        if run is None:
            return
        try:
            if run.cancelled_by is not None:
                self._end(run)
                await self._finish(run, CANCELLED)
            elif run.state == ASKED:
                await self._begin(run)
            elif run.state == TRAINING:
                await self._follow(run)
            elif run.state == COMPARING:
                await self._compare(run)
        except (RunFailed, ContentError, WrongModelError) as error:
            await self._finish(run, FAILED, problem=str(error))

    async def _begin(self, run: TrainingRun) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        status = self._status_file(run)
        await self._set(run, state=TRAINING, step="starting", percent=0)
        self._process = await jobs.start("tools", "scripts.candidate", "--status", str(status))
        # Until the training has written its own: whoever takes over knows what to look for.
        status.write_text(json.dumps({"pid": self._process.pid, "state": "starting"}))

    async def _follow(self, run: TrainingRun) -> None:
        told = self._read_status(run)
        state = told.get("state")
        if state == candidate.FAILED:
            raise RunFailed(str(told.get("problem")))
        if state == candidate.DONE:
            model = told["model"]
            await self._set(
                run,
                state=COMPARING,
                step="comparing with the model in use",
                percent=0,
                sha256=model["sha256"],
                model_id=model["model_id"],
            )
        elif not self._is_alive(told):
            raise RunFailed("The training ended without a word, or was ended from outside.")
        elif state == candidate.TRAINING:
            await self._set(run, step=str(told["step"])[:128], percent=int(told["percent"]))

    async def _compare(self, run: TrainingRun) -> None:
        in_use = await asyncio.to_thread(model_in_use, self._settings.var_dir)
        new = await asyncio.to_thread(kept_model, run.sha256 or "")
        asked = [
            *await asyncio.to_thread(lambda: list(cases.held_out(ROOT))),
            *await asyncio.to_thread(lambda: list(cases.safety_suite(ROOT))),
            *await self._store.read(cases.recent_messages),
        ]
        models = (str(in_use.path), str(new.path))

        async def is_cancelled() -> bool:
            return await self._store.read(_is_cancelled, run.id)

        try:
            found = await jobs.work_on(
                [case.text for case in asked],
                self._folder,
                "data_tools.compare_models",
                *models,
                is_enough=is_cancelled,
            )
        except JobStopped:
            return  # the next look ends the run
        except JobFailed as failed:
            raise RunFailed(
                "The models could not be compared: one of them does not load, or memory ran out "
                f"({failed}). Train again; if that does not help, see the log of the console."
            ) from failed
        compared = compare(asked, found["old"], found["new"], in_use.sha256)
        await self._finish(run, DONE, comparison=compared)
        await asyncio.to_thread(self._prune, in_use.sha256)

    def _prune(self, in_use_sha256: str) -> None:
        last = self._store.read_now(requests.last_switch)
        candidate.prune({in_use_sha256, *([last.before_sha256] if last else [])})

    def _end(self, run: TrainingRun) -> None:
        """End the training of a run with everything that it started."""
        told = self._read_status(run)
        if run.state in (TRAINING, COMPARING) and self._is_alive(told):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(told["pid"]), signal.SIGTERM)

    async def _finish(
        self,
        run: TrainingRun,
        state: str,
        *,
        problem: str | None = None,
        comparison: Comparison | None = None,
    ) -> None:
        self._status_file(run).unlink(missing_ok=True)
        if self._process is not None:
            await self._process.wait()
            self._process = None
        steps = {DONE: "compared", FAILED: "failed", CANCELLED: "cancelled"}
        await self._set(
            run,
            state=state,
            step=steps[state],
            percent=100,
            running=None,
            finished_at=utc_now(),
            problem=problem,
            comparison=comparison.to_json() if comparison else None,
        )
        _log.info("candidate ended", state=state, run=run.public_id)

    async def _set(self, run: TrainingRun, **values: Any) -> None:
        if any(getattr(run, name) != value for name, value in values.items()):
            await self._store.write(_set, run.id, values)

    def _status_file(self, run: TrainingRun) -> Path:
        return self._folder / f"{run.public_id}.json"

    def _read_status(self, run: TrainingRun) -> dict[str, Any]:
        try:
            told: dict[str, Any] = json.loads(self._status_file(run).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return told

    def _is_alive(self, told: dict[str, Any]) -> bool:
        """Whether the training that wrote this goes on; ours ended if it left a status behind."""
        if self._process is not None and self._process.returncode is not None:
            return False
        try:
            command = Path(f"/proc/{int(told['pid'])}/cmdline").read_bytes()
        except (OSError, KeyError, ValueError):
            return False
        return b"scripts.candidate" in command


def _set(session: Session, run_id: int, values: dict[str, Any]) -> None:
    run = session.get_one(TrainingRun, run_id, with_for_update=True)
    for name, value in values.items():
        setattr(run, name, value)


def _is_cancelled(session: Session, run_id: int) -> bool:
    return session.get_one(TrainingRun, run_id).cancelled_by is not None
