"""The page behind a one-time link: a person chooses the password of an account."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.orm import Session

from helpline.staff import first_login, links, passwords
from helpline.staff.guards import store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of

blueprint = Blueprint("password_link")


@blueprint.get("/password/<token:[A-Za-z0-9_-]{43}>", ctx_public=True)
async def show_form(request: Request, token: str) -> HTTPResponse:
    """Show the form; looking at it does not use the link up."""
    return _form_page(request, await store_of(request).read(_name, token))


@blueprint.post("/password/<token:[A-Za-z0-9_-]{43}>", ctx_public=True)
async def set_password(request: Request, token: str) -> HTTPResponse:
    """Set the password; the link is used up by that."""
    store = store_of(request)
    name = await store.read(_name, token)
    if name is None:
        return _form_page(request, None)
    form = form_of(request)
    new = form.get("new", "")
    problem = passwords.problem_with(new, name)
    if problem is not None:
        return _form_page(request, name, {"new": problem})
    if new != form.get("again", ""):
        return _form_page(
            request, name, {"again": "The two passwords differ: type the same one twice."}
        )
    used = await store.write(_use, token, await passwords.hash_soon(new))
    if not used:
        return _form_page(request, None)
    if name == first_login.FIRST_NAME:
        first_login.forget(request.app.ctx.settings)
    return redirect("/sign-in?set=1")


def _form_page(
    request: Request, name: str | None, errors: dict[str, str] | None = None
) -> HTTPResponse:
    status = 410 if name is None else 422 if errors else 200
    return page(
        request,
        "password_link.html",
        status=status,
        name=name,
        errors=errors or {},
        shortest=passwords.SHORTEST,
    )


def _name(session: Session, token: str) -> str | None:
    link = links.find(session, token)
    return link.user.name if link else None


def _use(session: Session, token: str, hashed: str) -> bool:
    return links.use(session, token, hashed) is not None
