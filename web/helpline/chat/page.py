"""The chat page: a plain form that works without JavaScript.

Each POST carries the conversation's token and a fresh idempotency key in hidden fields and is
answered with the whole page, so there is no cookie, no id in an address, and reloading sends
nothing twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sanic import Blueprint, HTTPResponse, Request

from helpline.chat import alarm_alone, problems, rendering, written
from helpline.chat.errors import as_problem
from helpline.chat.problems import Problem
from helpline.chat.requests import comment_text, limit_address, limit_opening
from helpline.chat.security import is_own_form
from helpline.chat.state import Chat, chat_of
from helpline.chat.tokens import credentials_of_start, new_start
from helpline.chat.widget_builds import BUILDS
from helpline.shared.texts import clean
from helpline.store.errors import ConversationEnded, ConversationUnknown

page = Blueprint("page")

VIEW_SECONDS_AFTER_FAULT = 0.4


@dataclass
class View:
    """What the page shows beside the conversation."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    ratings: dict[str, bool] = field(default_factory=dict)
    token: str | None = None
    # What the visitor was writing: kept whenever it was not answered.
    draft: str = ""
    # Beside the text field; `notice` stands above it and is no mistake of the visitor's.
    error: str | None = None
    notice: str | None = None
    confirm_erase: bool = False
    # Whether the visitor just said what would have helped more.
    commented: bool = False
    erased: bool = False
    status: int = 200


async def show(request: Request) -> HTTPResponse:
    """Show the greeting and the form. Needs neither bot nor store."""
    await limit_address(request)
    return _render(request, _new_view(chat_of(request)))


page.add_route(show, "/", methods=["GET", "HEAD"], name="show")


@page.post("/", name="send")
async def send(request: Request) -> HTTPResponse:
    """Take one turn, or another button of the page."""
    if not is_own_form(request):
        raise Problem(
            403,
            "foreign-form",
            "This form was sent from another site.",
            "Please open the helpline's page and write there.",
        )
    await limit_address(request)
    form = Form(request)
    try:
        view = await _act(request, form)
    except (ConversationUnknown, ConversationEnded):
        view = _new_view(chat_of(request))
        view.draft = form.text
        view.notice = "Your earlier conversation has ended." + (
            " Your text is still here: press Send to ask it again." if form.text else ""
        )
    except Exception as error:
        problem = as_problem(error)
        view = await _view_of_problem(request, form, problem)
        said = await alarm_alone.messages_for(problem, form.text)
        if said is not None:
            view.messages = [*view.messages, *said]
            view.status, view.notice = 200, None
    return _render(request, view)


class Form:
    """The fields of the page's form."""

    def __init__(self, request: Request) -> None:
        """Read them; whatever is missing is empty."""
        given: Mapping[str, Any] = request.get_form() or {}

        def value(name: str) -> str:
            found = given.get(name)
            return found if isinstance(found, str) else ""

        self.token = value("token")
        self.start = value("start")
        self.key = value("key")[:128] or secrets.token_urlsafe(16)
        self.text = clean(value("text"))
        self.choice = value("choice")[:128]
        self.action = value("action")
        self.rated = value("rated")[:128]
        self.comment = value("comment")


async def _act(request: Request, form: Form) -> View:
    chat = chat_of(request)
    came = time.monotonic()
    service = await chat.service()
    waited = time.monotonic() - came
    token = form.token
    if form.action == "erase":
        if token:
            await service.erase(token)
        view = _new_view(chat)
        view.erased = True
        return view
    if form.action in ("ask_erase", "keep"):
        view = await _view_of(chat, token)
        view.draft = form.text
        view.confirm_erase = form.action == "ask_erase"
        return view
    if form.rated:
        message_id, _, verdict = form.rated.partition(".")
        comment = comment_text(request, form.comment) or None
        await service.rate(token, message_id, verdict == "yes", comment)
        view = await _view_of(chat, token)
        view.draft = form.text
        view.commented = comment is not None
        return view
    if not token:
        token = await _begin(request, form)
    if form.choice:
        await service.send(token, choice=form.choice, key=form.key, waited=waited)
        view = await _view_of(chat, token)
        view.draft = form.text
    else:
        answer = await service.send(token, text=form.text, key=form.key, waited=waited)
        view = await _view_of(chat, token)
        if answer[0]["kind"] == "unavailable":
            view.draft = form.text  # so that asking again is one press
    return view


async def _begin(request: Request, form: Form) -> str:
    """Begin the conversation of a page's first form; a form sent again finds it."""
    chat = chat_of(request)
    credentials = credentials_of_start(form.start, chat.settings.secret("chat"))
    if credentials is None:
        raise ConversationUnknown
    if not form.text and not form.choice:
        raise problems.invalid("text", "Write your question first. A few words are enough.")
    await limit_opening(request)
    service = await chat.service()
    await service.open(credentials)
    return credentials.token


def _new_view(chat: Chat) -> View:
    greeting = written.greeting(chat.settings.retention_days)
    return View(messages=[{"id": "greeting", "from": "bot", **greeting}])


async def _view_of(chat: Chat, token: str) -> View:
    if not token:
        return _new_view(chat)
    service = await chat.service()
    return View(
        messages=await service.history(token),
        ratings=await service.ratings(token),
        token=token,
    )


async def _view_of_problem(request: Request, form: Form, problem: Problem) -> View:
    """Show a problem in the page, with the conversation if it can be had."""
    view = _new_view(chat_of(request))
    view.token = form.token or None
    with contextlib.suppress(Exception):
        # After a fault of ours the visitor has waited long enough for the store
        seconds = None if problem.status < 500 else VIEW_SECONDS_AFTER_FAULT
        async with asyncio.timeout(seconds):
            view = await _view_of(chat_of(request), form.token)
    view.draft = form.text
    view.status = problem.status
    if problem.extra.get("field") == "text":
        view.error = problem.detail
    else:
        view.notice = f"{problem.title} {problem.detail}"
    return view


def _render(request: Request, view: View) -> HTTPResponse:
    chat = chat_of(request)
    last_turn = _last_turn(view.messages)
    body = rendering.render(
        "page.html",
        view=view,
        embedding=BUILDS.embedding(chat.settings),
        navigator=problems.navigator(),
        last_turn=last_turn,
        key=secrets.token_urlsafe(16),
        start=None if view.token else new_start(),
        starting=not chat.bot_ready and not chat.bot_was_ready,
        away=not chat.bot_ready and chat.bot_was_ready,
        longest=chat.settings.message_max_characters,
        retention_days=chat.settings.retention_days,
    )
    return rendering.html_response(body, view.status)


def _last_turn(messages: list[dict[str, Any]]) -> int:
    """Return the index of the visitor's last message; 0 when nobody wrote yet."""
    return max((at for at, each in enumerate(messages) if each["from"] == "visitor"), default=0)


def problem_page(problem: Problem) -> HTTPResponse:
    """Return a problem as a small page, for somebody who reads it in a browser."""
    body = rendering.render("problem.html", problem=problem, navigator=problems.navigator())
    response = rendering.html_response(body, problem.status)
    response.headers.update(problem.headers)
    return response
