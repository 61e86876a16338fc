"""The bot's side of the line between the chat process and the bot.

`POST /webhooks/helpline/messages` understands one message once, lets Rasa answer it, and returns
the messages for the visitor together with how the message was understood. What a visitor typed is
never read as one of Rasa's commands (`/restart`, `/intent{...}`); only a choice, which the chat
process has checked, names an intent.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

import settings
from actions.conversation import Turn as EarlierTurn
from actions.conversation import turns_of
from components import (
    action_result_check,
    graph_runner,
    log_privacy,
    quick_logs,
    quick_policies,
    serving,
    stored_domain,
)
from components.channel_messages import last_resort_message, message_from_response
from components.channel_request import BotRequest, ProblemError, forget_treatment, read_request
from components.finishing import finished
from components.in_context.context import Context, context_of
from components.in_context.resolve import FALLBACK, TREATMENT, Reading, read_in_context
from components.turn import KEY, Turn, observed_turn
from content.context_words import load_context_words
from content.reading import ContentError
from content.treatment_words import load_treatment_words
from process_memory import give_back_memory

START_OVER_INTENT = "start_over"
RANKING_LENGTH = 10
# The chat process waits BOT_TIMEOUT_SECONDS; answering a little earlier keeps the conversation
ANSWER_BEFORE_TIMEOUT_SECONDS = 1.0

_log = logging.getLogger(__name__)


class WholeResponses(OutputChannel):
    """Collects what the bot says, each response as one message.

    Rasa's own channels send the text, the buttons and the custom part of a response separately.
    """

    def __init__(self) -> None:
        """Start with nothing said."""
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as responses for one channel only would give it."""
        return "helpline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep one response."""
        self.messages.append(dict(message))


@dataclass
class _Known:
    """What is known of a turn so far, also when it fails on the way."""

    reading: Reading
    before: list[EarlierTurn] = field(default_factory=list)


class HelplineChannel(InputChannel):
    """Rasa's input channel for the chat process (see the module)."""

    def __init__(
        self, secret: str, timeout_seconds: float, max_bytes: int, signed_only: bool = False
    ) -> None:
        """Accept requests that carry `secret`, of at most `max_bytes` bytes, and answer each within
        `timeout_seconds` seconds; with `signed_only`, with answers that somebody has signed.
        """
        self._signed_only = signed_only
        self._secret = secret.encode()
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes

    @classmethod
    def name(cls) -> str:
        """Return the name in the address: /webhooks/helpline/."""
        return "helpline"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HelplineChannel:
        """Make the channel from the settings; credentials.yml holds no secret."""
        action_result_check.install()
        graph_runner.install()
        quick_logs.install()
        quick_policies.install()
        stored_domain.install()
        log_privacy.install()
        values = settings.load()
        return cls(
            secret=values.secret("bot"),
            timeout_seconds=max(0.5, values.bot_timeout_seconds - ANSWER_BEFORE_TIMEOUT_SECONDS),
            max_bytes=values.request_max_bytes,
            signed_only=values.require_signed_answers,
        )

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes. Messages do not go by way of `on_new_message`, which would lock a
        conversation that is locked already.
        """
        blueprint = Blueprint("helpline_channel", __name__)

        @blueprint.listener("after_server_start")
        async def warm_up(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            await _warm_up(getattr(app.ctx, "agent", None))

        @blueprint.route("/", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            try:
                agent = _ready_agent(request)
            except ProblemError as problem:
                return _problem(problem)
            return response.json({"status": "ready", "model": agent.model_id})

        @blueprint.route("/messages", methods=["POST"])
        async def messages(request: Request) -> HTTPResponse:
            try:
                self._check_secret(request)
                agent = _ready_agent(request)
                asked = read_request(request.body, self._max_bytes, _choosable_intents(agent))
                asked = dataclasses.replace(asked, key=request.headers.get("idempotency-key", ""))
            except ProblemError as problem:
                return _problem(problem)
            return response.json(await self._answer(agent, asked))

        @blueprint.route("/conversations/<conversation:str>", methods=["DELETE"])
        async def erase(request: Request, conversation: str) -> HTTPResponse:
            try:
                self._check_secret(request)
                agent = _ready_agent(request)
            except ProblemError as problem:
                return _problem(problem)
            await _erase(agent, conversation)
            return response.empty()

        serving.install(blueprint)
        return blueprint

    def _check_secret(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Compared without telling by the time taken how much of it was right
        right = hmac.compare_digest(given.strip().encode(), self._secret)
        if scheme.lower() != "bearer" or not right:
            raise ProblemError(401, "Unauthorized", "Send the bot's secret as a bearer token.")

    async def _answer(self, agent: Agent, asked: BotRequest) -> dict[str, Any]:
        """Understand the message, let Rasa answer it, and return both. Never raises."""
        started = time.perf_counter()
        said = WholeResponses()
        known = _Known(Reading(asked.text, {}))
        with log_privacy.private_text(asked.text), observed_turn(asked.key) as turn:
            try:
                async with asyncio.timeout(self._timeout):
                    await self._take_turn(agent, asked, said, known)
            except TimeoutError:
                _log.error("a turn took longer than %.1f s", self._timeout)
            except Exception:
                _log.exception("a turn failed")
            before, reading = known.before, known.reading
            answers = [message_from_response(each) for each in said.messages]
            if not any(answer["text"] for answer in answers):
                _log.error("a turn ended in silence; the visitor gets the phone number instead")
                answers = [last_resort_message()]
            answers = finished(answers, asked.text, before, reading.also, self._signed_only)
        milliseconds = round(1000 * (time.perf_counter() - started), 1)
        topic = next((answer["topic"] for answer in answers if answer["topic"]), None)
        return {
            "messages": answers,
            "understanding": understanding(
                reading.parsed, turn, topic, milliseconds, agent.model_id
            ),
        }

    async def _take_turn(
        self, agent: Agent, asked: BotRequest, said: WholeResponses, known: _Known
    ) -> None:
        """Read the conversation, understand the message in it and let Rasa answer.

        All in one lock, so that the conversation need be read only once.
        """
        assert agent.processor is not None  # noqa: S101  (a ready agent has one)
        async with agent.lock_store.lock(asked.conversation):
            known.before, remembered = await _so_far(agent, asked.conversation)
            reading = await self._understand(agent, asked, context_of(known.before, remembered))
            known.reading = reading
            with log_privacy.private_text(reading.text):
                await agent.processor.handle_message(
                    UserMessage(
                        reading.text,
                        said,
                        asked.conversation,
                        parse_data=reading.parsed,
                        input_channel=self.name(),
                        metadata={KEY: asked.key} if asked.key else None,
                    )
                )

    async def _understand(self, agent: Agent, asked: BotRequest, context: Context) -> Reading:
        """Return how the request is read: a choice as it is, a text in its conversation."""
        if asked.choice is not None:
            return Reading(asked.text, asked.choice)
        if not asked.text:
            nothing = {"name": FALLBACK, "confidence": 0.0}
            return Reading(
                "", {"text": "", "intent": nothing, "intent_ranking": [], "entities": []}
            )
        parse = functools.partial(_parse, agent, asked.conversation)
        try:
            words, treatment_words = load_context_words(), load_treatment_words()
            reading = await read_in_context(asked.text, parse, context, words, treatment_words)
        except ContentError as error:
            _log.error("messages are read without their conversation: %s", error)
            return Reading(asked.text, await parse(asked.text))
        if reading.parsed["intent"]["name"] == START_OVER_INTENT:
            forget_treatment(reading.parsed)
        return reading


async def _so_far(agent: Agent, conversation: str) -> tuple[list[EarlierTurn], bool]:
    """Return the turns before this one, and whether a treatment is remembered."""
    tracker = await agent.tracker_store.retrieve(conversation)
    if tracker is None:
        return [], False
    turns = turns_of(event.as_dict() for event in tracker.events)
    return turns, tracker.get_slot(TREATMENT) is not None


async def _parse(agent: Agent, conversation: str, text: str) -> dict[str, Any]:
    """Return Rasa's parse data of a text, with the ranking cut to what anybody looks at."""
    assert agent.processor is not None  # noqa: S101  (a ready agent has one)
    with log_privacy.private_text(text):
        # Not `parse_message`, which makes and compares two whole domains to warn of intents that
        # the domain does not have
        parsed: dict[str, Any] = agent.processor._parse_message_with_graph(
            UserMessage(text, sender_id=conversation),
            DialogueStateTracker.from_events(conversation, []),
        )
    parsed.pop("text_tokens", None)
    parsed["intent_ranking"] = [
        each for each in parsed.get("intent_ranking", []) if each["name"] != FALLBACK
    ][:RANKING_LENGTH]
    return parsed


