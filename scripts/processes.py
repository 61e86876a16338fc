"""The processes of one helpline: how each is started and how one knows that it is ready.

`make run` hands them to a supervisor, `make shell` and the tests start them on spare ports.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import settings as helpline_settings
from scripts.serving import FIRST, SECOND, Serving, read_serving, slot_file
from scripts.setup import ROOT, python_of
from scripts.train import MODEL, bot_environment
from settings import Settings

NAMES = ("actions", "bot", "chat", "staff")
DEFAULT_ACTIONS_PORT = 5055


@dataclasses.dataclass(frozen=True)
class Process:
    """One process: its command line, what it adds to the environment, where it says it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str


def _endpoints_file(values: Settings) -> Path:
    """Rasa's endpoints.yml names a port; with another ACTIONS_PORT it gets a copy that names it."""
    original = ROOT / "endpoints.yml"
    if values.actions_port == DEFAULT_ACTIONS_PORT:
        return original
    text = re.sub(
        rf":{DEFAULT_ACTIONS_PORT}\b", f":{values.actions_port}", original.read_text("utf-8")
    )
    copy = values.var_dir / "endpoints.yml"
    if not copy.exists() or copy.read_text("utf-8") != text:
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: a bot that starts meanwhile would do without what it cannot read
        draft = copy.with_name(f".{copy.name}.{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(copy)
    return copy


def define(values: Settings, model: Path = MODEL) -> dict[str, Process]:
    """Describe the processes for these settings, in the order they should start."""
    bot = {k: v for k, v in bot_environment().items() if os.environ.get(k) != v}
    # rasa-sdk listens everywhere unless told otherwise
    actions = {**bot, "SANIC_HOST": "127.0.0.1"}
    web = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}"}
    bot_python = str(python_of("bot"))
    web_python = str(python_of("web"))
    endpoints = str(_endpoints_file(values))
    local = "http://127.0.0.1"
    described = (
        Process(
            "chat",
            (web_python, "-m", "helpline.chat"),
            web,
            f"http://{_reachable(values.chat_host)}:{values.chat_port}/healthz",
        ),
        Process(
            "actions",
            (
                bot_python,
                "-m",
                "rasa_sdk",
                "--actions",
                "actions",
                "--port",
                str(values.actions_port),
            ),
            actions,
            f"{local}:{values.actions_port}/health",
        ),
        Process(
            "bot",
            (
                # refuses a model that is not the one we trained, then becomes `rasa run`
                *(bot_python, "-m", "scripts.start_bot", str(model)),
                *("--endpoints", endpoints, "--credentials", "credentials.yml"),
                *("--interface", "127.0.0.1", "--port", str(values.bot_port)),
            ),
            bot,
            f"{local}:{values.bot_port}/webhooks/helpline/",
        ),
        Process(
            "staff",
            (web_python, "-m", "helpline.staff"),
            web,
            f"http://{_reachable(values.staff_host)}:{values.staff_port}/healthz",
        ),
    )
    return {process.name: process for process in described}


def define_supervised(values: Settings) -> dict[str, Process]:
    """Describe the processes of `make run`: those of `define`, and a second bot for switching.

    Each bot has a model file of its own below VAR_DIR, so that neither sees the other's change.
    """
    described = define(values, slot_file(values.var_dir, FIRST))
    second = dataclasses.replace(values, bot_port=values.bot_second_port)
    bot = define(second, slot_file(values.var_dir, SECOND))["bot"]
    return {**described, SECOND: dataclasses.replace(bot, name=SECOND)}


def running_at_start(values: Settings) -> set[str]:
    """Return the processes of `define_supervised` that run until staff switch models."""
    serving: Serving | None = read_serving(values.var_dir)
    answering = serving.program if serving else FIRST
    return {*NAMES, answering} - ({FIRST, SECOND} - {answering})


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104


