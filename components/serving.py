"""What the bot's server does beside answering: it logs whose request it answers, passes that on to
the action server, ends without dropping a request, and does not stay up without a model.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Collection
from typing import Any

from rasa.utils.endpoints import EndpointConfig
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from actions import structured_logs

_log = logging.getLogger(__name__)


def install(blueprint: Blueprint) -> None:
    """Add this to the routes of the bot's channel."""
    structured_logs.install()
    _name_request_to_actions()
    stopping = False
    # Sanic's own set of open connections, known from the first request on
    connections: Collection[Any] = ()

    @blueprint.middleware("request")
    async def begin(request: Request) -> None:
        nonlocal connections
        structured_logs.note_request(request)
        if request.stream is not None:
            connections = request.stream.protocol.connections

    @blueprint.middleware("response")
    async def end(request: Request, response: HTTPResponse) -> None:
        if request.method == "POST":
            structured_logs.tell_answered(request, response)
        if stopping and request.stream is not None:
            # A kept connection would hold up the end, or bring a request that comes too late
            request.stream.keep_alive = False

    @blueprint.listener("before_server_stop")
    async def begin_to_stop(_app: Sanic, _loop: Any) -> None:
        nonlocal stopping
        stopping = True
        # uvloop would wait for kept connections, which nginx opens for the next request
        for connection in list(connections):
            # One that was opened a moment ago has no state yet; its request is still answered
            with contextlib.suppress(AttributeError):
                connection.close_if_idle()

    @blueprint.listener("after_server_start")
    async def end_without_model(app: Sanic, _loop: Any) -> None:
        agent = getattr(app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            # Rasa would stay up and refuse every message; the supervisor starts it again
            _log.error("no model could be loaded: ending, to be started again. See: make train")
            app.stop()  # type: ignore[no-untyped-call]


def _name_request_to_actions() -> None:
    """Send the id of the request along with what Rasa posts to other servers."""
    if hasattr(EndpointConfig.request, "__wrapped__"):
        return
    original = EndpointConfig.request

    @functools.wraps(original)
    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        current = structured_logs.current_request()
        if current:
            kwargs["headers"] = {**kwargs.get("headers", {}), structured_logs.HEADER: current}
        return await original(self, *args, **kwargs)

    EndpointConfig.request = request
