"""How both processes serve: in one process, with logs of our own."""

from __future__ import annotations

from typing import Any

from sanic import Sanic


def serve(app: Sanic[Any, Any], host: str, port: int) -> None:
    """Serve until told to stop."""
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
