"""Starts the chat process: `python -m helpline.chat`."""

from __future__ import annotations

import importlib
import socket
import sys

import settings
from helpline.chat import logs
from helpline.chat.app import create_app


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


def main() -> int:
    """Serve until told to stop; return 2 when a setting cannot be used."""
    try:
        values = settings.load()
        logs.configure(values.log_level)
        if values.duty_webhook_url or values.duty_email or values.smtp_url:
            from helpline.chat.duty import check_settings  # heavy, and rarely needed

            check_settings(values)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if values.trusted_proxies > 0:
        # Others answer meanwhile, and Sanic takes connections before it can serve them. Without
        # others the page comes first and the heavy parts later.
        importlib.import_module("helpline.chat.service")
    app = create_app(values)
    app.run(
        sock=_bound(values.chat_host, values.chat_port),
        single_process=True,
        access_log=False,
        motd=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
