"""Heavy work of the learning loop, in processes of its own with low priority: visitors come first.

Each runs in a process group of its own, so that what it starts can be ended with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

LOOK_EVERY_SECONDS = 1.0
NICE = ("nice", "-n", "10")


class JobStopped(Exception):
    """A job was ended before its time, because it was asked to."""


class JobFailed(Exception):
    """A job ended without an answer; the message tells its status."""


async def start(
    environment: str, module: str, *arguments: str, reads: bool = False
) -> asyncio.subprocess.Process:
    """Start `python -m module` of an environment in the checkout.

    `reads`: something will be written to its standard input, which is closed otherwise.
    """
    return await asyncio.create_subprocess_exec(
        *NICE,
        str(python_of(environment)),
        *("-m", module, *arguments),
        cwd=ROOT,
        env=bot_environment(),
        stdin=asyncio.subprocess.PIPE if reads else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def work_on(
    texts: Sequence[str],
    folder: Path,
    module: str,
    *arguments: str,
    is_enough: Callable[[], Awaitable[bool]],
) -> Any:
    """Have a module of the bot's environment work on texts; return its answer.

    Args:
        texts: go to its standard input as JSON, so that they come onto no command line and disk.
        folder: where it may leave its answer meanwhile.
        module: takes the file for its answer, JSON too, as its last argument.
        arguments: those before it.
        is_enough: asked every second; when it says so, the job is ended.

    Raises:
        JobStopped: `is_enough` said so.
        JobFailed: it ended without an answer.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        answer = Path(temporary) / "answer.json"
        process = await start("bot", module, *arguments, str(answer), reads=True)
        talking = asyncio.ensure_future(process.communicate(json.dumps(list(texts)).encode()))
        try:
            while not talking.done():
                await asyncio.wait([talking], timeout=LOOK_EVERY_SECONDS)
                if not talking.done() and await is_enough():
                    raise JobStopped
        finally:
            if not talking.done():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            await asyncio.gather(talking, return_exceptions=True)
        if process.returncode or not answer.exists():
            raise JobFailed(f"the job ended with status {process.returncode}")
        return json.loads(answer.read_text("utf-8"))
