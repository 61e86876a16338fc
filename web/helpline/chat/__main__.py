"""Starts the chat process: `python -m helpline.chat`."""

from __future__ import annotations

import importlib
import sys

import settings
from helpline.chat.app import create_app
from helpline.shared import logs
from helpline.shared.server import serve


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
    serve(create_app(values), values.chat_host, values.chat_port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
