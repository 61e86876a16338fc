"""`make shell`: talk with the bot in the terminal, through the same channel as the website.

Shows what a visitor sees (text, choices, sources, contact) and, with `?`, how the last message was
understood. Uses a bot that runs already on BOT_PORT, else starts one for the time being.
"""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import settings as helpline_settings
from scripts import processes, train

WIDTH = 88
HELP = "A number picks a choice, ? shows how the last message was understood, Ctrl-D ends."


class BotError(RuntimeError):
    """The bot did not answer; the message says why."""


def ask(bot_url: str, secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send one turn to the bot's channel and return its answer.

    Raises:
        BotError: the bot is not there, too slow, or refused.
    """
    request = urllib.request.Request(  # noqa: S310
        f"{bot_url}/webhooks/helpline/messages",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {secret}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        raise BotError(f"The bot refused ({error.code}): {error.read().decode()}") from None
    except (OSError, ValueError) as error:
        raise BotError(f"The bot does not answer: {error}") from None


def render(message: dict[str, Any], first_choice: int = 1) -> str:
    """Lay one message out as plain text; choices are numbered from `first_choice`."""
    lines: list[str] = []
    for paragraph in message["text"].split("\n"):
        indent = "  " if paragraph.startswith("- ") else ""
        lines += textwrap.wrap(paragraph, WIDTH, subsequent_indent=indent) or [""]
    contact = message.get("contact")
    if contact:
        reach = " · ".join(str(contact[k]) for k in ("phone", "url", "hours") if contact.get(k))
        lines += ["", f"☎ {contact['name']}: {reach}"]
    lines += [f"→ {link['label']}: {link['url']}" for link in message.get("links") or []]
    sources = message.get("sources") or []
    if sources:
        lines += ["", f"Sources (last checked {message.get('checked_on')}):"]
        for source in sources:
            parts = [source["title"], source["publisher"], source["published"], source["url"]]
            text = ", ".join(str(part) for part in parts if part)
            lines += textwrap.wrap(f"- {text}", WIDTH, subsequent_indent="  ")
    choices = message.get("choices") or []
    if choices:
        lines.append("")
        lines += [f" [{n}] {c['label']}" for n, c in enumerate(choices, start=first_choice)]
    return "\n".join(lines)


def explain(understanding: dict[str, Any] | None) -> str:
    """One paragraph on how the last message was understood."""
    if not understanding:
        return "Nothing has been understood yet."
    ranking = ", ".join(
        f"{item['name']} {item['confidence']:.2f}" for item in (understanding["ranking"] or [])[:3]
    )
    nearest = understanding.get("nearest") or {}
    return "\n".join(
        (
            f"intent {understanding['intent']} ({understanding['confidence']:.2f}); {ranking}",
            f"nearest example: {nearest.get('text')!r} ({nearest.get('score') or 0:.2f})",
            f"entities {understanding['entities']}; safety {understanding['safety']}",
            f"actions {understanding['actions']} by {understanding['policy']} "
            f"in {understanding['milliseconds']} ms",
        )
    )


def _read(prompt: str) -> Iterator[str]:
    while True:
        try:
            line = input(prompt)
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if line.strip():
            yield line.strip()


def talk(bot_url: str, secret: str) -> None:
    """Read lines from the terminal until it ends; each is a turn of one conversation."""
    conversation = f"shell-{uuid.uuid4()}"
    choices: list[dict[str, Any]] = []
    understanding: dict[str, Any] | None = None
    print(HELP + "\n")
    for line in _read("you  "):
        if line == "?":
            print(explain(understanding) + "\n")
            continue
        body: dict[str, Any] = {"conversation": conversation, "text": line}
        if line.isdigit() and 1 <= int(line) <= len(choices):
            choice = choices[int(line) - 1]
            print(f"     ({choice['label']})")
            body = {"conversation": conversation, "payload": choice["payload"]}
        try:
            answer = ask(bot_url, secret, body)
        except BotError as error:
            print(f"{error}\n")
            continue
        understanding = answer["understanding"]
        choices = []
        for message in answer["messages"]:
            text = render(message, first_choice=len(choices) + 1)
            print("\n" + textwrap.indent(text, "     ") + "\n")
            choices += message.get("choices") or []


def main() -> int:
    """Talk; returns the exit code."""
    values = helpline_settings.load()
    if processes.is_ready(processes.define(values)["bot"]):
        print(f"Talking to the bot that runs at {values.bot_url}.")
        if not train.is_current():
            print("What you changed is not in it yet: stop it, and `make shell` trains a new one.")
        talk(values.bot_url, values.secret("bot"))
        return 0
    if not train.train():
        return 1
    print("Starting the bot …", flush=True)
    with contextlib.ExitStack() as stack:
        try:
            helpline = stack.enter_context(processes.running_helpline(("actions", "bot")))
        except processes.StartError as error:
            print(error, file=sys.stderr)
            return 1
        talk(helpline.settings.bot_url, helpline.settings.secret("bot"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
