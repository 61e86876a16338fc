"""The form that stops the bot's answers, and lets them go on."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from helpline.shared.texts import clean
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.store.kill_switch import (
    LONGEST_REASON,
    SwitchError,
    read_switch,
    resume_answers,
    stop_answers,
)
from helpline.store.staff_models import LEAD

blueprint = Blueprint("kill_switch")
DONE = {
    "stopped": "The bot's answers are stopped.",
    "resumed": "The bot answers again.",
}


@blueprint.get("/kill-switch")
async def show_switch(request: Request) -> HTTPResponse:
    """Show where the switch stands; the form only to those who may use it."""
    return await _switch_page(request)


@blueprint.post("/kill-switch/stop", ctx_role=LEAD)
async def stop(request: Request) -> HTTPResponse:
    """Stop the answers; a reason is required."""
    reason = clean(form_of(request).get("reason", ""))
    try:
        await store_of(request).write(stop_answers, reason, staff_of(request).name)
    except SwitchError as error:
        return await _switch_page(request, reason=reason, error=str(error))
    return redirect("/kill-switch?done=stopped")


@blueprint.post("/kill-switch/resume", ctx_role=LEAD)
async def resume(request: Request) -> HTTPResponse:
    """Let the bot answer again."""
    await store_of(request).write(resume_answers, staff_of(request).name)
    return redirect("/kill-switch?done=resumed")


async def _switch_page(
    request: Request, *, reason: str = "", error: str | None = None
) -> HTTPResponse:
    return page(
        request,
        "kill_switch.html",
        status=422 if error else 200,
        position=await store_of(request).read(read_switch),
        may_switch=staff_of(request).may_act_as(LEAD),
        longest=LONGEST_REASON,
        reason=reason,
        error=error,
        done=DONE.get(request.args.get("done", "")),
    )
