"""Route of the files of our pages: /static (the widget's are in widget_files)."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request

from helpline.chat.files import StaticFiles

_CHAT = Path(__file__).parent

# What the staff console uses too lies beside the packages.
PAGE_FILES = StaticFiles(_CHAT / "static", _CHAT.parent / "static")

assets = Blueprint("assets")


def static_url(name: str) -> str:
    """Return the address of one of our own files, with the version that lets browsers keep it."""
    found = PAGE_FILES.find(name)
    return f"/static/{name}?v={found.version}" if found else f"/static/{name}"


async def static_file(request: Request, name: str) -> HTTPResponse:
    """Return a style sheet or image of our pages."""
    return PAGE_FILES.respond(request, name)


assets.add_route(static_file, "/static/<name:str>", methods=["GET", "HEAD"], name="static")
