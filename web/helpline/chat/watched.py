"""What staff decide while people are talking, read every second: the kill switch, hidden answers,
the settings that can be changed without a restart, and which of two bots answers.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from helpline.chat.bot import BotClient
from helpline.chat.errors import log_unexpected
from helpline.chat.metrics import Metrics
from helpline.store.database import Store
from helpline.store.hidden_answers import read_hidden
from helpline.store.kill_switch import read_switch
from helpline.store.stored_settings import effective
from scripts.serving import READ_EVERY_SECONDS, read_serving
from settings import Settings

_log = structlog.get_logger("helpline.chat")


class Watched:
    """How things stood within the last second.

    While the database cannot be read they stay as they were read last.
    """

    def __init__(self, store: Store, metrics: Metrics, settings: Settings) -> None:
        """Begin with what the environment says, until `refresh`."""
        self.stopped = False
        # Names of answers that no visitor may see
        self.hidden: frozenset[str] = frozenset()
        self.settings = settings
        self._given = settings
        self._bot: BotClient | None = None
        self._bot_url = settings.bot_url
        self._store = store
        self._metrics = metrics

    def lead(self, bot: BotClient) -> None:
        """Have this client ask the bot that staff chose, now and whenever they switch."""
        self._bot = bot
        bot.move_to(self._bot_url)

    async def refresh(self) -> None:
        """Read it all once.

        Raises:
            SQLAlchemyError: the database cannot be used.
        """
        stopped, hidden, settings = await self._store.read(self._read)
        await self._follow_bot()
        if stopped != self.stopped:
            _log.warning("the bot's answers are stopped" if stopped else "the bot answers again")
        if hidden != self.hidden:
            _log.warning("hidden answers changed", hidden=sorted(hidden))
        if settings != self.settings:
            _log.warning("settings changed", retention_days=settings.retention_days)
        self.stopped, self.hidden, self.settings = stopped, hidden, settings
        self._metrics.answers_stopped.set(stopped)

    async def _follow_bot(self) -> None:
        # A bot elsewhere, named by BOT_URL, is not one that staff switch here.
        if self._given.bot_url != f"http://127.0.0.1:{self._given.bot_port}":
            return
        serving = await asyncio.to_thread(read_serving, self._given.var_dir)
        url = serving.url if serving else self._given.bot_url
        if url != self._bot_url:
            _log.warning("another bot answers from now on", model=serving and serving.model_id)
            self._bot_url = url
            if self._bot is not None:
                self._bot.move_to(url)

    def _read(self, session: Session) -> tuple[bool, frozenset[str], Settings]:
        return (
            read_switch(session).stopped,
            frozenset(read_hidden(session)),
            effective(session, self._given),
        )

    async def watch(self) -> None:
        """Read it again and again."""
        while True:
            await asyncio.sleep(READ_EVERY_SECONDS)
            try:
                await self.refresh()
            except SQLAlchemyError:
                # Requests and /readyz tell of a database that is away; a line a second would not.
                continue
            except Exception as error:
                # The kill switch must be looked at for as long as the process lives.
                log_unexpected("what staff decided cannot be read", error)
