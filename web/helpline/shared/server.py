"""How both processes serve: in one process, with logs of our own."""

from __future__ import annotations

import socket
from typing import Any

from sanic import Sanic


def serve(app: Sanic[Any, Any], host: str, port: int) -> None:
    """Serve until told to stop."""
    app.run(sock=_bound(host, port), single_process=True, access_log=False, motd=False)


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket of this address that takes no connection before the server listens.

    One of Sanic's own making takes connections at once: a proxy would leave visitors with a process
    that is still starting, where another one could answer.
    """
    kind = socket.SOCK_STREAM
    found = socket.getaddrinfo(host or None, port, type=kind, flags=socket.AI_PASSIVE)
    family, kind, _, _, address = found[0]
    bound = socket.socket(family, kind)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(address)
    return bound
