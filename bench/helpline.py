"""Our helpline under load: with one bot process, and with two behind nginx."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import load, machine, under_load
from bench.scale.proxy import Proxy
from bench.under_load import Figures
from scripts.processes import NAMES, RunningHelpline, running_helpline, spare_ports
from scripts.setup import ENVIRONMENTS, ROOT, python_of
from scripts.train import bot_environment
from tests.redis_server import RedisServer

READY_SECONDS = 60.0
BUSY_CROWDS = {16: 30, 64: 10}


def _started(helpline: RunningHelpline, names: tuple[str, ...]) -> float:
    started = time.perf_counter()
    for name in names:
        helpline.start(name, wait=False)
    for name in names:
        helpline.wait_ready(name)
    return time.perf_counter() - started


def measure_one(rounds: int) -> Figures:
    """Figures with one process of each kind, started as `make run` does."""
    with running_helpline((), {"RATE_LIMITS": "false"}) as helpline:
        page = _started(helpline, ("chat",))
        ready = _started(helpline, ("bot",))
        _started(helpline, ("actions", "staff"))
        before = {name: machine.processor_seconds(helpline.pid(name)) for name in NAMES}
        figures = under_load.measure(load.HelplineBot(helpline.chat_url), rounds)
        for name in NAMES:
            used = machine.processor_seconds(helpline.pid(name)) - before[name]
            figures[f"processor_{name}"] = 1000 * used / figures["messages"]
            figures[f"memory_{name}"] = machine.memory_megabytes(helpline.pid(name))
        return figures | {
            "ready": ready,
            "page": page,
            "memory": sum(figures[f"memory_{name}"] for name in NAMES),
            "memory_server": figures["memory_bot"],
            "disk": disk_megabytes(),
        }


def measure_two(rounds: int) -> Figures:
    """Figures with two bot processes behind nginx as deploy/ has it, and Redis for their locks."""
    with two_bots() as helpline:
        return under_load.measure(
            load.HelplineBot(helpline.chat_url), rounds, BUSY_CROWDS, turns=False
        )


@contextlib.contextmanager
def two_bots() -> Iterator[RunningHelpline]:
    """Start a helpline with two bot processes; the store stays one file on this machine."""
    chat, first, second, redis_port = spare_ports(4)
    redis = RedisServer(redis_port)
    with tempfile.TemporaryDirectory(prefix="helpline-nginx-") as folder:
        proxy = Proxy(Path(folder), [chat], [first, second])
        settings = {
            "RATE_LIMITS": "false",
            "CHAT_PORT": str(chat),
            "BOT_PORT": str(first),
            "BOT_URL": proxy.bot_url,
            "REDIS_URL": redis.url,
        }
        try:
            redis.start()
            proxy.start()
            with running_helpline((), settings, more_bots=[second]) as helpline:
                _started(helpline, (*NAMES, "bot2"))
                _wait_for_bots(helpline.chat_url)
                yield helpline
        finally:
            proxy.stop()
            redis.kill()


def _wait_for_bots(chat_url: str) -> None:
    """Wait until chat reaches a bot: nginx leaves alone for seconds what it found closed."""
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{chat_url}/readyz", timeout=5):
                return
        except urllib.error.URLError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.2)


def disk_megabytes() -> float:
    """Space of the two environments without what only tests need, in MB."""
    return sum(
        machine.without_tests_megabytes(
            (ENVIRONMENTS / name).resolve(), ROOT / "requirements" / f"{name}.txt"
        )
        for name in ("bot", "web")
    )


def training_seconds() -> Figures:
    """Train the whole bot twice in a folder of its own: with nothing cached, and once more."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="helpline-training-") as folder:
        for name in ("config.yml", "domain.yml"):
            shutil.copy2(ROOT / name, folder)
        shutil.copytree(ROOT / "data", Path(folder) / "data")
        for figure in ("training_cold", "training_cached"):
            started = time.perf_counter()
            subprocess.run(
                # The embeddings are kept between trainings; all else is trained again
                [python_of("bot"), "-m", "scripts.train_model", "--skip-validation", "--force"],
                cwd=folder,
                env=bot_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            figures[figure] = time.perf_counter() - started
    return figures
