"""The accounts of staff: an admin invites people, changes their roles, and locks accounts out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import datetime

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.shared.texts import clean
from helpline.staff import accounts, links
from helpline.staff.accounts import AccountError
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.store.base import utc_now
from helpline.store.staff_models import ADMIN, ROLES, StaffLink, StaffUser

blueprint = Blueprint("staff_accounts", url_prefix="/staff")
DONE = {
    "role": "The role is changed.",
    "disabled": "The account is locked out and its sessions have ended.",
    "enabled": "The account is let in again.",
}


@dataclasses.dataclass(frozen=True)
class Row:
    """An account, and until when its unused link can be used."""

    user: StaffUser
    link_until: datetime | None


@dataclasses.dataclass(frozen=True)
class MadeLink:
    """A link that is shown this once."""

    name: str
    address: str
    purpose: str
    days: int


@blueprint.get("", ctx_role=ADMIN)
async def show_accounts(request: Request) -> HTTPResponse:
    """Show every account."""
    return await _accounts_page(request)


@blueprint.post("/invite", ctx_role=ADMIN)
async def invite(request: Request) -> HTTPResponse:
    """Make an account without a password, and show the link with which its owner sets one."""
    form = form_of(request)
    name, role = clean(form.get("name", ""))[:200], form.get("role", "")
    try:
        made = await store_of(request).write(_invite, name, role, staff_of(request).name)
    except AccountError as error:
        return await _accounts_page(request, typed={"name": name, "role": role}, error=str(error))
    return await _accounts_page(request, made=_made(request, *made))


@blueprint.post("/<user_id:int>/link", ctx_role=ADMIN)
async def make_link(request: Request, user_id: int) -> HTTPResponse:
    """Show a link with which the owner of an account chooses a new password."""
    made = await store_of(request).write(_make_link, user_id, staff_of(request).name)
    return await _accounts_page(request, made=_made(request, *made))


@blueprint.post("/<user_id:int>/role", ctx_role=ADMIN)
async def change_role(request: Request, user_id: int) -> HTTPResponse:
    """Give an account another role."""
    role = form_of(request).get("role", "")
    return await _change(
        request, user_id, "role", lambda s, user, by: accounts.set_role(s, user, role, by=by)
    )


@blueprint.post("/<user_id:int>/disable", ctx_role=ADMIN)
async def disable(request: Request, user_id: int) -> HTTPResponse:
    """Lock an account out."""
    return await _change(
        request,
        user_id,
        "disabled",
        lambda s, user, by: accounts.set_disabled(s, user, True, by=by),
    )


@blueprint.post("/<user_id:int>/enable", ctx_role=ADMIN)
async def enable(request: Request, user_id: int) -> HTTPResponse:
    """Let a locked-out account in again."""
    return await _change(
        request,
        user_id,
        "enabled",
        lambda s, user, by: accounts.set_disabled(s, user, False, by=by),
    )


async def _change(
    request: Request, user_id: int, done: str, work: Callable[[Session, StaffUser, str], None]
) -> HTTPResponse:
    def run(session: Session) -> None:
        work(session, _user(session, user_id), staff_of(request).name)

    try:
        await store_of(request).write(run)
    except AccountError as error:
        return await _accounts_page(request, error=str(error))
    return redirect(f"/staff?done={done}")


async def _accounts_page(
    request: Request,
    *,
    typed: dict[str, str] | None = None,
    error: str | None = None,
    made: MadeLink | None = None,
) -> HTTPResponse:
    return page(
        request,
        "staff_accounts.html",
        status=422 if error else 200,
        rows=await store_of(request).read(_rows),
        roles=ROLES,
        typed=typed or {"name": "", "role": ROLES[0]},
        # An error that is not about the invitation stands above the list.
        invite_error=error if typed else None,
        error=None if typed else error,
        made=made,
        done=DONE.get(request.args.get("done", "")),
    )


def _rows(session: Session) -> Sequence[Row]:
    now = utc_now()
    until = {
        link.user_id: link.expires_at
        for link in session.scalars(select(StaffLink).where(StaffLink.expires_at > now))
    }
    users = session.scalars(select(StaffUser).order_by(StaffUser.name))
    return [Row(user, until.get(user.id)) for user in users]


def _user(session: Session, user_id: int) -> StaffUser:
    user = session.get(StaffUser, user_id) if abs(user_id) < 1 << 62 else None
    if user is None:
        raise NotFound
    return user


def _invite(session: Session, name: str, role: str, by: str) -> tuple[str, str, str]:
    user = accounts.create(session, name, role, "", by=by)
    return _link_of(session, user, by)


def _make_link(session: Session, user_id: int, by: str) -> tuple[str, str, str]:
    return _link_of(session, _user(session, user_id), by)


def _link_of(session: Session, user: StaffUser, by: str) -> tuple[str, str, str]:
    return user.name, links.purpose_for(user), links.make(session, user, by=by)


def _made(request: Request, name: str, purpose: str, path: str) -> MadeLink:
    settings = request.app.ctx.settings
    # As whoever reads this page reaches the console, unless a setting says it better.
    base = settings.staff_url.rstrip("/") or f"{request.scheme}://{request.host}"
    return MadeLink(name, f"{base}{path}", purpose, links.LASTS[purpose].days)
