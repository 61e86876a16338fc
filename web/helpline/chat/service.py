"""What the chat process does for a visitor, whatever door they came through (API or page)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from content.countries import country_of
from helpline.chat import problems, written
from helpline.chat.bot import BotClient, BotError
from helpline.chat.duty import DutyNotifier
from helpline.chat.errors import log_unexpected
from helpline.chat.forgetting import Forgetting
from helpline.chat.metrics import Metrics
from helpline.chat.shared_limits import RateLimit
from helpline.chat.tokens import Credentials, hash_body, hash_token
from helpline.chat.turn_runner import Checked, Question, TurnRunner, assess_text, check_text
from helpline.chat.watched import Watched
from helpline.privacy.erasure import confirm_erasure, erase_by_token, pending_erasures
from helpline.privacy.retention import erase_old_text
from helpline.store.base import utc_now
from helpline.store.conversations import open_conversation, rate, read_history, read_ratings
from helpline.store.database import Store
from helpline.store.engine import POOL_SIZE
from process_memory import give_back_memory
from safety import ALARM_KINDS
from settings import Settings

_log = structlog.get_logger("helpline.chat")

RETENTION_EVERY_SECONDS = 3600
FIRST_RETENTION_SECONDS = 60
ERASURES_EVERY_SECONDS = 5
# Checked at once, in about a millisecond.
SHORT_CHARACTERS = 200
# Of a text that is too long, so much of its beginning and its end is searched for an alarm.
SEARCHED_CHARACTERS = 4000


@dataclass(frozen=True)
class Opened:
    """A new conversation: what the visitor needs to go on, and the greeting."""

    credentials: Credentials
    expires_at: datetime
    messages: list[dict[str, Any]]


class ChatService:
    """Opens, continues, shows, rates and erases conversations."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        bot: BotClient,
        metrics: Metrics,
        watched: Watched,
    ) -> None:
        """Use this store and bot; start `run_jobs` to keep the house in order."""
        self.store = store
        self.bot = bot
        self._settings = settings
        self._metrics = metrics
        self._message_limit = RateLimit(
            "messages", settings.rate_messages_per_minute, 60, settings.redis_url
        )
        metrics.watch_pool(store.connections_in_use, POOL_SIZE)
        metrics.watch_redis(lambda: self._message_limit.away)
        self._secret = settings.secret("chat")
        self.watched = watched
        watched.lead(bot)
        self._duty = DutyNotifier(settings, metrics)
        self._forgetting = Forgetting(store)
        self._turns = TurnRunner(
            store,
            bot,
            metrics,
            self.watched,
            self._duty,
            conversation_hours=settings.conversation_hours,
        )

    async def open(self, credentials: Credentials) -> Opened:
        """Begin a conversation, or find the one that was begun with these credentials.

        Raises:
            ConversationUnknown, ConversationEnded: see `open_conversation`.
            SQLAlchemyError: the store cannot be used.
        """
        expires_at, messages = await self.store.write(
            open_conversation,
            credentials.public_id,
            hash_token(credentials.token),
            written.greeting(self.watched.settings.retention_days),
            self._settings.conversation_hours,
        )
        return Opened(credentials, expires_at, messages)

    async def send(
        self,
        token: str,
        *,
        text: str | None = None,
        choice: str | None = None,
        key: str | None,
        waited: float = 0.0,
    ) -> list[dict[str, Any]]:
        """Answer a visitor's text or choice, who has `waited` so many seconds already.

        Whoever is in danger is answered even when the text is too long or came too fast.

        Raises:
            Problem: the text is empty or too long, or there were too many messages.
            ConversationUnknown, ConversationEnded, KeyReused, ChoiceUnknown: see `begin_turn`.
            SQLAlchemyError: the store cannot be used.
        """
        token_hash = hash_token(token)
        with self._metrics.stage_seconds.labels("check").time():
            checked = await self._check(text) if text is not None else None
        if self._settings.rate_limits and not (checked and checked.alarm):
            wait = await self._message_limit.wait(token_hash.encode())
            if wait:
                self._metrics.limited.labels("messages").inc()
                raise problems.too_many(wait)
        body = {"text": text} if text is not None else {"choice": choice or ""}
        question = Question(choice, key, hash_body(body, self._secret))
        return await self._turns.run(token_hash, question, checked, waited)

    async def _check(self, text: str) -> Checked:
        longest = self._settings.message_max_characters
        if not text:
            raise problems.invalid("text", "Write your question first. A few words are enough.")
        if len(text) <= SHORT_CHARACTERS:
            return check_text(text)
        # Others go on meanwhile: checking takes time in proportion to the length.
        if len(text) <= longest:
            return await asyncio.to_thread(check_text, text)
        ends = f"{text[:SEARCHED_CHARACTERS]}\n{text[-SEARCHED_CHARACTERS:]}"
        alarm = await asyncio.to_thread(assess_text, ends)
        if alarm is None:
            raise problems.invalid(
                "text",
                f"Your message has {len(text):,} characters. At most {longest:,} are possible: "
                "please shorten it.",
            )
        checked = await asyncio.to_thread(check_text, text[:longest])
        return replace(checked, alarm=alarm)

    async def history(self, token: str) -> list[dict[str, Any]]:
        """Return the conversation so far; errors as `find_conversation`."""
        return await self.store.read(read_history, hash_token(token))

    async def ratings(self, token: str) -> dict[str, bool]:
        """Return what the visitor rated; errors as `find_conversation`."""
        return await self.store.read(read_ratings, hash_token(token))

    async def rate(self, token: str, message_id: str, helpful: bool, comment: str | None) -> None:
        """Keep a rating, its comment redacted; errors as `conversations.rate`.

        A comment can tell of a crisis like a message can: then staff see the flag.
        """
        checked = check_text(comment) if comment else None
        conversation = await self.store.write(
            rate,
            hash_token(token),
            message_id,
            helpful,
            checked.text if checked else None,
            [checked.alarm.kind] if checked and checked.alarm else [],
        )
        if checked and checked.alarm:
            self._duty.tell(checked.alarm.kind, conversation)

    async def erase(self, token: str) -> None:
        """Erase a conversation here and in the bot; its traces in the files go soon after.

        A bot that does not confirm is asked again until it does (see `run_jobs`).

        Raises:
            ConversationUnknown: no conversation has this token.
            SQLAlchemyError: the store cannot be used; nothing was erased.
        """
        token_hash = hash_token(token)
        async with self._turns.no_turn(token_hash):
            await self.store.write(erase_by_token, token_hash)
        self._metrics.erased.inc()
        self._forgetting.soon()
        await self.erase_pending()

    async def store_answers(self) -> bool:
        """Say whether the store can be used."""
        try:
            await self.store.ping()
        except SQLAlchemyError:
            return False
        return True

    async def erase_pending(self) -> None:
        """Have the bot forget what was erased here; what it does not confirm stays pending."""
        for pending in await self.store.read(pending_erasures):
            asked_at = utc_now()
            try:
                await self.bot.erase(pending.public_id)
            except BotError as error:
                _log.info(
                    "bot has yet to erase", reason=error.reason, conversation=pending.public_id
                )
                if error.reason in ("refused", "timeout"):
                    return
                continue
            await self.store.write(confirm_erasure, pending.public_id, asked_at)

    async def erase_old_text(self) -> None:
        """Run the retention job to its end."""
        done = await erase_old_text(
            self.store, self.watched.settings.retention_days, self._settings.conversation_hours
        )
        if done.rows:
            _log.info("old text erased", messages=done.texts, comments=done.comments)

    async def run_jobs(self) -> None:
        """Erase what is due and watch what staff decide, for as long as the process lives."""
        await asyncio.gather(
            self.watched.watch(),
            self._forgetting.run(),
            _every(ERASURES_EVERY_SECONDS, self.erase_pending),
            _every(RETENTION_EVERY_SECONDS, self.erase_old_text, first=FIRST_RETENTION_SECONDS),
        )

    async def close(self) -> None:
        """End running turns in peace, and close store and bot."""
        await self._turns.drain()
        await self._duty.close()
        await self._message_limit.close()
        await self.bot.close()
        await asyncio.to_thread(self.store.close)


def warm_up() -> None:
    """Read the files that the first message would otherwise wait for: then all is loaded."""
    check_text("I am Jo, call me: 212-555-0187")
    for kind in ALARM_KINDS:
        written.alarm_answer(kind)
    country_of(["I live in Ireland"])
    give_back_memory()


async def _every(seconds: float, job: Callable[[], Any], *, first: float | None = None) -> None:
    """Run a job again and again; a failure is logged, and the job tried again next time."""
    await asyncio.sleep(seconds if first is None else first)
    while True:
        try:
            await job()
        except Exception as error:
            log_unexpected("job failed", error)
        await asyncio.sleep(seconds)