def understanding(
    parsed: dict[str, Any], turn: Turn, topic: str | None, milliseconds: float, model: str | None
) -> dict[str, Any]:
    """Return how a message was understood and what was done, for staff."""
    intent = parsed.get("intent") or {}
    actions = turn.actions()
    return {
        "intent": intent.get("name"),
        "confidence": intent.get("confidence"),
        "ranking": parsed.get("intent_ranking", []),
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end")}
            for entity in parsed.get("entities", [])
            if entity.get("value") is not None
        ],
        "actions": [action.action_name for action in actions],
        "policy": next((action.policy for action in actions if action.policy), None),
        "topic": topic,
        "milliseconds": milliseconds,
        "nearest": parsed.get("nearest"),
        "margin": parsed.get("margin"),
        "safety": parsed.get("safety"),
        "model": model,
    }


def _ready_agent(request: Request) -> Agent:
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise ProblemError(503, "Not ready", "The bot has no model loaded yet; try again soon.")
    ready: Agent = agent
    return ready


def _choosable_intents(agent: Agent) -> set[str]:
    """Return our intents without those by which Rasa itself is commanded (restart, back …)."""
    return set(agent.domain.intents) - set(DEFAULT_INTENTS)


async def _warm_up(agent: Agent | None) -> None:
    """Understand one message, so that the first visitor need not wait for libraries to load, and
    give back what loading the model took.
    """
    if agent is not None and agent.is_ready():
        await agent.parse_message("What is secondary progressive MS?")
    give_back_memory()


async def _erase(agent: Agent, conversation: str) -> None:
    # Rasa wraps the configured store in one that falls back to memory, and offers no other way in
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    async with agent.lock_store.lock(conversation):
        await store.delete(conversation)


def _problem(problem: ProblemError) -> HTTPResponse:
    return response.HTTPResponse(
        json.dumps(
            {
                "type": "about:blank",
                "title": problem.title,
                "status": problem.status,
                "detail": problem.detail,
            }
        ),
        status=problem.status,
        content_type="application/problem+json",
        headers={"www-authenticate": "Bearer"} if problem.status == 401 else {},
    )
