"""A person's own account, and the page that explains the keys."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.orm import Session

from helpline.staff import accounts, first_login, passwords
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.staff.sessions import SignedIn
from helpline.staff.throttle import SignInThrottle

blueprint = Blueprint("account")
DONE = {
    "password": "Your password is changed. Other browsers were signed out.",
    "keys": "Your choice is saved.",
}


@blueprint.get("/account")
async def show_account(request: Request) -> HTTPResponse:
    """Show name, role and forms."""
    return _account_page(request)


@blueprint.post("/account/password")
async def change_password(request: Request) -> HTTPResponse:
    """Change the password of whoever is signed in, who must know the present one."""
    staff = staff_of(request)
    store = store_of(request)
    form = form_of(request)
    current = form.get("current", "")
    new = form.get("new", "")
    errors: dict[str, str] = {}
    problem = passwords.problem_with(new, staff.name)
    if problem:
        errors["new"] = problem
    elif new != form.get("again", ""):
        errors["again"] = "The two new passwords differ: type the new one twice."
    elif new == current:
        errors["new"] = "The new password is the present one: choose another."
    if errors:
        return _account_page(request, errors)
    throttle: SignInThrottle = request.app.ctx.password_throttle
    # Whoever finds an open browser must not be able to guess here without end.
    wait = throttle.begin(staff.name, request.client_ip, None)
    if wait:
        errors["current"] = f"Too many attempts. Wait {math.ceil(wait / 60)} minutes."
        return _account_page(request, errors, status=429)
    present_hash = await store.read(_password_hash, staff.name)
    if not await passwords.matches_soon(present_hash, current):
        errors["current"] = "This is not your present password. Type it again."
        return _account_page(request, errors)
    throttle.succeeded(staff.name, request.client_ip, None)
    await store.write(_set_password, staff, await passwords.hash_soon(new))
    if staff.name == first_login.FIRST_NAME:
        first_login.forget(request.app.ctx.settings)
    return redirect("/account?done=password")


@blueprint.post("/account/keys")
async def switch_keys(request: Request) -> HTTPResponse:
    """Switch the single-letter keys on or off."""
    on = form_of(request).get("single_keys") == "on"
    await store_of(request).write(_set_keys, staff_of(request).name, on)
    return redirect("/account?done=keys")


@blueprint.get("/keys")
async def show_keys(request: Request) -> HTTPResponse:
    """Explain the keys, where no script shows them in place."""
    return page(request, "keys.html")


def _account_page(
    request: Request, errors: Mapping[str, str] | None = None, status: int = 422
) -> HTTPResponse:
    return page(
        request,
        "account.html",
        status=status if errors else 200,
        errors=errors or {},
        shortest=passwords.SHORTEST,
        done=DONE.get(request.args.get("done", "")),
    )


def _password_hash(session: Session, name: str) -> str | None:
    user = accounts.find(session, name)
    return user.password_hash if user else None


def _set_password(session: Session, staff: SignedIn, hashed: str) -> None:
    user = accounts.find(session, staff.name)
    if user is not None:
        accounts.set_password(session, user, hashed, by=staff.name, keep_session=staff.session_hash)


def _set_keys(session: Session, name: str, on: bool) -> None:
    user = accounts.find(session, name)
    if user is not None:
        user.single_keys = on
