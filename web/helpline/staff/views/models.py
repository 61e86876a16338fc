"""Models: train a candidate, see how it compares, switch to it, undo."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, response
from sanic.exceptions import NotFound
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.learning import requests
from helpline.learning.comparison import Comparison, MessageChange
from helpline.learning.in_use import model_in_use, shown_model
from helpline.learning.requests import LearningRefused
from helpline.learning.worker import Worker
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.store.learning_models import ModelSwitch, TrainingRun
from helpline.store.models import Conversation, Message
from helpline.store.staff_models import LEAD
from scripts.candidate import Model
from scripts.start_bot import WrongModelError
from scripts.train import inputs_fingerprint

blueprint = Blueprint("models")
MOST_LISTED = 20
DONE = {
    "asked": "A candidate will be trained. You can leave this page meanwhile.",
    "cancelled": "It is being cancelled.",
    "switching": "Visitors move to the other model within a minute. Nobody loses a conversation.",
}


@dataclasses.dataclass(frozen=True)
class ChangedMessage:
    """A visitor's message that the candidate understands differently, as long as it is kept."""

    conversation: str
    turn: int
    text: str | None
    old: str
    new: str


@blueprint.get("/models")
async def show_models(request: Request) -> HTTPResponse:
    """Show the model in use, what is going on, and what was trained and switched."""
    return await _models_page(request)


@blueprint.get("/models/state")
async def show_state(request: Request) -> HTTPResponse:
    """Tell what is going on, in a few words; the page asks for it every few seconds."""
    run, switch = await store_of(request).read(_going_on)
    told = ""
    if switch is not None:
        told = "switching"
    elif run is not None:
        told = f"{run.state}: {run.step}, {run.percent} %"
    return response.json({"going_on": told})


@blueprint.post("/models/train", ctx_role=LEAD)
async def train(request: Request) -> HTTPResponse:
    """Ask for a candidate."""
    return await _ask(request, "/models?done=asked", requests.ask_training)


@blueprint.post("/models/cancel", ctx_role=LEAD)
async def cancel(request: Request) -> HTTPResponse:
    """Ask that training or comparing ends."""
    return await _ask(request, "/models?done=cancelled", requests.ask_cancel)


@blueprint.post("/models/undo", ctx_role=LEAD)
async def undo(request: Request) -> HTTPResponse:
    """Ask that the model before comes back."""
    reason = form_of(request).get("reason", "")

    def ask(session: Session, by: str) -> None:
        requests.ask_undo(session, reason, by, _sha256_in_use(request))

    return await _ask(request, "/models?done=switching", ask)


@blueprint.get("/models/<public_id:[0-9a-f]{32}>")
async def show_run(request: Request, public_id: str) -> HTTPResponse:
    """Show a candidate beside the model it was compared with."""
    return await _run_page(request, public_id)


@blueprint.post("/models/<public_id:[0-9a-f]{32}>/switch", ctx_role=LEAD)
async def switch(request: Request, public_id: str) -> HTTPResponse:
    """Ask that this candidate takes the place of the model in use."""
    reason = form_of(request).get("reason", "")
    by = staff_of(request).name
    try:
        in_use = await asyncio.to_thread(_sha256_in_use, request)
        await store_of(request).write(requests.ask_switch, public_id, reason, by, in_use)
    except LearningRefused as refused:
        return await _run_page(request, public_id, str(refused), reason)
    return redirect("/models?done=switching")


async def _ask(request: Request, then: str, work: Callable[[Session, str], Any]) -> HTTPResponse:
    try:
        await store_of(request).write(work, staff_of(request).name)
    except LearningRefused as refused:
        return await _models_page(request, str(refused))
    return redirect(then)


def _sha256_in_use(request: Request) -> str:
    try:
        return model_in_use(request.app.ctx.settings.var_dir).sha256
    except WrongModelError as error:
        raise LearningRefused(str(error)) from None


async def _models_page(request: Request, problem: str | None = None) -> HTTPResponse:
    runs, switches = await store_of(request).read(_listed)
    in_use, wrong, behind = await asyncio.to_thread(_in_use, request)
    last = next((one for one in switches if one.state == "done"), None)
    worker: Worker = request.app.ctx.worker
    return page(
        request,
        "models.html",
        status=409 if problem else 200,
        problem=problem or wrong,
        done=DONE.get(request.args.get("done", "")),
        in_use=in_use,
        behind=behind,
        running=next((one for one in runs if one.running), None),
        switching=next((one for one in switches if one.running), None),
        runs=runs,
        verdicts={
            one.id: Comparison.from_json(one.comparison).verdict for one in runs if one.comparison
        },
        switches=switches,
        can_undo=last if last and in_use and last.sha256 == in_use.sha256 else None,
        can_switch=worker.switcher.is_possible,
        longest=requests.LONGEST_REASON,
    )


def _in_use(request: Request) -> tuple[Model | None, str | None, bool]:
    """Return the model in use, what is wrong with it, and whether the files have changed since."""
    try:
        model = shown_model(request.app.ctx.settings.var_dir)
    except WrongModelError as error:
        return None, str(error), False
    return model, None, model.inputs != inputs_fingerprint()


async def _run_page(
    request: Request, public_id: str, problem: str | None = None, reason: str = ""
) -> HTTPResponse:
    run = await store_of(request).read(requests.find_run, public_id)
    if run is None:
        raise NotFound
    compared = Comparison.from_json(run.comparison) if run.comparison else None
    changed: Sequence[ChangedMessage] = ()
    if compared is not None:
        changed = await store_of(request).read(_changed_messages, compared.changed)
    in_use, _, _ = await asyncio.to_thread(_in_use, request)
    worker: Worker = request.app.ctx.worker
    return page(
        request,
        "model_run.html",
        status=409 if problem else 200,
        run=run,
        compared=compared,
        changed=changed,
        problem=problem,
        reason=reason,
        is_in_use=in_use is not None and in_use.sha256 == run.sha256,
        can_switch=worker.switcher.is_possible,
        longest=requests.LONGEST_REASON,
    )


def _going_on(session: Session) -> tuple[TrainingRun | None, ModelSwitch | None]:
    return requests.running_run(session), requests.running_switch(session)


def _listed(session: Session) -> tuple[Sequence[TrainingRun], Sequence[ModelSwitch]]:
    runs = select(TrainingRun).order_by(TrainingRun.id.desc()).limit(MOST_LISTED)
    switches = select(ModelSwitch).order_by(ModelSwitch.id.desc()).limit(MOST_LISTED)
    return session.scalars(runs).all(), session.scalars(switches).all()


def _changed_messages(
    session: Session, changes: Sequence[MessageChange]
) -> Sequence[ChangedMessage]:
    """Find the words of the messages; those of erased conversations are gone."""
    rows = session.execute(
        select(Message.id, Message.turn, Message.text, Conversation.public_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_([change.message for change in changes]))
    )
    found = {key: (turn, text, conversation) for key, turn, text, conversation in rows}
    return [
        ChangedMessage(found[one.message][2], *found[one.message][:2], one.old, one.new)
        for one in changes
        if one.message in found
    ]
