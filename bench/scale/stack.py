"""A whole helpline under its supervisor, as one machine has it or as several share the work.

`Small` is `make run` itself. `Scaled` has two chat and two bot processes behind nginx, PostgreSQL
and Redis. Both start again what dies, and both run on spare ports with a folder of their own.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import settings as helpline_settings
from bench.machine import process_tree
from bench.scale.proxy import Proxy
from helpline.store.database import Store
from scripts import supervisor, train
from scripts.processes import Process, define, is_ready, spare_ports
from scripts.setup import ROOT
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer

# A bot that starts on a busy machine
READY_SECONDS = 420.0
# How a process is known by its command line
MARKS = {
    "chat": "helpline.chat",
    "staff": "helpline.staff",
    "bot": "--credentials",
    "actions": "--actions",
}
COPIED = (
    "actions",
    "components",
    "compat",
    "content",
    "data",
    "data_tools",
    "knowledge",
    "models",
    "requirements",
    "safety",
    "scripts",
    "web/helpline",
    "web/widget/dist",
)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> float:
    """Look again and again until `condition` holds; return the seconds it took.

    Raises:
        AssertionError: it did not hold within `seconds`; the message says `what`.
    """
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - begun


class Stack(abc.ABC):
    """What both have in common."""

    chat_url: str
    # Of each chat process, without nginx before it
    chat_ports: list[int]

    def __init__(self, **environment: str) -> None:
        """Choose a folder; `environment` are settings beside our own."""
        self._temporary = tempfile.TemporaryDirectory(prefix="helpline-")
        self.folder = Path(self._temporary.name)
        # PostgreSQL runs as somebody else
        self.folder.chmod(0o755)
        self.environment = {**os.environ, **environment}
        self._supervisor: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Whoever ends this program ends what it started, too
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @abc.abstractmethod
    def start(self) -> None:
        """Start everything."""

    @property
    def var_dir(self) -> Path:
        """The helpline's VAR_DIR."""
        return Path(self.environment["VAR_DIR"])

    def ready(self) -> bool:
        """Whether every chat process says that visitors get answers."""
        return all(_ok(f"http://127.0.0.1:{port}/readyz") for port in self.chat_ports)

    def wait_ready(self) -> float:
        """Wait until it answers; return the seconds that took."""
        try:
            return wait_until(lambda: self.ready() and self._all_run(), "the helpline is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tails()}") from None

    def _all_run(self) -> bool:
        return all(self.pids(name) for name in MARKS)

    def pids(self, name: str) -> list[int]:
        """Process ids of the processes of one kind."""
        if self._supervisor is None:
            return []
        found = []
        for pid in process_tree(self._supervisor.pid):
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if MARKS[name] in command:
                    found.append(pid)
        return sorted(found)

    def kill(self, name: str, which: int = 0) -> None:
        """Kill a process as a crash would; its supervisor starts it again."""
        os.kill(self.pids(name)[which], signal.SIGKILL)

    def restart(self, name: str, pid: int) -> None:
        """Stop a process as an operator would, and wait until another has taken its place."""
        count = len(self.pids(name))
        os.kill(pid, signal.SIGTERM)
        wait_until(
            lambda: pid not in self.pids(name) and len(self.pids(name)) == count,
            f"{name} is started again",
        )

    def log(self, name: str) -> str:
        """What a process wrote."""
        file = self.var_dir / "log" / f"{name}.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def tails(self) -> str:
        """The end of every log."""
        ends = []
        for file in sorted((self.var_dir / "log").glob("*.log")):
            ends.append(f"--- {file.name}\n{file.read_text('utf-8', 'replace')[-1500:]}")
        return "\n".join(ends)

    def metric(self, name: str) -> float:
        """Sum of one of the chat processes' numbers over all labels and processes."""
        total = 0.0
        for port in self.chat_ports:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                for line in answer.read().decode().splitlines():
                    if line.partition("{")[0].partition(" ")[0] == name:
                        total += float(line.rpartition(" ")[2])
        return total

    def store(self) -> Store:
        """Open the store; close it after use."""
        return Store(self.environment["DATABASE_URL"])

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        if self._supervisor is not None:
            supervisor.stop(self._supervisor)
            self._supervisor = None
        self._temporary.cleanup()


