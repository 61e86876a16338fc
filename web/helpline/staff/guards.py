"""What every request passes: same origin, signed in, right role; and what every answer carries.

A route is closed unless it says `ctx_public=True`, so forgetting about it leaves it closed.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from sanic import HTTPResponse, Request, Sanic

from helpline.staff import sessions
from helpline.staff.pages import Refused, redirect, sign_in_page
from helpline.staff.requests import form_of
from helpline.staff.sessions import Draft, SignedIn
from helpline.store.database import Store
from helpline.store.staff_models import REVIEWER

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
SESSION_COOKIE = "helpline_staff"
DEVICE_COOKIE = "helpline_staff_device"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, browsers send `Origin: null` along with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000"


def store_of(request: Request) -> Store:
    """Return the store that the app was made with."""
    store: Store = request.app.ctx.store
    return store


def staff_of(request: Request) -> SignedIn:
    """Return who is signed in; only for routes that are not public."""
    staff: SignedIn = request.ctx.staff
    return staff


def is_secure(request: Request) -> bool:
    """Whether the browser came over TLS, as far as we or a trusted proxy know."""
    return request.scheme == "https"


def cookie_name(request: Request, name: str) -> str:
    """Return a cookie's full name. Over TLS a browser takes a `__Host-` cookie from us alone."""
    return f"__Host-{name}" if is_secure(request) else name


def set_cookie(
    request: Request, answer: HTTPResponse, name: str, value: str, *, max_age: int | None = None
) -> None:
    """Set a cookie that no script reads and no other site's link carries."""
    answer.add_cookie(
        cookie_name(request, name),
        value,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="Strict",
        max_age=max_age,
    )


def delete_cookie(request: Request, answer: HTTPResponse, name: str) -> None:
    """Have the browser forget a cookie."""
    set_cookie(request, answer, name, "", max_age=0)


def local_address(raw: str | None) -> str:
    """Return the address of one of our pages, or of the list if `raw` is none of ours."""
    fallback = "/conversations"
    if not raw or not raw.startswith("/") or raw.startswith(("//", "/\\", "/sign-")):
        return fallback
    try:
        parts = urlsplit(raw)
    except ValueError:
        return fallback
    if parts.scheme or parts.netloc or any(ord(letter) < 0x21 for letter in raw):
        return fallback
    return raw


def comes_from_here(request: Request) -> bool:
    """Say whether a form was sent by a page of ours.

    Every browser of the last years says so itself, in Sec-Fetch-Site or at least in Origin; a
    request that says neither is refused (https://words.filippo.io/csrf/).
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.headers.get("origin")
    if not origin or origin == "null":
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host.casefold() == request.host.casefold())


async def refuse_other_origins(request: Request) -> None:
    """Refuse a change that another site's page asks for."""
    if request.method not in SAFE_METHODS and not comes_from_here(request):
        raise Refused(
            "The request did not come from a page of this console, so nothing was changed. "
            "Open the console in this browser and try again."
        )


async def find_staff(request: Request) -> None:
    """Find out who is behind a request; public routes do without, and without the database."""
    request.ctx.staff = None
    if not _is_public(request):
        await look_up_staff(request)


async def look_up_staff(request: Request) -> None:
    """Look up the session that the browser's cookie names."""
    session_id = request.cookies.get(cookie_name(request, SESSION_COOKIE))
    if not session_id:
        return
    staff = await store_of(request).read(sessions.find, session_id)
    if staff is not None and staff.touch_due:
        await store_of(request).write(sessions.touch, staff.session_hash)
    request.ctx.staff = staff


async def require_sign_in(request: Request) -> HTTPResponse | None:
    """Send whoever is not signed in to the sign-in page, and refuse who lacks the role."""
    route = request.route
    # Without a route it is a 404 or 405, which tells nothing.
    if route is None or _is_public(request):
        return None
    staff: SignedIn | None = request.ctx.staff
    if staff is None:
        return _to_sign_in(request)
    role = getattr(route.ctx, "role", REVIEWER)
    if not staff.may_act_as(role):
        raise Refused(
            f"This needs the role “{role}” or a higher one; yours is “{staff.role}”. "
            "Ask a person who has it."
        )
    return None


def _is_public(request: Request) -> bool:
    return request.route is not None and bool(getattr(request.route.ctx, "public", False))


def _to_sign_in(request: Request) -> HTTPResponse:
    had_session = bool(request.cookies.get(cookie_name(request, SESSION_COOKIE)))
    if request.method in SAFE_METHODS:
        wanted = request.path + (f"?{request.query_string}" if request.query_string else "")
        ended = "ended=1&" if had_session else ""
        answer = redirect(f"/sign-in?{ended}next={quote(wanted, safe='/')}")
    else:
        # The form's own address takes no GET; the draft knows where it belongs.
        answer = sign_in_page(
            request, local_address(None), status=401, ended=had_session, draft=_draft(request)
        )
    if had_session:
        delete_cookie(request, answer, SESSION_COOKIE)
    return answer


def _draft(request: Request) -> Draft | None:
    """Return the note that a member of staff wrote while the session ended."""
    if request.route is None or not getattr(request.route.ctx, "keeps_draft", False):
        return None
    text = form_of(request).get("note")
    return Draft(request.match_info["public_id"], text) if text else None


async def add_security_headers(request: Request, answer: Any) -> None:
    """Add to every answer what keeps it from being framed, sniffed, stored or scripted."""
    for name, value in SECURITY_HEADERS.items():
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")
    if is_secure(request):
        answer.headers["Strict-Transport-Security"] = HSTS


def install(app: Sanic[Any, Any]) -> None:
    """Put every request through the guards, in this order."""
    app.register_middleware(refuse_other_origins, "request", priority=30)
    app.register_middleware(find_staff, "request", priority=20)
    app.register_middleware(require_sign_in, "request", priority=10)
    app.register_middleware(add_security_headers, "response")
