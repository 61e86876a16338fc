"""The audit log as a page to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.shared.texts import clean
from helpline.staff import audit, filters
from helpline.staff.audit import AuditFilters
from helpline.staff.guards import store_of
from helpline.staff.pages import page
from helpline.staff.paging import Page
from helpline.staff.requests import query_of
from helpline.store.models import AuditEntry
from helpline.store.staff_models import StaffUser

blueprint = Blueprint("audit")
_FIELDS = ("who", "what", "about", "from", "to")


@blueprint.get("/audit")
async def show_audit(request: Request) -> HTTPResponse:
    """Show one page of the log, newest first."""
    query = query_of(request)
    typed = {name: clean(query.get(name, ""))[:200] for name in _FIELDS}
    days: dict[str, date] = {}
    errors: dict[str, str] = {}
    for name in ("from", "to"):
        try:
            if typed[name]:
                days[name] = filters.read_day(typed[name])
        except ValueError as error:
            errors[name] = str(error)
    if len(days) == 2 and days["from"] > days["to"]:
        errors["to"] = "The last day is before the first: change one of them."
    wanted = AuditFilters(
        actor=typed["who"] or None,
        action=typed["what"] or None,
        subject=typed["about"] or None,
        since=filters.midnight(days["from"]) if "from" in days else None,
        until=filters.midnight(days["to"] + timedelta(days=1)) if "to" in days else None,
    )
    listed, names = await store_of(request).read(
        _read,
        wanted,
        filters.read_key(query.get("older")),
        filters.read_key(query.get("newer")),
        bool(errors),
    )
    return page(
        request,
        "audit.html",
        status=400 if errors else 200,
        typed=typed,
        errors=errors,
        listed=listed,
        names=[*names, *audit.NOT_STAFF],
        actions=audit.ACTION_LABELS,
        parameters={name: value for name, value in typed.items() if value},
    )


def _read(
    session: Session, wanted: AuditFilters, older: int | None, newer: int | None, broken: bool
) -> tuple[Page[AuditEntry] | None, Sequence[str]]:
    names = session.scalars(select(StaffUser.name).order_by(StaffUser.name)).all()
    if broken:
        return None, names
    return audit.page(session, wanted, older_than=older, newer_than=newer), names