class Small(Stack):
    """`make run` in a copy of the checkout, so that files of it can be broken."""

    def __init__(self, var_dir: Path | None = None, **environment: str) -> None:
        """Copy the checkout; data go to `var_dir`, by default into the copy."""
        super().__init__(**environment)
        self.checkout = self.folder / "checkout"
        self.checkout.mkdir()
        for name in COPIED:
            shutil.copytree(
                ROOT / name,
                self.checkout / name,
                ignore=shutil.ignore_patterns("__pycache__", "data.lock"),
            )
        for file in ROOT.iterdir():
            if file.is_file():
                shutil.copy2(file, self.checkout)
        (self.checkout / ".venvs").symlink_to(ROOT / ".venvs")
        # `make test` has trained before; a model that is not quite current serves here as well
        stamp = self.checkout / train.STAMP.relative_to(ROOT)
        made_from = {"inputs": train.inputs_fingerprint(self.checkout)}
        stamp.write_text(json.dumps(json.loads(stamp.read_text("utf-8")) | made_from), "utf-8")
        names = ("CHAT_PORT", "STAFF_PORT", "BOT_PORT", "BOT_SECOND_PORT", "ACTIONS_PORT")
        ports = spare_ports(len(names))
        data = var_dir or self.checkout / "var"
        self.environment |= {
            **{name: str(port) for name, port in zip(names, ports, strict=True)},
            "VAR_DIR": str(data),
            "DATABASE_URL": f"sqlite:///{data / 'helpline.db'}",
            "RATE_LIMITS": "false",
            "PYTHONPATH": f"{self.checkout}{os.pathsep}{self.checkout / 'web'}",
            **environment,
        }
        self.chat_ports = ports[:1]
        self.chat_url = f"http://127.0.0.1:{ports[0]}"

    def start(self) -> None:
        """Run `scripts.run` in the copy."""
        with (self.folder / "run.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [ROOT / ".venvs" / "tools" / "bin" / "python", "-m", "scripts.run"],
                cwd=self.checkout,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def tails(self) -> str:
        """The end of every log, and what `make run` said."""
        return f"{(self.folder / 'run.log').read_text('utf-8')[-1500:]}\n{super().tails()}"


class Scaled(Stack):
    """Several chat and bot processes behind nginx, with PostgreSQL and Redis."""

    def __init__(self, chats: int = 2, bots: int = 2, **environment: str) -> None:
        """Choose ports for so many processes."""
        super().__init__(**environment)
        ports = spare_ports(chats + bots + 4)
        self.chat_ports, self._bot_ports = ports[:chats], ports[chats : chats + bots]
        staff, actions, postgres, redis = ports[chats + bots :]
        self.postgres = PostgresServer(postgres)
        self.redis = RedisServer(redis)
        self.proxy = Proxy(self.folder / "nginx", self.chat_ports, self._bot_ports)
        self.chat_url = self.proxy.chat_url
        self._processes: list[Process] = []
        self.environment |= {
            "VAR_DIR": str(self.folder / "var"),
            "STAFF_PORT": str(staff),
            "ACTIONS_PORT": str(actions),
            "REDIS_URL": self.redis.url,
            "BOT_URL": self.proxy.bot_url,
            "TRUSTED_PROXIES": "1",
            # Counted in Redis as for the public, but high enough for one address
            "RATE_MESSAGES_PER_MINUTE": "100000",
            "RATE_ADDRESS_PER_MINUTE": "10000000",
            "RATE_CONVERSATIONS_PER_HOUR": "10000000",
            **environment,
        }

    def start(self) -> None:
        """Start the databases, nginx and the processes."""
        self.environment["DATABASE_URL"] = self.postgres.new_database()
        self.environment["TRACKER_DATABASE_URL"] = self.postgres.new_database()
        self.redis.start()
        self.proxy.start()
        self._processes = self._define()
        configuration = supervisor.write_configuration(self.var_dir, self._processes)
        self._supervisor = supervisor.start(configuration, self.environment)

    def ready(self) -> bool:
        """Whether every process answers, and every chat process through nginx."""
        return super().ready() and all(map(is_ready, self._processes))

    def _define(self) -> list[Process]:
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            values = helpline_settings.load()
            described = define(values)
            found = [described["actions"], described["staff"]]
            for kind, ports in (("chat", self.chat_ports), ("bot", self._bot_ports)):
                for port in ports:
                    here = (
                        dataclasses.replace(values, chat_port=port)
                        if kind == "chat"
                        else dataclasses.replace(values, bot_port=port)
                    )
                    process = define(here)[kind]
                    name = f"{kind.upper()}_PORT"
                    more: Mapping[str, str] = {**process.environment, name: str(port)}
                    found.append(
                        dataclasses.replace(process, name=f"{kind}-{port}", environment=more)
                    )
        finally:
            os.environ.clear()
            os.environ.update(before)
        return found

    def names(self, kind: str) -> list[str]:
        """Names of the logs of the processes of one kind."""
        return [process.name for process in self._processes if process.name.startswith(kind)]

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self.proxy.stop()
        if self._supervisor is not None:
            supervisor.stop(self._supervisor)
            self._supervisor = None
        self.redis.kill()
        self.postgres.stop()
        self._temporary.cleanup()


def _ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
