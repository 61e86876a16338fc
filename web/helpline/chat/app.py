"""Puts the chat process together."""

from __future__ import annotations

import contextlib
import time

import structlog
from sanic import Request, Sanic
from sanic.http.http1 import Http
from sanic.response import BaseHTTPResponse

from helpline.chat import request_ids
from helpline.chat.api import api
from helpline.chat.assets import assets
from helpline.chat.errors import answer_errors
from helpline.chat.health import health
from helpline.chat.page import page
from helpline.chat.security import secure
from helpline.chat.state import App, Chat, chat_of, chat_of_app
from helpline.chat.widget_files import widget_files
from settings import Settings

_log = structlog.get_logger("helpline.chat")

_QUIET_ROUTES = ("health.alive", "health.ready", "health.numbers")


def create_app(settings: Settings, name: str = "helpline_chat") -> App:
    """Return the app; loading begins when it is served.

    `name` must differ between apps of one process.
    """
    app: App = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = settings.request_max_bytes
    app.config.PROXIES_COUNT = settings.trusted_proxies or None
    app.config.MOTD = False
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.ctx.chat = Chat(settings)
    app.blueprint([api, page, assets, widget_files, health])
    answer_errors(app)
    secure(app, lambda: chat_of_app(app).settings.embed_origin_list)
    _count_requests(app)

    @app.after_server_start
    async def start(running: App) -> None:
        chat_of_app(running).start()

    @app.before_server_stop
    async def begin_to_stop(running: App) -> None:
        chat = chat_of_app(running)
        chat.stopping = True
        # uvloop would wait for kept connections, which nginx opens for the next request
        for connection in list(chat.connections):
            # One that was opened a moment ago has no state yet; its request is still answered
            with contextlib.suppress(AttributeError):
                connection.close_if_idle()

    # Not before: Sanic closes its port next, and then lets running requests end.
    @app.after_server_stop
    async def stop(running: App) -> None:
        await chat_of_app(running).stop()

    return app


def _count_requests(app: App) -> None:
    """Count, time and log every request by the name of its route, never by its address."""

    async def begin(request: Request) -> None:
        request.ctx.started = time.perf_counter()
        if request.stream is not None:
            chat_of(request).connections = request.stream.protocol.connections
        request.ctx.id = request_ids.begin(request, chat_of(request).settings.trusted_proxies)

    async def end(request: Request, response: BaseHTTPResponse) -> None:
        # A request that could not be read has no route, and did not pass `begin`.
        started = getattr(request.ctx, "started", None)
        route = request.name.partition(".")[2] if request.route and request.name else "none"
        metrics = chat_of(request).metrics
        metrics.requests.labels(route, response.status).inc()
        if chat_of(request).stopping and isinstance(request.stream, Http):
            # A kept connection would hold up the end, or bring a request that comes too late
            request.stream.keep_alive = False
        seconds = time.perf_counter() - started if started else 0.0
        metrics.request_seconds.labels(route).observe(seconds)
        level = _log.debug if route in _QUIET_ROUTES else _log.info
        level(
            "request",
            method=request.method,
            route=route,
            status=response.status,
            milliseconds=round(1000 * seconds, 1),
        )
        if started:
            response.headers[request_ids.HEADER] = request.ctx.id
        request_ids.end()

    app.register_middleware(begin, "request", priority=99)
    app.register_middleware(end, "response", priority=-99)