def is_ready(process: Process) -> bool:
    """Whether the process answers its ready address with a status below 400."""
    try:
        with urllib.request.urlopen(process.ready_url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status < 400)
    except (urllib.error.URLError, OSError):
        return False


class StartError(RuntimeError):
    """A process ended or did not get ready; the message holds the end of its output."""


class RunningHelpline:
    """A helpline on spare ports with its own folder; a context manager that stops everything."""

    def __init__(
        self,
        names: tuple[str, ...],
        overrides: Mapping[str, str],
        model: Path,
        more_bots: Sequence[int] = (),
    ) -> None:
        """Choose ports and folder; nothing runs before `__enter__`.

        A second bot, named "bot2", can be started on the first port of `more_bots`, and so on.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="helpline-")
        self.var_dir = Path(self._folder.name)
        ports = dict(
            zip(
                ("CHAT_PORT", "STAFF_PORT", "BOT_PORT", "ACTIONS_PORT"), spare_ports(4), strict=True
            )
        )
        self.environment = {
            **os.environ,
            "VAR_DIR": str(self.var_dir),
            **{name: str(port) for name, port in ports.items()},
            **overrides,
        }
        with _environment(self.environment):
            self.settings = helpline_settings.load()
            self._processes = define(self.settings, model)
            for number, port in enumerate(more_bots, start=2):
                more = define(dataclasses.replace(self.settings, bot_port=port), model)["bot"]
                self._processes[f"bot{number}"] = more
        self._names = names
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.chat_url = f"http://127.0.0.1:{self.settings.chat_port}"
        self.staff_url = f"http://127.0.0.1:{self.settings.staff_port}"

    def __enter__(self) -> RunningHelpline:
        try:
            for name in self._names:
                self.start(name, wait=False)
            for name in self._names:
                self.wait_ready(name)
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop_all()

    def start(self, name: str, wait: bool = True) -> None:
        """Start a process (again) and wait until it is ready."""
        process = self._processes[name]
        with self.log_file(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                process.command,
                cwd=ROOT,
                env={**self.environment, **process.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait_ready(name)

    def wait_ready(self, name: str, seconds: float = 90) -> None:
        """Block until the process is ready.

        Raises:
            StartError: it ended, or was not ready within `seconds`.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if is_ready(self._processes[name]):
                return
            if self._running[name].poll() is not None:
                break
            time.sleep(0.05)
        tail = self.log_file(name).read_text("utf-8", "replace")[-4000:]
        raise StartError(f"{name} did not get ready. The end of its output:\n{tail}")

    def kill(self, name: str) -> None:
        """Kill a process at once, as a crash would."""
        self._end(name, signal.SIGKILL)

    def pid(self, name: str) -> int:
        """Process id of a running process."""
        return self._running[name].pid

    def is_running(self, name: str) -> bool:
        """Whether a process that was started is still there."""
        return self._running[name].poll() is None

    def log_file(self, name: str) -> Path:
        """File that the output of a process goes to."""
        return self.var_dir / f"{name}.log"

    def _end(self, name: str, how: signal.Signals) -> None:
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop_all(self) -> None:
        """End every process and remove the folder."""
        for name in list(self._running):
            self._end(name, signal.SIGTERM)
        self._folder.cleanup()


def running_helpline(
    names: tuple[str, ...] = NAMES,
    overrides: Mapping[str, str] | None = None,
    model: Path = MODEL,
    more_bots: Sequence[int] = (),
) -> RunningHelpline:
    """A whole helpline (or some of its processes) for a test: `with running_helpline() as it:`."""
    return RunningHelpline(names, overrides or {}, model, more_bots)


def run_in_web(environment: Mapping[str, str], module: str, *arguments: str) -> str:
    """Run a command of the web environment on the store that `environment` names.

    Returns what it printed.

    Raises:
        RuntimeError: it failed; the message is what it said.
    """
    paths = os.pathsep.join((str(ROOT), str(ROOT / "web")))
    done = subprocess.run(
        [str(python_of("web")), "-m", module, *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def spare_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on now, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
