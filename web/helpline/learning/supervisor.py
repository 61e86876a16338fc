"""Has the supervisor of `make run` start and stop bots, and asks a bot whether it is ready."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from scripts.setup import ENVIRONMENTS
from scripts.supervisor import SOCKET

COMMAND_SECONDS = 30.0
STATUS_SECONDS = 2.0


class SupervisorError(Exception):
    """The supervisor did not do it; the message says what it told."""


class Supervisor:
    """Talks with supervisord over its socket in VAR_DIR, through its own command."""

    def __init__(self, var_dir: Path) -> None:
        """Remember where its files lie."""
        self._configuration = var_dir / "supervisord.conf"
        self._socket = var_dir / SOCKET

    @property
    def is_there(self) -> bool:
        """Whether this helpline runs under `make run`, so that models can be switched here."""
        return self._configuration.exists() and self._socket.exists()

    async def start(self, program: str) -> None:
        """Start a program; one that runs already goes on.

        Raises:
            SupervisorError: it did not start.
        """
        await self._run("start", program, "already started")

    async def stop(self, program: str) -> None:
        """Stop a program; one that does not run is left alone.

        Raises:
            SupervisorError: it did not stop.
        """
        await self._run("stop", program, "not running")

    async def _run(self, verb: str, program: str, fine: str) -> None:
        process = await asyncio.create_subprocess_exec(
            str(ENVIRONMENTS / "tools" / "bin" / "supervisorctl"),
            *("-c", str(self._configuration), verb, program),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise SupervisorError(f"The supervisor did not {verb} {program} in time.") from None
        told = output.decode(errors="replace").strip()
        if process.returncode and fine not in told:
            raise SupervisorError(f"The supervisor could not {verb} {program}: {told[-300:]}")


async def model_of_bot(url: str, secret: str) -> str | None:
    """Return the id of the model that a bot is ready to answer with; None: it is not ready."""
    try:
        async with (
            aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {secret}"}, trust_env=False
            ) as session,
            session.get(
                f"{url}/webhooks/helpline/", timeout=aiohttp.ClientTimeout(total=STATUS_SECONDS)
            ) as answer,
        ):
            told = await answer.json() if answer.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    return str(told["model"]) if told.get("status") == "ready" and told.get("model") else None
