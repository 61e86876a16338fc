"""Every setting of the helpline: its environment variable, default and meaning.

The environment variable of a field is its name in capitals. `python settings.py` prints the list.
Standard library only, because each of the three environments imports this file.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import secrets as random_secrets
import sys
from pathlib import Path
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parent


def _setting(default: Any, meaning: str) -> Any:
    return dataclasses.field(default=default, metadata={"meaning": meaning})


@dataclasses.dataclass(frozen=True)
class Settings:
    """The values in force; paths are absolute after `load`."""

    chat_host: str = _setting("127.0.0.1", "address that the chat process listens on")
    chat_port: int = _setting(8080, "port of the chat page and the chat API")
    staff_host: str = _setting("127.0.0.1", "address that the staff console listens on")
    staff_port: int = _setting(8081, "port of the staff console")
    bot_port: int = _setting(5005, "port of the Rasa server (loopback only)")
    bot_second_port: int = _setting(
        5006, "port of the second Rasa server, while staff switch models (loopback only)"
    )
    actions_port: int = _setting(5055, "port of the action server (loopback only)")
    bot_url: str = _setting("", "address of the bot; empty: loopback with BOT_PORT")
    bot_timeout_seconds: float = _setting(
        8.0, "how long chat waits for the bot before it shows the phone number"
    )
    var_dir: Path = _setting(Path("var"), "folder for databases, secrets and logs")
    database_url: str = _setting("", "the store; empty: SQLite file helpline.db in VAR_DIR")
    tracker_database_url: str = _setting(
        "", "Rasa's dialogue state, another database; empty: SQLite file tracker.db in VAR_DIR"
    )
    redis_url: str = _setting(
        "",
        "redis://host:6379/0: limits hold for several chat processes together, and several bots "
        "never work on one conversation at once; empty: one of each",
    )
    tracker_turns: int = _setting(8, "turns of a conversation that Rasa's dialogue state keeps")
    conversation_hours: int = _setting(24, "hours after the last message a conversation ends")
    retention_days: int = _setting(90, "days after which the text of messages is erased")
    message_max_characters: int = _setting(1000, "longest message a visitor can send")
    request_max_bytes: int = _setting(65536, "largest request the chat process reads, in bytes")
    rate_limits: bool = _setting(True, "limit requests; switch off for benchmarks only")
    rate_messages_per_minute: int = _setting(20, "messages a minute in one conversation")
    rate_address_per_minute: int = _setting(120, "requests a minute from one address")
    rate_conversations_per_hour: int = _setting(60, "new conversations an hour from one address")
    trusted_proxies: int = _setting(
        0, "number of reverse proxies in front whose X-Forwarded-For is believed"
    )
    embed_origins: str = _setting(
        "", "sites that may embed the widget: origins separated by spaces, https://example.org"
    )
    require_signed_answers: bool = _setting(
        False, "give only answers that somebody has signed (knowledge/signoff.yml); else a person"
    )
    contact_page_url: str = _setting(
        "", "address of the Society's contact page; empty: the one in knowledge/contacts.yml"
    )
    duty_webhook_url: str = _setting(
        "", "told by POST of a crisis, emergency or abuse, without any text; empty: nobody"
    )
    duty_email: str = _setting("", "e-mail address told likewise; needs SMTP_URL; empty: nobody")
    duty_email_from: str = _setting("", "sender of that e-mail; empty: DUTY_EMAIL itself")
    smtp_url: str = _setting("", "mail server: smtp://user:password@host:587 or smtps://...")
    staff_url: str = _setting(
        "", "address of the staff console as its users have it; empty: STAFF_HOST, STAFF_PORT"
    )
    repository_dir: Path = _setting(
        Path(), "checkout whose training data and tests the staff console reads and adds to"
    )
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def embed_origin_list(self) -> tuple[str, ...]:
        """EMBED_ORIGINS as a tuple."""
        return tuple(self.embed_origins.split())

    @property
    def staff_address(self) -> str:
        """Address of the staff console as its users have it, without a slash at the end."""
        return self.staff_url.rstrip("/") or f"http://{self.staff_host}:{self.staff_port}"

    def secret(self, name: str) -> str:
        """Return the secret `name`, making it at first use.

        Environment variable NAME_SECRET wins; otherwise a random one is kept in
        VAR_DIR/secrets/NAME with mode 0600, made atomically so that processes that start
        together agree on it.
        """
        from_environment = os.environ.get(f"{name.upper()}_SECRET")
        if from_environment:
            return from_environment
        path = self.var_dir / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            draft = path.with_name(f"{name}.{os.getpid()}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(random_secrets.token_urlsafe(32))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()


class SettingError(ValueError):
    """A setting's value cannot be used; the message names the variable and what it takes."""


def _read(name: str, raw: str, kind: type) -> Any:
    if kind is bool:
        words = {"true": True, "1": True, "on": True, "yes": True}
        words |= {"false": False, "0": False, "off": False, "no": False}
        if raw.strip().lower() not in words:
            raise SettingError(f"{name} is {raw!r}: write true or false.")
        return words[raw.strip().lower()]
    try:
        value = kind(raw.strip())
    except ValueError:
        raise SettingError(f"{name} is {raw!r}: write a number.") from None
    if kind in (int, float) and value < 0:
        raise SettingError(f"{name} is {raw!r}: write a number that is not negative.")
    return value


@functools.cache
def _kinds() -> dict[str, type]:
    # Takes longer than all the rest of `load`, which messages wait for
    return get_type_hints(Settings)


def load() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingError: a variable holds something that its setting cannot take.
    """
    kinds = _kinds()
    given: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        raw = os.environ.get(field.name.upper(), "")
        if raw.strip():
            given[field.name] = _read(field.name.upper(), raw, kinds[field.name])
    values = Settings(**given)
    var_dir = (ROOT / values.var_dir).resolve()
    return dataclasses.replace(
        values,
        var_dir=var_dir,
        repository_dir=(ROOT / values.repository_dir).resolve(),
        bot_url=values.bot_url.rstrip("/") or f"http://127.0.0.1:{values.bot_port}",
        database_url=values.database_url or f"sqlite:///{var_dir / 'helpline.db'}",
        tracker_database_url=values.tracker_database_url or f"sqlite:///{var_dir / 'tracker.db'}",
    )


# Not fields: they are never printed, and each is made at first use when it is not given
SECRETS = {
    "BOT_SECRET": "shared by chat and bot; else made in VAR_DIR/secrets/bot",
    "CHAT_SECRET": "keys of addresses and forms, the same for all chat processes; else likewise",
    "STAFF_SECRET": "keys of the sign-in throttle; else made likewise",
}


def _rows() -> list[tuple[str, str, str]]:
    return [
        (field.name.upper(), str(field.default), field.metadata["meaning"])
        for field in dataclasses.fields(Settings)
    ] + [(name, "", meaning) for name, meaning in SECRETS.items()]


def describe() -> str:
    """List every setting as a table: variable, default, meaning."""
    return "\n".join(
        f"{name:30} {default or '-':12} {meaning}" for name, default, meaning in _rows()
    )


def reference() -> str:
    """Return the page deploy/settings.md, which lists every setting."""
    lines = [
        "# Settings",
        "",
        "Every setting has a default and is set by an environment variable. Made by",
        "`make settings-page` from `settings.py`; a change there belongs there.",
        "",
        "| variable | default | meaning |",
        "| --- | --- | --- |",
    ]
    for name, default, meaning in _rows():
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {meaning.replace('|', ' ')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference() if "--page" in sys.argv[1:] else describe() + "\n")
