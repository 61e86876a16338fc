"""Turns every exception of a request into a problem document, or a page for a browser."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException

from content.reading import ContentError
from helpline.chat import problems
from helpline.chat.problems import Problem, problem_response
from helpline.shared.logs import places
from helpline.store import errors as store_errors

if TYPE_CHECKING:
    from helpline.chat.state import App

_log = structlog.get_logger("helpline.chat")

# What is wrong, and what to do, for the errors that the server itself finds.
_DETAILS = {
    400: "The request could not be read. Please check it and send it again.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    408: "The request took too long to arrive. Please send it again.",
    413: "The request is too large. Please send a shorter message.",
    417: "The request asks for something that this server does not do.",
}

_OF_STORE = {
    store_errors.ConversationUnknown: problems.not_authorized,
    store_errors.ConversationEnded: problems.ended,
    store_errors.KeyReused: problems.key_reused,
    store_errors.ChoiceUnknown: problems.unknown_choice,
    store_errors.TurnTaken: problems.turn_open,
    store_errors.MessageUnknown: problems.unknown_message,
}


def as_problem(error: Exception) -> Problem:
    """Return the problem that an exception stands for; unexpected ones are logged.

    The log has the exception's type and where it came from. Its text may quote a visitor's
    message, so it is not logged.
    """
    if isinstance(error, Problem):
        return error
    if type(error) in _OF_STORE:
        return _OF_STORE[type(error)]()
    if isinstance(error, SanicException) and error.status_code < 500:
        status = error.status_code
        title = HTTPStatus(status).phrase
        name = title.lower().replace(" ", "-")
        headers = {name: value for name, value in error.headers.items() if name.lower() == "allow"}
        return Problem(status, name, title, _DETAILS.get(status, title), headers=headers)
    log_unexpected("request failed", error)
    if type(error).__module__.startswith("sqlalchemy."):  # imported in the background only
        return problems.unavailable()
    return Problem(
        500,
        "internal-error",
        "Something went wrong on our side.",
        "Please try again in a minute, or call.",
    )


def log_unexpected(event: str, error: BaseException) -> None:
    """Log an exception without its text, but for the one that names a file of ours to mend."""
    told = {"problem": str(error)} if isinstance(error, ContentError) else {}
    _log.error(event, error=type(error).__name__, where=places(error.__traceback__), **told)


def wants_page(request: Request) -> bool:
    """Say whether the request comes from somebody who reads the answer in a browser."""
    return not request.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def answer_errors(app: App) -> None:
    """Register the one exception handler."""

    async def answer(request: Request, error: Exception) -> HTTPResponse:
        problem = as_problem(error)
        if wants_page(request):
            from helpline.chat.page import problem_page

            return problem_page(problem)
        return problem_response(problem)

    app.exception(Exception)(answer)
