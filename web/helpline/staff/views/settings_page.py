"""Settings that staff change while the helpline runs, and the way to the others."""

from __future__ import annotations

import dataclasses

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.orm import Session

from helpline.shared.texts import clean
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.store.kill_switch import Position, read_switch
from helpline.store.staff_models import ADMIN
from helpline.store.stored_settings import (
    STORABLE,
    StoredSetting,
    ValueRefused,
    effective,
    read_stored,
    store_setting,
)
from settings import Settings

blueprint = Blueprint("settings")


@dataclasses.dataclass(frozen=True)
class State:
    """What the page shows."""

    switch: Position
    inforce: Settings
    stored: dict[str, StoredSetting]


@blueprint.get("/settings")
async def show_settings(request: Request) -> HTTPResponse:
    """Show what is in force, and where it comes from."""
    return await _settings_page(request)


@blueprint.post("/settings/<name:str>", ctx_role=ADMIN)
async def change(request: Request, name: str) -> HTTPResponse:
    """Store a value, or take the stored one away."""
    form = form_of(request)
    typed = clean(form.get("value", ""))
    value = None if form.get("how") == "default" else typed
    try:
        await store_of(request).write(store_setting, name, value, staff_of(request).name)
    except ValueRefused as error:
        return await _settings_page(request, {name: typed}, {name: str(error)})
    return redirect("/settings?done=1")


async def _settings_page(
    request: Request,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> HTTPResponse:
    given: Settings = request.app.ctx.settings
    state = await store_of(request).read(_read, given)
    values = {name: str(getattr(state.inforce, name)) for name in STORABLE}
    return page(
        request,
        "settings.html",
        status=422 if errors else 200,
        state=state,
        given={name: str(getattr(given, name)) for name in STORABLE},
        inforce=values,
        typed={**values, **(typed or {})},
        errors=errors or {},
        done="The setting is changed. Within seconds the chat follows it."
        if request.args.get("done")
        else None,
    )


def _read(session: Session, given: Settings) -> State:
    return State(read_switch(session), effective(session, given), dict(read_stored(session)))
