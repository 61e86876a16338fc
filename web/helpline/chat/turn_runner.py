"""One turn from end to end: redact, look for an alarm, store, ask the bot, store, answer."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from content.countries import Country, country_of
from content.safety_phrases import load_phrases
from helpline.chat.bot import BotAnswer, BotClient, BotError
from helpline.chat.composing import compose, is_careful, unstored, without_hidden
from helpline.chat.duty import DutyNotifier
from helpline.chat.errors import log_unexpected
from helpline.chat.locks import KeyedLocks
from helpline.chat.metrics import Metrics
from helpline.chat.problems import turn_open, unavailable
from helpline.chat.recording import flags_of, understanding_columns
from helpline.chat.watched import Watched
from helpline.privacy.redaction import Redacted, redact
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.messages import visitor_texts
from helpline.store.turns import (
    Busy,
    Replay,
    Turn,
    TurnRequest,
    begin_turn,
    finish_turn,
    keep_open,
)
from safety import ALARM_KINDS, Alarm, Phrases, assess

_log = structlog.get_logger("helpline.chat")

# Somebody in need is not kept waiting for a bot that hangs: the answer is at hand.
ALARM_WAIT_SECONDS = 2.0
# However slow bot and store are, a visitor has an answer or a number to call within 10 seconds.
ANSWER_SECONDS = 9.5
# For who has waited for nearly as long while the process started; most answers take less.
SHORTEST_WAIT_SECONDS = 0.5
# Whom to call in danger is at hand; the store gets this long to keep it.
ALARM_ANSWER_SECONDS = 4.0
# A turn is abandoned when its process has not said for so long that it works on it.
OPEN_SECONDS = 4.0
# Most turns have ended by then.
KEEP_OPEN_EVERY_SECONDS = 1.0
BUSY_POLL_SECONDS = 0.05
BUSY_SECONDS = ANSWER_SECONDS - 0.5
# Why there is no answer of the bot while the kill switch is on.
STOPPED = "stopped"


@dataclass(frozen=True)
class Question:
    """What a visitor sends, beside the text: the id of a choice, and how to know a repeat."""

    choice: str | None
    key: str | None
    body_hash: str


@dataclass(frozen=True)
class Checked:
    """A text after redaction, and the alarm it raised."""

    text: str
    redacted: tuple[str, ...]
    alarm: Alarm | None


def check_text(text: str) -> Checked:
    """Redact a text and ask the safety gate about it.

    The gate sees the text as typed too: what redaction takes for a name must not hide an alarm.
    """
    try:
        left = redact(text)
    except Exception as error:
        # Nothing may be kept that was not redacted; whoever is in danger is answered all the same.
        log_unexpected("redaction failed", error)
        left = Redacted("[message]", ("message",))
    alarm = assess_text(left.text)
    if alarm is None and left.text != text:
        alarm = assess_text(text)
    return Checked(left.text, tuple(left.kinds), alarm)


def without_placeholders(checked: Checked) -> str:
    """Return a redacted text as the bot should read it.

    It would take the words of a placeholder for the visitor's: "[phone number]" sounds like a wish
    to call somebody.
    """
    text = checked.text
    for kind in checked.redacted:
        text = text.replace(f"[{kind}]", "...")
    return text


@functools.cache
def _phrases() -> Phrases:
    """Read the phrases once: an edit that breaks them must not switch off a gate in use."""
    return load_phrases()


def assess_text(text: str) -> Alarm | None:
    """Ask the safety gate. One that fails raises no alarm here: the bot has one of its own."""
    try:
        return assess(text, _phrases())
    except Exception as error:
        log_unexpected("safety gate failed", error)
        return None


def _country_of(texts: Sequence[str]) -> Country | None:
    """Whoever is in danger is answered with the US lines where the files are broken."""
    try:
        return country_of(texts)
    except Exception as error:
        log_unexpected("country not found", error)
        return None


def said_only(checked: Checked, alarm: Alarm) -> list[dict[str, Any]]:
    """Return whom to call, not stored but said: whoever is in danger gets it in any case."""
    country = _country_of([checked.text])
    return unstored(compose([], alarm, (), text=checked.text, country=country))


class TurnRunner:
    """Runs turns: one at a time in each conversation, in the order in which they came."""

    def __init__(
        self,
        store: Store,
        bot: BotClient,
        metrics: Metrics,
        watched: Watched,
        duty: DutyNotifier,
        *,
        conversation_hours: float,
        retry_seconds: float = BUSY_POLL_SECONDS,
    ) -> None:
        """Use this store and bot.

        Args:
            store: where messages are kept.
            bot: who answers.
            metrics: what is counted.
            watched: whether staff stopped the bot's answers, and which of them they hid.
            duty: tells the person on duty of a crisis, an emergency or abuse.
            conversation_hours: how long a conversation lasts after its last message.
            retry_seconds: pause before looking again whether another process closed its turn.
        """
        self._store = store
        self._bot = bot
        self._metrics = metrics
        self._watched = watched
        self._duty = duty
        self._hours = conversation_hours
        self._retry_seconds = retry_seconds
        self._locks = KeyedLocks()
        self._running: set[asyncio.Task[list[dict[str, Any]]]] = set()

    async def run(
        self, token_hash: str, question: Question, checked: Checked | None, waited: float = 0.0
    ) -> list[dict[str, Any]]:
        """Answer a question; return the messages as the API shows them.

        `waited` are the seconds for which the visitor has been waiting already.

        The turn goes on when the request that asked for it is cancelled or takes too long: the
        answer is stored, and the request sent again with its key gets it.

        Raises:
            ConversationUnknown, ConversationEnded, KeyReused, ChoiceUnknown: see `begin_turn`.
            Problem: it takes too long, or another turn of the conversation is open.
            SQLAlchemyError: the store cannot be used, and no alarm was raised.
        """
        task = asyncio.create_task(self._in_order(token_hash, question, checked))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # Nobody may be left to read an exception; asyncio would log its text.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        alarm = checked.alarm if checked else None
        seconds = ALARM_ANSWER_SECONDS if alarm else ANSWER_SECONDS
        try:
            left = max(SHORTEST_WAIT_SECONDS, seconds - waited)
            async with asyncio.timeout(left):
                return await asyncio.shield(task)
        except TimeoutError:
            self._metrics.late.inc()
            _log.warning("a turn takes too long", alarm=alarm.kind if alarm else None)
            if checked is None or checked.alarm is None:
                raise unavailable() from None
            return said_only(checked, checked.alarm)

    def no_turn(self, token_hash: str) -> AbstractAsyncContextManager[None]:
        """Return a context in which no turn of this process runs in the conversation."""
        return self._locks.hold(token_hash)

    async def drain(self) -> None:
        """Wait for turns that still run, before the process ends."""
        if self._running:
            await asyncio.wait(self._running)

    async def _in_order(
        self, token_hash: str, question: Question, checked: Checked | None
    ) -> list[dict[str, Any]]:
        try:
            async with self._locks.hold(token_hash):
                with self._metrics.stage_seconds.labels("store question").time():
                    begun = await self._begin(token_hash, question, checked)
                if isinstance(begun, Replay):
                    return begun.messages
                self._metrics.messages.labels("text" if checked else "choice").inc()
                async with self._kept_open(begun):
                    return await self._answer(begun, checked)
        except SQLAlchemyError as error:
            self._metrics.store_errors.inc()
            log_unexpected("store failed", error)
            if checked is None or checked.alarm is None:
                raise
            self._duty.tell(checked.alarm.kind, None)
            return said_only(checked, checked.alarm)

    async def _begin(
        self, token_hash: str, question: Question, checked: Checked | None
    ) -> Turn | Replay:
        request = TurnRequest(
            token_hash=token_hash,
            key=question.key,
            body_hash=question.body_hash,
            text=checked.text if checked else None,
            choice=question.choice,
            redacted=checked.redacted if checked else (),
            open_seconds=OPEN_SECONDS,
            conversation_hours=self._hours,
        )
        # Later nobody waits for it any more
        give_up = time.monotonic() + BUSY_SECONDS
        while True:
            begun = await self._store.write(begin_turn, request)
            if not isinstance(begun, Busy):
                return begun
            if time.monotonic() > give_up:
                raise turn_open()
            await asyncio.sleep(self._retry_seconds)

    @asynccontextmanager
    async def _kept_open(self, turn: Turn) -> AsyncIterator[None]:
        """Let other processes know that this one is alive and works on the turn."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(KEEP_OPEN_EVERY_SECONDS)
                # Before it is stored: a store that is slow may store it after all.
                turn.ends.append(utc_now() + timedelta(seconds=OPEN_SECONDS))
                try:
                    await self._store.write(keep_open, turn)
                except SQLAlchemyError:
                    continue  # the end of the turn will tell of it

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            # A process that stops just now must not leave it behind
            await asyncio.gather(keeping, return_exceptions=True)

    async def _answer(self, turn: Turn, checked: Checked | None) -> list[dict[str, Any]]:
        started = time.perf_counter()
        alarm = checked.alarm if checked else None
        error = None
        answer = BotAnswer([], {})
        try:
            answer = await self._ask(turn, checked)
        except BotError as failure:
            error = failure.reason
            self._metrics.bot_errors.labels(error).inc()
            if error != STOPPED:
                _log.warning("bot gave no answer", reason=error, conversation=turn.public_id)
        said = without_hidden(answer.messages, self._watched.hidden)
        messages = compose(
            said,
            alarm,
            checked.redacted if checked else (),
            text=checked.text if checked else "",
            turns_since_crisis=turn.turns_since_crisis,
            country=await self._country(turn, alarm, said),
        )
        flags = flags_of(messages, answer.understanding, alarm, error)
        with self._metrics.stage_seconds.labels("store answer").time():
            stored = await self._store.write(
                finish_turn,
                turn,
                messages,
                understanding_columns(
                    messages,
                    answer.understanding,
                    alarm,
                    error,
                    1000 * (time.perf_counter() - started),
                ),
                flags,
            )
        self._metrics.answers.labels(messages[0]["kind"]).inc()
        for flag in flags:
            self._metrics.flags.labels(flag).inc()
            if flag in ALARM_KINDS:
                self._duty.tell(flag, turn.public_id)
        for kind in checked.redacted if checked else ():
            self._metrics.redacted.labels(kind).inc()
        return stored

    async def _country(
        self, turn: Turn, alarm: Alarm | None, said: Sequence[Mapping[str, Any]]
    ) -> Country | None:
        """Return where the visitor is, if that decides whom they are told to call."""
        alarmed = alarm is not None or any(message["kind"] in ALARM_KINDS for message in said)
        if not alarmed and not is_careful(turn.turns_since_crisis):
            return None
        try:
            texts = await self._store.read(visitor_texts, turn.conversation_id)
        except SQLAlchemyError as error:
            log_unexpected("store failed", error)
            texts = [turn.text]
        return _country_of(texts)

    async def _ask(self, turn: Turn, checked: Checked | None) -> BotAnswer:
        if self._watched.stopped:
            raise BotError(STOPPED)
        with self._metrics.stage_seconds.labels("bot").time():
            answer = await self._bot.ask(
                turn.public_id,
                text=without_placeholders(checked) if checked else None,
                payload=turn.payload,
                turn=turn.number,
                timeout_seconds=ALARM_WAIT_SECONDS if checked and checked.alarm else None,
            )
        if self._watched.stopped:  # while the bot was thinking
            raise BotError(STOPPED)
        return answer
