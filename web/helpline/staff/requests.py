"""Reads what a browser sent: each field once, as text."""

from __future__ import annotations

from sanic import Request


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form; of a repeated field the first."""
    return {name: str(values[0]) for name, values in (request.form or {}).items() if values}


def query_of(request: Request) -> dict[str, str]:
    """Return the parameters of the address; of a repeated one the first."""
    return {name: str(values[0]) for name, values in request.args.items() if values}
