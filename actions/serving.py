"""What the action server does beside answering: it logs whose request it answers, and ends without
dropping one.
"""

from __future__ import annotations

import sys
from typing import Any

import pluggy
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from actions import structured_logs

_hook = pluggy.HookimplMarker("rasa_sdk")


@_hook
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Add this to the server that the SDK has made."""
    structured_logs.install()
    stopping = False

    @app.middleware("request")  # type: ignore[no-untyped-call]
    async def begin(request: Request) -> None:
        structured_logs.note_request(request)

    @app.middleware("response")  # type: ignore[no-untyped-call]
    async def end(request: Request, response: HTTPResponse) -> None:
        if request.path == "/webhook":
            structured_logs.tell_answered(request, response)
        if stopping and request.stream is not None:
            request.stream.keep_alive = False

    async def begin_to_stop(_app: Sanic, _loop: Any) -> None:
        nonlocal stopping
        stopping = True

    app.register_listener(begin_to_stop, "before_server_stop")


plugin_manager().register(sys.modules[__name__])
