"""Moves visitors from one model to another without dropping a conversation.

The supervisor starts a second bot with the new model; when it is ready, chat is told its address
and asks it from the next message on; when every answer under way must have come, the first bot is
stopped. Dialogue state lies in the tracker store that both bots read, so a conversation goes on.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from sqlalchemy.orm import Session

from helpline.learning import requests
from helpline.learning.in_use import kept_model, model_in_use, next_serving
from helpline.learning.supervisor import Supervisor, SupervisorError, model_of_bot
from helpline.store.database import Store
from helpline.store.learning_models import MOVING, STARTING, ModelSwitch
from scripts.candidate import copy_model, keep
from scripts.serving import READ_EVERY_SECONDS, Serving, read_serving, slot_file, write_serving
from scripts.start_bot import WrongModelError
from scripts.train import inputs_fingerprint
from settings import Settings

READY_WITHIN_SECONDS = 240.0
_log = structlog.get_logger("helpline.learning")


class Switcher:
    """Does the switches that staff asked for."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Use this helpline's supervisor and folders."""
        self._store = store
        self._settings = settings
        self.supervisor = Supervisor(settings.var_dir)
        # Chat notices within a second or two, and then waits for the first bot at most so long.
        self.handover_seconds = 2 * READ_EVERY_SECONDS + settings.bot_timeout_seconds + 1

    @property
    def is_possible(self) -> bool:
        """Whether models can be switched here: one machine under `make run`."""
        own = f"http://127.0.0.1:{self._settings.bot_port}"
        return self.supervisor.is_there and self._settings.bot_url == own

    async def run_once(self) -> None:
        """Do the switch that is asked for, or go on with one that a restart interrupted."""
        switch = await self._store.read(requests.running_switch)
        if switch is None:
            return
        try:
            await self._switch(switch)
        except (SupervisorError, WrongModelError, OSError) as error:
            _log.error("models were not switched", error=type(error).__name__)
            await self._store.write(requests.finish_switch, switch.id, str(error))
        else:
            await self._store.write(requests.finish_switch, switch.id, None)
            _log.info("models were switched", sha256=switch.sha256, before=switch.before_sha256)

    async def _switch(self, switch: ModelSwitch) -> None:
        now = read_serving(self._settings.var_dir)
        if switch.state == MOVING and now is not None and now.sha256 == switch.sha256:
            other = {"bot": "bot-second", "bot-second": "bot"}[now.program]
            await asyncio.sleep(self.handover_seconds)
            await self.supervisor.stop(other)
            return
        if not self.is_possible:
            raise SupervisorError(
                "This helpline does not run under `make run`: put the model in place by hand "
                "(docs/operations.md)."
            )
        before = await asyncio.to_thread(model_in_use, self._settings.var_dir)
        await asyncio.to_thread(keep, before)
        new = await asyncio.to_thread(kept_model, switch.sha256)
        inputs = await asyncio.to_thread(inputs_fingerprint)
        after, program_before = next_serving(self._settings, new, inputs)
        await self._store.write(_set_state, switch.id, STARTING)
        # In case something was left running there, with another model
        await self.supervisor.stop(after.program)
        await asyncio.to_thread(copy_model, new, slot_file(self._settings.var_dir, after.program))
        await self.supervisor.start(after.program)
        try:
            await self._wait_until_ready(after)
        except SupervisorError:
            await self.supervisor.stop(after.program)
            raise
        await self._store.write(_set_state, switch.id, MOVING)
        await asyncio.to_thread(write_serving, self._settings.var_dir, after)
        await asyncio.sleep(self.handover_seconds)
        await self.supervisor.stop(program_before)

    async def _wait_until_ready(self, after: Serving) -> None:
        secret = self._settings.secret("bot")
        give_up = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < give_up:
            if await model_of_bot(after.url, secret) == after.model_id:
                return
            await asyncio.sleep(0.5)
        raise SupervisorError(
            f"The bot with the new model was not ready within {READY_WITHIN_SECONDS:.0f} seconds. "
            f"The model before it still answers; see {after.program}.log in the log folder."
        )


def _set_state(session: Session, switch_id: int, state: str) -> None:
    session.get_one(ModelSwitch, switch_id, with_for_update=True).state = state
