"""Headers that every response carries, and which sites may call the API from a browser."""

from __future__ import annotations

from collections.abc import Callable

from sanic import Request
from sanic.response import BaseHTTPResponse

from helpline.chat.state import App

_PREFLIGHT_SECONDS = "600"
_HSTS = "max-age=31536000; includeSubDomains"


def content_security_policy(embed_origins: tuple[str, ...]) -> str:
    """Return the policy of every page: our own files only, no inline code; who may frame it."""
    ancestors = " ".join(["'self'", *embed_origins])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )


def secure(app: App, embed_origins: Callable[[], tuple[str, ...]]) -> None:
    """Add the headers to every response of the app, errors too.

    `embed_origins` is asked each time: staff can change it while the process runs.
    """
    fixed = {
        "X-Content-Type-Options": "nosniff",
        # With "no-referrer" browsers would hide the Origin of our own forms, which we check.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        headers = response.headers
        origins = embed_origins()
        headers.setdefault("Content-Security-Policy", content_security_policy(origins))
        for name, value in fixed.items():
            headers.setdefault(name, value)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Conversation data is kept by nobody; files say themselves how long they may be kept.
        headers.setdefault("Cache-Control", "no-store")
        if request.scheme == "https":
            headers.setdefault("Strict-Transport-Security", _HSTS)
        if request.path.startswith("/api/"):
            _allow_origin(request, response, origins)

    app.register_middleware(add_headers, "response")


def _allow_origin(
    request: Request, response: BaseHTTPResponse, embed_origins: tuple[str, ...]
) -> None:
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("origin")
    if origin not in embed_origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, Idempotency-Key"
        )
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS


def is_own_form(request: Request) -> bool:
    """Say whether a form was sent from one of our own pages, not by another site.

    Browsers tell with Sec-Fetch-Site; older ones with Origin. Without either no browser sent it.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.headers.get("origin")
    return origin is None or origin == f"{request.scheme}://{request.host}"
