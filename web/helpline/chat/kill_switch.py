"""Stops the bot's answers, and lets them go on: `python -m helpline.chat.kill_switch on|off|show`.

While they are stopped, visitors get the MS Navigator and the urgent lines in place of an answer,
and the safety gate goes on answering a crisis, an emergency and abuse.
"""

from __future__ import annotations

import argparse
import sys

import settings
from helpline.store.database import Store
from helpline.store.kill_switch import (
    Position,
    SwitchError,
    read_switch,
    resume_answers,
    stop_answers,
)
from helpline.store.migrate import upgrade


def _sentence(position: Position) -> str:
    if position.changed_at is None:
        return "The bot answers. Its answers were never stopped."
    when = f"{position.changed_at:%Y-%m-%d %H:%M} UTC by {position.changed_by}"
    if position.stopped:
        return f"The bot's answers are stopped since {when}: {position.reason}"
    return f"The bot answers, since {when}."


def main(arguments: list[str] | None = None) -> int:
    """Run one command on the database of DATABASE_URL; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m helpline.chat.kill_switch",
        description="Stop the bot's answers; visitors then get the MS Navigator's number.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    on = commands.add_parser("on", help="stop the bot's answers")
    on.add_argument("--reason", required=True, help="why; goes into the audit log")
    off = commands.add_parser("off", help="let the bot answer again")
    for command in (on, off):
        command.add_argument("--by", required=True, help="your name; goes into the audit log")
    commands.add_parser("show", help="say where the switch stands")
    given = parser.parse_args(arguments)
    try:
        values = settings.load()
    except settings.SettingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    store = Store(values.database_url)
    try:
        upgrade(store.engine)
        if given.command == "on":
            store.write_now(stop_answers, given.reason, given.by)
        elif given.command == "off":
            store.write_now(resume_answers, given.by)
        position = store.read_now(read_switch)
    except SwitchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        store.close()
    sys.stdout.write(f"{_sentence(position)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
