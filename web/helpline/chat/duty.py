"""Tells the person on duty that a conversation was flagged: by webhook, by e-mail, or both.

A notice holds the kind, the time and a link into the staff console, and never what was written. It
is sent beside the conversation: nothing that goes wrong here delays or changes an answer.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from urllib.parse import unquote, urlsplit

import aiohttp
import structlog

from helpline.chat.metrics import Metrics
from helpline.store.base import utc_now
from helpline.store.dates import rfc3339
from settings import Settings

_log = structlog.get_logger("helpline.chat")

# Seconds before each further attempt; then the notice is given up. The flag in the console stays.
RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
ATTEMPT_SECONDS = 10.0
# Notices under way at once; more mean that the receiver is away or somebody floods the helpline.
MOST_PENDING = 200
# A visitor in need writes several messages: one notice of a kind is enough for so long.
QUIET_SECONDS = 600.0
REMEMBERED = 10_000
# At the end of the process, for notices that are just being sent.
GOODBYE_SECONDS = 3.0

_SUBJECTS = {
    "crisis": "SPMS Helpline: a visitor may be in a crisis",
    "emergency": "SPMS Helpline: a visitor may have an emergency",
    "abuse": "SPMS Helpline: a visitor tells of abuse",
}


@dataclass(frozen=True)
class Notice:
    """What the person on duty is told."""

    kind: str
    at: str
    # Address in the staff console; of the list where the conversation could not be stored.
    link: str

    def as_json(self) -> dict[str, str]:
        """Return the body of the webhook."""
        return {"event": "flagged", "kind": self.kind, "at": self.at, "conversation": self.link}

    def as_mail(self, sender: str, receiver: str) -> EmailMessage:
        """Return the e-mail."""
        mail = EmailMessage()
        mail["Subject"] = _SUBJECTS[self.kind]
        mail["From"], mail["To"] = sender, receiver
        mail.set_content(
            f"A conversation was flagged: {self.kind}, at {self.at}.\n\n{self.link}\n\n"
            "The visitor was shown the lines to call. This e-mail does not say what was written.\n"
        )
        return mail


class DutyNotifier:
    """Sends notices in the background, each address on its own, with retries."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Use the addresses of the settings; without any, notices go nowhere."""
        self._settings = settings
        self._metrics = metrics
        self._console = settings.staff_address
        self._channels: dict[str, Callable[[Notice], Awaitable[None]]] = {}
        if settings.duty_webhook_url:
            self._channels["webhook"] = self._post
        if settings.duty_email:
            self._channels["email"] = self._mail
        self._pending: set[asyncio.Task[None]] = set()
        self._told: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None
        # Of its own: a mail server that hangs must not take threads that messages need.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="duty-mail")

    def tell(self, kind: str, conversation: str | None) -> None:
        """Begin to tell of a flag and return at once; never raises.

        Args:
            kind: crisis, emergency or abuse.
            conversation: public id; None where the store failed.
        """
        if not self._channels or self._was_told(kind, conversation):
            return
        path = f"/conversations/{conversation}" if conversation else f"/conversations?flag={kind}"
        notice = Notice(kind, rfc3339(utc_now()), f"{self._console.rstrip('/')}{path}")
        for channel in self._channels:
            if len(self._pending) >= MOST_PENDING:
                self._count(channel, "dropped")
                _log.error("too many duty notices are waiting", channel=channel, kind=kind)
                continue
            task = asyncio.get_running_loop().create_task(self._deliver(channel, notice))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def close(self) -> None:
        """Give notices that are under way a moment, then end."""
        if self._pending:
            _, late = await asyncio.wait(self._pending, timeout=GOODBYE_SECONDS)
            for task in late:
                task.cancel()
            if late:
                _log.error("duty notices were not sent before the end", notices=len(late))
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._session is not None:
            await self._session.close()

    def _was_told(self, kind: str, conversation: str | None) -> bool:
        now = asyncio.get_running_loop().time()
        key = (kind, conversation or "")
        before = self._told.get(key)
        if before is not None and now - before < QUIET_SECONDS:
            return True
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return False

    async def _deliver(self, channel: str, notice: Notice) -> None:
        for pause in (*RETRY_SECONDS, None):
            try:
                async with asyncio.timeout(ATTEMPT_SECONDS):
                    await self._channels[channel](notice)
            except Exception as error:
                # Only the type: the text may hold the address, or a password in it.
                outcome = "failed" if pause is None else "retried"
                self._count(channel, outcome)
                _log.warning(
                    "duty notice was not sent",
                    channel=channel,
                    kind=notice.kind,
                    error=type(error).__name__,
                    next_attempt_seconds=pause,
                )
            else:
                self._count(channel, "sent")
                return
            if pause is not None:
                await asyncio.sleep(pause)

    async def _post(self, notice: Notice) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        async with self._session.post(
            self._settings.duty_webhook_url, json=notice.as_json(), allow_redirects=False
        ) as answer:
            if answer.status >= 300:
                raise RefusedError

    async def _mail(self, notice: Notice) -> None:
        receiver = self._settings.duty_email
        mail = notice.as_mail(self._settings.duty_email_from or receiver, receiver)
        work = partial(send_mail, self._settings.smtp_url, mail)
        await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _count(self, channel: str, outcome: str) -> None:
        self._metrics.duty_notices.labels(channel, outcome).inc()


class RefusedError(Exception):
    """The webhook's receiver did not take the notice."""


def check_settings(settings: Settings) -> None:
    """Refuse settings with which no notice could be sent.

    Raises:
        ValueError: an address is of the wrong form, or the mail server is missing.
    """
    webhook, smtp = settings.duty_webhook_url, settings.smtp_url
    if webhook and (urlsplit(webhook).scheme not in ("http", "https") or not _host(webhook)):
        raise ValueError("DUTY_WEBHOOK_URL must be an address that begins with https://.")
    if settings.duty_email and "@" not in settings.duty_email:
        raise ValueError("DUTY_EMAIL must be an e-mail address.")
    if settings.duty_email and not smtp:
        raise ValueError("DUTY_EMAIL needs SMTP_URL: write smtp://user:password@host:587.")
    if smtp and (urlsplit(smtp).scheme not in ("smtp", "smtps") or not _host(smtp)):
        raise ValueError("SMTP_URL must begin with smtp:// or smtps:// and name a host.")


def _host(address: str) -> str | None:
    return urlsplit(address).hostname


def send_mail(smtp_url: str, mail: EmailMessage) -> None:
    """Hand one e-mail to the server of `smtp_url`, encrypted wherever the server can.

    A password is only sent over an encrypted connection.

    Raises:
        OSError, smtplib.SMTPException: the server cannot be reached, or refuses.
    """
    address = urlsplit(smtp_url)
    host = address.hostname or ""
    tls = ssl.create_default_context()
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, address.port or 465, timeout=ATTEMPT_SECONDS, context=tls
        )
    else:
        server = smtplib.SMTP(host, address.port or 25, timeout=ATTEMPT_SECONDS)
    with server:
        encrypted = address.scheme == "smtps"
        server.ehlo()
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=tls)
            encrypted = True
        if address.username:
            if not encrypted:
                raise smtplib.SMTPNotSupportedError("no encryption: the password is not sent")
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(mail)
