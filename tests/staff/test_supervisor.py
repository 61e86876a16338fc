"""A real supervisor starts and stops bots for the console, and says why when it cannot."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from helpline.learning import supervisor as learning_supervisor
from helpline.learning.supervisor import Supervisor, SupervisorError, model_of_bot
from scripts import supervisor
from scripts.processes import Process
from tests.web.duty_receivers import wait_for
from tests.web.running import free_port
from tests.web.scripted_bot import ScriptedBot


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Supervisor]:
    """A supervisor with a program that runs when it is told to, and one that ends at once."""
    sleeps = Process("bot-second", (sys.executable, "-c", "import time; time.sleep(60)"), {}, "")
    broken = Process("broken", (sys.executable, "-c", "raise SystemExit(3)"), {}, "")
    file = supervisor.write_configuration(tmp_path, [sleeps, broken], starting=())
    started = supervisor.start(file)
    told = Supervisor(tmp_path)
    wait_for(lambda: told.is_there, "the supervisor's socket")
    yield told
    supervisor.stop(started)


async def test_a_bot_is_started_and_stopped_and_both_twice(running: Supervisor) -> None:
    for _ in range(2):
        await running.start("bot-second")
    for _ in range(2):
        await running.stop("bot-second")


async def test_what_it_cannot_do_is_told(
    running: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SupervisorError, match=r"could not start nobody: .*no such process"):
        await running.start("nobody")
    monkeypatch.setattr(learning_supervisor, "COMMAND_SECONDS", 0.0)
    with pytest.raises(SupervisorError, match="did not stop bot-second in time"):
        await running.stop("bot-second")


def test_without_make_run_there_is_none(tmp_path: Path) -> None:
    assert not Supervisor(tmp_path).is_there


async def test_which_model_a_bot_is_ready_with() -> None:
    bot = ScriptedBot()
    bot.start()
    try:
        assert await model_of_bot(bot.url, "secret-for-tests") is not None
        bot.ready = False
        assert await model_of_bot(bot.url, "secret-for-tests") is None
    finally:
        bot.stop()
    assert await model_of_bot(f"http://127.0.0.1:{free_port()}", "secret") is None
