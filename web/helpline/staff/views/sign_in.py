"""Signing in and out."""

from __future__ import annotations

import dataclasses
import math
import re

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.orm import Session

from helpline.shared.texts import clean
from helpline.staff import accounts, audit, passwords, sessions
from helpline.staff.guards import (
    DEVICE_COOKIE,
    SESSION_COOKIE,
    cookie_name,
    delete_cookie,
    local_address,
    look_up_staff,
    set_cookie,
    staff_of,
    store_of,
)
from helpline.staff.notes import LONGEST_NOTE
from helpline.staff.pages import redirect, sign_in_page
from helpline.staff.requests import form_of
from helpline.staff.sessions import Draft
from helpline.staff.throttle import SignInThrottle

blueprint = Blueprint("sign_in")
_PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
DEVICE_SECONDS = 180 * 24 * 3600
# The same words whether the name, the password, or both are wrong, or the account is locked out.
WRONG = "The name or the password is not right. Check both and try again."


@dataclasses.dataclass(frozen=True)
class _Account:
    name: str
    password_hash: str
    disabled: bool


@blueprint.get("/sign-in", ctx_public=True)
async def show_sign_in(request: Request) -> HTTPResponse:
    """Show the form; whoever is signed in already goes straight on."""
    wanted = local_address(request.args.get("next"))
    await look_up_staff(request)
    if request.ctx.staff is not None:
        return redirect(wanted)
    return sign_in_page(
        request,
        wanted,
        ended="ended" in request.args,
        # A SameSite=Strict cookie stays behind when a link on another site is followed.
        from_elsewhere=request.headers.get("sec-fetch-site") in ("cross-site", "same-site"),
    )


@blueprint.post("/sign-in", ctx_public=True)
async def sign_in(request: Request) -> HTTPResponse:
    """Check name and password, and begin a session."""
    form = form_of(request)
    typed_name = clean(form.get("name", ""))[:200]
    name = accounts.clean_name(typed_name)
    password = form.get("password", "")
    wanted = local_address(form.get("next"))
    draft = _draft(form.get("draft_conversation"), form.get("draft"))
    device = request.cookies.get(cookie_name(request, DEVICE_COOKIE))
    throttle: SignInThrottle = request.app.ctx.throttle

    wait = throttle.begin(name, request.client_ip, device)
    if wait:
        return sign_in_page(
            request,
            wanted,
            status=429,
            headers={"Retry-After": str(math.ceil(wait))},
            name=typed_name,
            draft=draft,
            error=f"Too many attempts. Wait {_in_words(wait)}, then try again.",
        )
    store = store_of(request)
    account = await store.read(_find_account, name)
    usable = account.password_hash if account and not account.disabled else None
    right = await passwords.matches_soon(usable, password)
    session_id = None
    if account is not None and right:
        new_hash = None
        if passwords.is_outdated(account.password_hash):
            new_hash = await passwords.hash_soon(password)
        session_id = await store.write(_begin, account, new_hash, draft)
    if session_id is None:
        await store.write(
            audit.record,
            audit.UNKNOWN,
            audit.SIGN_IN_FAILED,
            # What was typed is kept only if it is a name: it could be a password.
            account.name if account else None,
        )
        return sign_in_page(request, wanted, status=401, name=typed_name, draft=draft, error=WRONG)
    throttle.succeeded(name, request.client_ip, device)
    if draft is not None:
        wanted = f"/conversations/{draft.conversation}#note"
    answer = redirect(wanted)
    set_cookie(request, answer, SESSION_COOKIE, session_id)
    if not throttle.is_device(name, device):
        token = throttle.new_device(name)
        set_cookie(request, answer, DEVICE_COOKIE, token, max_age=DEVICE_SECONDS)
    return answer


@blueprint.post("/sign-out")
async def sign_out(request: Request) -> HTTPResponse:
    """End the session on the server and in the browser."""
    staff = staff_of(request)
    await store_of(request).write(_end, staff.session_hash, staff.name)
    answer = redirect("/sign-in?out=1")
    delete_cookie(request, answer, SESSION_COOKIE)
    return answer


def _find_account(session: Session, name: str) -> _Account | None:
    user = accounts.find(session, name)
    if user is None:
        return None
    return _Account(user.name, user.password_hash, user.disabled_at is not None)


def _begin(
    session: Session, account: _Account, new_hash: str | None, draft: Draft | None
) -> str | None:
    """Begin a session, unless the account was changed while its password was being checked."""
    user = accounts.find(session, account.name)
    if user is None or user.disabled_at or user.password_hash != account.password_hash:
        return None
    if new_hash is not None:
        user.password_hash = new_hash
    audit.record(session, user.name, audit.SIGNED_IN, user.name)
    return sessions.start(session, user, draft)


def _end(session: Session, session_hash: str, name: str) -> None:
    sessions.end(session, session_hash)
    audit.record(session, name, audit.SIGNED_OUT, name)


def _draft(conversation: str | None, text: str | None) -> Draft | None:
    if not conversation or not _PUBLIC_ID.fullmatch(conversation) or not clean(text or ""):
        return None
    # A note that is too long is shown again as well: its writer shortens it there.
    return Draft(conversation, clean(text or "")[: 4 * LONGEST_NOTE])


def _in_words(seconds: float) -> str:
    if seconds <= 90:
        return f"{math.ceil(seconds)} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
