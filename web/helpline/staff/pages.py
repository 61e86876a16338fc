"""Renders the console's pages, serves their styles and script, and words its problems."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import HTTPResponse, Request, Sanic, response
from sanic.exceptions import NotFound, SanicException
from sqlalchemy.exc import DBAPIError

from helpline.staff import navigation, words
from helpline.staff.requests import form_of
from helpline.staff.sessions import Draft, SignedIn
from helpline.store.staff_models import ADMIN, LEAD
from safety import ALARM_KINDS

FOLDER = Path(__file__).parent
SHARED_STATIC = FOLDER.parent / "static"
LONGEST_CACHE = 365 * 24 * 3600
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_log = structlog.get_logger("helpline.staff")


@dataclasses.dataclass(frozen=True)
class StaticFile:
    """A file of the console, read once at start."""

    content: bytes
    content_type: str
    version: str


def read_static_files() -> dict[str, StaticFile]:
    """Read the console's styles and script, and those it shares with the chat page."""
    paths = [*(FOLDER / "static").iterdir(), *SHARED_STATIC.iterdir()]
    files = {}
    for path in paths:
        content = path.read_bytes()
        version = hashlib.sha256(content).hexdigest()[:12]
        files[path.name] = StaticFile(content, _TYPES[path.suffix], version)
    return files


def _environment(files: Mapping[str, StaticFile]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        moment=words.moment,
        day=words.day,
        percent=words.percent,
        milliseconds=words.milliseconds,
        intent=words.intent_label,
        kind=words.kind_label,
        flag=words.flag_label,
        language=words.language_label,
        treatment=words.treatment_label,
        blocks=words.blocks,
        detail=words.detail,
    )
    environment.globals.update(
        static=lambda name: f"/static/{name}?v={files[name].version}",
        state_labels=words.STATE_LABELS,
        correction_labels=words.CORRECTION_LABELS,
        where_labels=words.WHERE_LABELS,
        role_labels=words.ROLE_LABELS,
        # A person may be in danger: these stand out
        urgent=ALARM_KINDS,
        navigation=navigation.entries,
    )
    return environment


class Pages:
    """Templates and static files."""

    def __init__(self) -> None:
        """Read them all, so that a broken one is noticed at start."""
        self.files = read_static_files()
        self._environment = _environment(self.files)
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def render(self, template: str, /, **context: Any) -> str:
        """Fill in a template."""
        return self._environment.get_template(template).render(**context)


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTTPResponse:
    """Answer with a page, which knows who is signed in and what they may do."""
    pages: Pages = request.app.ctx.pages
    staff: SignedIn | None = getattr(request.ctx, "staff", None)
    text = pages.render(
        template,
        staff=staff,
        is_lead=staff is not None and staff.may_act_as(LEAD),
        is_admin=staff is not None and staff.may_act_as(ADMIN),
        path=request.path,
        **context,
    )
    return response.html(text, status=status, headers=dict(headers or {}))


def sign_in_page(
    request: Request,
    wanted: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    name: str = "",
    error: str | None = None,
    ended: bool = False,
    from_elsewhere: bool = False,
    draft: Draft | None = None,
) -> HTTPResponse:
    """Answer with the sign-in form, which leads on to the address `wanted`.

    `draft` is a note that came too late; it is kept in the form and saved on from there.
    """
    return page(
        request,
        "sign_in.html",
        status=status,
        headers=headers,
        wanted=wanted,
        name=name,
        error=error,
        ended=ended,
        out="out" in request.args,
        chosen="set" in request.args,
        from_elsewhere=from_elsewhere,
        draft=draft,
    )


def redirect(address: str) -> HTTPResponse:
    """Send the browser to a page of ours, as the answer to a form too."""
    return response.redirect(address, status=303)


async def serve_static(request: Request, name: str) -> HTTPResponse:
    """Serve one of the console's own files; its address changes with its content."""
    file = request.app.ctx.pages.files.get(name)
    if file is None:
        raise NotFound
    current = request.args.get("v") == file.version
    caching = f"public, max-age={LONGEST_CACHE}, immutable" if current else "no-cache"
    return response.raw(
        file.content, content_type=file.content_type, headers={"Cache-Control": caching}
    )


# What happened, and what to do about it.
_PROBLEMS = {
    400: ("This request cannot be read", "Go back, check what you typed, and send it again."),
    403: ("You cannot do this", "Your account does not have the right to do this."),
    404: (
        "There is nothing at this address",
        "The address may be mistyped, or the conversation was erased.",
    ),
    405: (
        "This address does not take that kind of request",
        "Go to the list and use the buttons there.",
    ),
    408: ("The request took too long to arrive", "Check your connection and send it again."),
    413: ("That was too much at once", "Shorten what you typed and send it again."),
    429: ("Too many attempts", "Wait a little, then try again."),
    503: ("The console cannot answer right now", "Wait a minute, then try again."),
}
_OURS = ("Something went wrong on our side", "Nothing was lost that you had saved. Try again.")
_DISK = (
    "This could not be saved",
    "The helpline's disk is full, or it fails. Nothing was lost that was saved before. Tell "
    "whoever runs the helpline; when there is room again, do it once more.",
)
# How SQLite and PostgreSQL say it
_DISK_ERRORS = ("disk is full", "disk i/o error", "no space left")
# What people write at length
_LONG_FIELDS = ("note", "reason")


class Refused(SanicException):
    """A request that cannot be granted (403 unless told); the text says why, and what to do."""

    status_code = 403


async def answer_problem(request: Request, error: Exception) -> HTTPResponse:
    """Answer an exception with a page in plain words.

    What nobody expected is logged by type and place with a reference that the page shows too; its
    text is not, since it may quote a visitor.
    """
    headers: dict[str, str] = {}
    detail, reference = None, None
    if isinstance(error, SanicException) and error.status_code < 500:
        status = error.status_code
        headers = {key: str(value) for key, value in error.headers.items() if key == "Allow"}
        if isinstance(error, Refused):
            detail = str(error)
    else:
        status, reference = 500, secrets.token_hex(4)
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        _log.error(
            "request failed",
            reference=reference,
            error=type(error).__name__,
            where=[f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
        )
    title, advice = _PROBLEMS.get(status, _OURS if status >= 500 else _other(status))
    typed = ""
    if isinstance(error, DBAPIError) and any(it in str(error.orig).lower() for it in _DISK_ERRORS):
        title, advice = _DISK
        form = form_of(request)
        typed = next((form[name] for name in _LONG_FIELDS if form.get(name)), "")
    return page(
        request,
        "problem.html",
        status=status,
        headers=headers,
        title=title,
        detail=detail or advice,
        reference=reference,
        typed=typed,
    )


def _other(status: int) -> tuple[str, str]:
    return HTTPStatus(status).phrase, "Go to the list and try again from there."


def install(app: Sanic[Any, Any]) -> None:
    """Give the app its templates, static files and problem pages."""
    app.ctx.pages = Pages()
    app.add_route(serve_static, "/static/<name:str>", methods=["GET"], ctx_public=True)
    app.exception(Exception)(answer_problem)
