"""A line between chat and bot that can be cut, slowed, or made to swallow everything."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any

START_SECONDS = 20.0


class Link:
    """Passes connections on to a port of loopback, from a port of its own."""

    def __init__(self, port: int) -> None:
        """Lead to `port`; nothing listens before `__enter__`."""
        self._target = port
        self._cut = False
        self._delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    def __enter__(self) -> Link:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_error: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()

    def cut(self) -> None:
        """Break every connection, and refuse new ones, until `mend`."""
        self._cut = True
        self._do(self._drop())

    def slow(self, seconds: float) -> None:
        """Hold every answer back for so long, until `mend`."""
        self._delay = seconds

    def mend(self) -> None:
        """Pass everything on again."""
        self._cut, self._delay = False, 0.0

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_SECONDS)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        await self._drop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _drop(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _connected(
        self, from_chat: asyncio.StreamReader, to_chat: asyncio.StreamWriter
    ) -> None:
        if self._cut:
            to_chat.transport.abort()
            return
        self._open.add(to_chat)
        with contextlib.suppress(OSError):
            from_bot, to_bot = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(
                self._pass(from_chat, to_bot, slowly=False),
                self._pass(from_bot, to_chat, slowly=True),
            )
        to_chat.transport.abort()
        self._open.discard(to_chat)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slowly: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if slowly and self._delay:
                    await asyncio.sleep(self._delay)
                writer.write(data)
                await writer.drain()
        writer.close()
