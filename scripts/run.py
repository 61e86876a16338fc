"""`make run`: set up, train if needed, start everything under one supervisor, say where it is.

The supervisor (supervisord) starts a process again when it dies, so that a crash of the bot costs
seconds. Ctrl-C stops all.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import settings as helpline_settings
from scripts import candidate, processes, setup, supervisor, train
from scripts.serving import FIRST, forget_serving, read_serving, slot_file
from scripts.start_bot import WrongModelError
from settings import SettingError, Settings


def _wait_until_ready(values: Settings, running: subprocess.Popen[bytes]) -> bool:
    started = time.monotonic()
    starting = processes.running_at_start(values)
    described = processes.define_supervised(values)
    waiting = {name: process for name, process in described.items() if name in starting}
    told = started
    while waiting and running.poll() is None:
        for name in [name for name, process in waiting.items() if processes.is_ready(process)]:
            del waiting[name]
            print(f"[run] {name} is ready after {time.monotonic() - started:.1f} s", flush=True)
        if waiting and time.monotonic() - told > 15:
            told = time.monotonic()
            logs = values.var_dir / "log"
            print(f"[run] still waiting for {', '.join(waiting)}; see {logs}", flush=True)
        time.sleep(0.1)
    return not waiting


def prepare_model(values: Settings) -> bool:
    """Put the model to begin with in its place; returns whether there is one.

    It is the one that staff switched to, as long as the training files are as they were then;
    otherwise one trained from them, which takes the switch back.
    """
    chosen = read_serving(values.var_dir)
    if chosen is not None and chosen.inputs == train.inputs_fingerprint():
        try:
            candidate.read_model(slot_file(values.var_dir, chosen.program))
        except WrongModelError as error:
            print(f"[run] The model that staff switched to cannot be used: {error}", flush=True)
        else:
            print(f"[run] staff switched to model {chosen.sha256[:12]}, which answers", flush=True)
            return True
    if not train.train():
        return False
    if chosen is not None:
        print("[run] the model trained from the files takes the place of the one staff chose")
    candidate.copy_model(candidate.read_model(train.MODEL), slot_file(values.var_dir, FIRST))
    forget_serving(values.var_dir)
    return True


def _taken_ports(values: Settings) -> list[int]:
    taken = []
    for host, port in (
        (values.chat_host, values.chat_port),
        (values.staff_host, values.staff_port),
        ("127.0.0.1", values.bot_port),
        ("127.0.0.1", values.bot_second_port),
        ("127.0.0.1", values.actions_port),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                taken.append(port)
    return taken


def _print_first_login(values: Settings) -> None:
    process = processes.define(values)["staff"]
    shown = subprocess.run(
        [setup.python_of("web"), "-m", "helpline.staff.first_login"],
        cwd=setup.ROOT,
        env={**os.environ, **process.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.stdout.strip():
        print("\n  First account of the staff console (shown only now; change the password there):")
        print("".join(f"    {line}\n" for line in shown.stdout.splitlines()[:2]), end="")


def _print_unsigned() -> None:
    shown = subprocess.run(
        [setup.python_of("web"), "-m", "scripts.unsigned"],
        cwd=setup.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if shown.stdout.strip():
        print(f"\n  {shown.stdout.strip()}")


def main() -> int:
    """Run the helpline until Ctrl-C; returns the exit code."""
    try:
        values = helpline_settings.load()
    except SettingError as error:
        print(f"[run] {error}", file=sys.stderr)
        return 1
    taken = _taken_ports(values)
    if taken:
        print(
            f"[run] port {', '.join(map(str, taken))} is in use: is another helpline running? "
            "Stop it, or choose other ports (CHAT_PORT, STAFF_PORT, BOT_PORT, BOT_SECOND_PORT, "
            "ACTIONS_PORT).",
            file=sys.stderr,
        )
        return 1
    if not prepare_model(values):
        return 1
    configuration = supervisor.write_configuration(
        values.var_dir,
        processes.define_supervised(values).values(),
        starting=processes.running_at_start(values),
    )
    running = supervisor.start(configuration)
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    try:
        if _wait_until_ready(values, running):
            print(f"\n  Chat page      http://{values.chat_host}:{values.chat_port}/")
            print(f"  Staff console  http://{values.staff_host}:{values.staff_port}/")
            _print_first_login(values)
            _print_unsigned()
            print("\n  Ctrl-C stops everything.", flush=True)
        return running.wait()
    except KeyboardInterrupt:
        print("\n[run] stopping", flush=True)
        return 0
    finally:
        supervisor.stop(running)


if __name__ == "__main__":
    sys.exit(main())
