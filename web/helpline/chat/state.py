"""What one chat process holds: settings, limits, metrics, and the service once it is loaded."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Collection, Coroutine
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog
from sanic import Request, Sanic
from sanic.config import Config

from helpline.chat import problems
from helpline.chat.errors import log_unexpected
from helpline.chat.metrics import Metrics
from helpline.chat.shared_limits import RateLimit
from helpline.shared.limits import AddressHasher
from settings import Settings

if TYPE_CHECKING:
    from helpline.chat.service import ChatService

App: TypeAlias = "Sanic[Config, SimpleNamespace]"

_log = structlog.get_logger("helpline.chat")

# A request that comes while the process still loads waits this long before it is turned away.
LOADING_WAIT_SECONDS = 8.0
LOADING_WAIT_SECONDS_SEVERAL = 1.0
LOAD_RETRY_SECONDS = 2.0
# With the wait for loading a visitor knows within 10 seconds that the store is away.
STORE_WAIT_SECONDS = 8.0
WATCH_SECONDS_READY = 5.0
WATCH_SECONDS_NOT_READY = 1.0


class Chat:
    """State of the process. The page can be shown at once; the rest loads in the background.

    Database and HTTP client take about a second to import, which a visitor need not wait for.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with nothing loaded."""
        self._given = settings
        self.metrics = Metrics()
        redis = settings.redis_url
        # Processes that count together must know an address by the same key
        self.address_key = AddressHasher(settings.secret("chat") if redis else None)
        self.address_limit = RateLimit("address", settings.rate_address_per_minute, 60, redis)
        self.opening_limit = RateLimit(
            "conversations", settings.rate_conversations_per_hour, 3600, redis
        )
        self.bot_ready = False
        # Tells "is still starting" from "is away right now".
        self.bot_was_ready = False
        self.stopping = False
        # Sanic's own set of open connections, known from the first request on
        self.connections: Collection[Any] = ()
        self.loaded: ChatService | None = None
        self._loaded = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def settings(self) -> Settings:
        """The settings in force: what staff stored stands before the environment."""
        return self.loaded.watched.settings if self.loaded else self._given

    async def service(self) -> ChatService:
        """Return the service, waiting for it while the process starts.

        Raises:
            Problem: it did not load in time, most likely because the database is away.
        """
        if self.loaded is None:
            try:
                # Behind a proxy another process may be there already
                several = self._given.trusted_proxies > 0
                seconds = LOADING_WAIT_SECONDS_SEVERAL if several else LOADING_WAIT_SECONDS
                async with asyncio.timeout(seconds):
                    await self._loaded.wait()
            except TimeoutError:
                raise problems.unavailable() from None
        assert self.loaded is not None  # noqa: S101  (set before the event)
        return self.loaded

    def start(self) -> None:
        """Load in the background."""
        self._spawn(self._load())

    async def stop(self) -> None:
        """End background work, let running turns finish, close everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.loaded is not None:
            await self.loaded.close()
        await self.address_limit.close()
        await self.opening_limit.close()

    async def check_bot(self) -> bool:
        """Ask the bot whether it is ready, and remember."""
        ready = False
        if self.loaded is not None:
            ready = (await self.loaded.bot.status()).ready
        if ready != self.bot_ready:
            _log.info("bot is ready" if ready else "bot is not ready")
        self.bot_ready = ready
        self.bot_was_ready = self.bot_was_ready or ready
        self.metrics.bot_ready.set(ready)
        return ready

    async def _load(self) -> None:
        # The page stays up and shows the number; /readyz says that the store is missing.
        while self.loaded is None:
            try:
                await asyncio.to_thread(importlib.import_module, "helpline.chat.service")
                await self._open()
            except Exception as error:
                log_unexpected("chat service cannot be loaded, trying again", error)
                await asyncio.sleep(LOAD_RETRY_SECONDS)

    async def _open(self) -> None:
        from helpline.chat.bot import BotClient
        from helpline.chat.service import ChatService, warm_up
        from helpline.chat.watched import Watched
        from helpline.store.database import Store

        store = Store(self.settings.database_url, wait_seconds=STORE_WAIT_SECONDS)
        watched = Watched(store, self.metrics, self._given)
        try:
            if await store.migrate():
                _log.info("store migrated")
            # Before the first answer: a restart must not let a stopped bot speak.
            await watched.refresh()
        except BaseException:
            store.engine.dispose()
            raise
        bot = BotClient(
            self.settings.bot_url, self.settings.secret("bot"), self.settings.bot_timeout_seconds
        )
        self.loaded = ChatService(self.settings, store, bot, self.metrics, watched)
        self._loaded.set()
        _log.info("chat is ready")
        self._spawn(self.loaded.run_jobs())
        self._spawn(self._watch_bot())
        await asyncio.to_thread(warm_up)

    async def _watch_bot(self) -> None:
        while True:
            ready = await self.check_bot()
            await asyncio.sleep(WATCH_SECONDS_READY if ready else WATCH_SECONDS_NOT_READY)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))


def chat_of(request: Request) -> Chat:
    """Return the state of the process that serves this request."""
    return chat_of_app(request.app)


def chat_of_app(app: App) -> Chat:
    """Return the state of an app made by `create_app`."""
    chat: Chat = app.ctx.chat
    return chat
