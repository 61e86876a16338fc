"""supervisord, which starts a process again when it dies: its configuration for our processes."""

from __future__ import annotations

import configparser
import shlex
import subprocess
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from scripts import setup
from scripts.processes import Process

# A process finishes the requests that it has begun; systemd waits as long (TimeoutStopSec)
STOP_SECONDS = 20
# "Never give up": what stops a process, a full disk for example, is mended at some time
RETRIES = 1_000_000
# Over it the staff console has a second bot started (helpline.learning.supervisor).
SOCKET = "supervisor.sock"
# The address of a socket has room for no more.
LONGEST_SOCKET = 100


def _quoted(value: str) -> str:
    # supervisord reads % as the start of an expansion and splits at commas outside quotes
    return '"' + value.replace("%", "%%").replace('"', '\\"') + '"'


def write_configuration(
    folder: Path, described: Iterable[Process], *, starting: Container[str] | None = None
) -> Path:
    """Write the configuration into `folder`, logs going to `folder`/log, and return its path.

    `starting` names the processes that start at once, None all of them. The others are started
    through the socket in `folder`, which only our own user can open.
    """
    configuration = configparser.RawConfigParser()
    logs = folder / "log"
    logs.mkdir(parents=True, exist_ok=True)
    configuration["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": str(logs / "supervisord.log"),
        "pidfile": str(folder / "supervisord.pid"),
    }
    socket_file = str(folder / SOCKET)
    if len(socket_file) <= LONGEST_SOCKET:
        configuration["unix_http_server"] = {"file": socket_file, "chmod": "0700"}
        configuration["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        configuration["supervisorctl"] = {"serverurl": f"unix://{socket_file}"}
    for process in described:
        configuration[f"program:{process.name}"] = {
            "command": shlex.join(process.command).replace("%", "%%"),
            "directory": str(setup.ROOT),
            "environment": ",".join(f"{k}={_quoted(v)}" for k, v in process.environment.items()),
            "autostart": "true" if starting is None or process.name in starting else "false",
            "autorestart": "true",
            "startretries": str(RETRIES),
            "stopwaitsecs": str(STOP_SECONDS),
            "stopasgroup": "true",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(logs / f"{process.name}.log"),
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "3",
        }
    path = folder / "supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        configuration.write(file)
    return path


def start(
    configuration: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start supervisord with a configuration of ours; SIGTERM stops it and all it started.

    Args:
        configuration: from `write_configuration`.
        environment: of supervisord and of all processes; None: this process's own.
    """
    program = setup.ENVIRONMENTS / "tools" / "bin" / "supervisord"
    return subprocess.Popen([program, "-c", configuration], start_new_session=True, env=environment)


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    """Stop supervisord and all that it started; running requests are finished first."""
    supervisor.terminate()
    try:
        supervisor.wait(timeout=STOP_SECONDS + 5)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
