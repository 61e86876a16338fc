"""Correcting a turn, and the list on which a lead approves corrections or sends them back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from helpline.corrections import decisions
from helpline.corrections.decisions import NotPossible, Person
from helpline.shared.texts import clean
from helpline.staff import correcting, filters
from helpline.staff.correcting import Likeness
from helpline.staff.guards import local_address, staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.paging import Page, cut
from helpline.staff.requests import form_of, query_of
from helpline.staff.sessions import SignedIn
from helpline.staff.transcript import find as find_conversation
from helpline.staff.views.conversations import transcript_page
from helpline.store.correction_models import (
    CORRECTION_STATES,
    OPEN_STATES,
    PROPOSED,
    TRAINING,
    Correction,
)
from helpline.store.models import Conversation, Message, Understanding
from helpline.store.staff_models import LEAD

Given = ParamSpec("Given")

blueprint = Blueprint("corrections")
PAGE_SIZE = 25
DONE = {
    "approved": "Approved.",
    "sent-back": "Sent back, with your note.",
    "withdrawn": "Withdrawn.",
    "moved": "Its place is changed.",
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A correction on the list. `id` is what the list is paged by."""

    id: int
    correction: Correction
    conversation: str
    understood: str | None
    likeness: Likeness


def person(staff: SignedIn) -> Person:
    """Return who is signed in, as the decisions know people."""
    return Person(staff.user_id, staff.name, staff.may_act_as(LEAD))


def repository_of(request: Request) -> Path:
    """Return the checkout whose files this console reads."""
    folder: Path = request.app.ctx.settings.repository_dir
    return folder


@blueprint.post("/conversations/<public_id:[0-9a-f]{32}>/corrections")
async def correct(request: Request, public_id: str) -> HTTPResponse:
    """Say how the message of a turn should have been understood."""
    wanted = filters.read(query_of(request)).filters
    form = form_of(request)
    turn = filters.read_key(form.get("turn"))
    seen = form.get("seen", "")
    try:
        if turn is None or not seen.isdigit():
            raise NotPossible("The form was not understood: use the buttons on the page.")
        await store_of(request).write(
            _propose, person(staff_of(request)), public_id, turn, form.get("said", ""), int(seen)
        )
    except NotPossible as error:
        return await transcript_page(
            request, public_id, wanted, status=409, turn=turn, problem=str(error)
        )
    return redirect(f"/conversations/{public_id}{wanted.query(done='corrected')}#turn-{turn}")


@blueprint.get("/corrections")
async def show_list(request: Request) -> HTTPResponse:
    """Show the corrections in one state."""
    return await _list_page(request)


@blueprint.post("/corrections/<public_id:[0-9a-f]{32}>/decide", ctx_role=LEAD)
async def decide(request: Request, public_id: str) -> HTTPResponse:
    """Approve a correction for training or test, or send it back."""
    form = form_of(request)
    how = form.get("how", "")
    return await _step(
        request,
        "sent-back" if how == "send_back" else "approved",
        decisions.decide,
        person(staff_of(request)),
        public_id,
        _seen(form),
        approve=how != "send_back",
        destination=TRAINING if how == "send_back" else how,
        note=clean(form.get("note", "")),
    )


@blueprint.post("/corrections/<public_id:[0-9a-f]{32}>/withdraw")
async def withdraw(request: Request, public_id: str) -> HTTPResponse:
    """Take a correction back."""
    form = form_of(request)
    return await _step(
        request, "withdrawn", decisions.withdraw, person(staff_of(request)), public_id, _seen(form)
    )


@blueprint.post("/corrections/<public_id:[0-9a-f]{32}>/destination", ctx_role=LEAD)
async def set_destination(request: Request, public_id: str) -> HTTPResponse:
    """Choose between training and test for an approved correction."""
    form = form_of(request)
    return await _step(
        request,
        "moved",
        decisions.set_destination,
        public_id,
        _seen(form),
        form.get("destination", ""),
    )


def _seen(form: dict[str, str]) -> int:
    seen = form.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1


async def _step(
    request: Request,
    done: str,
    step: Callable[Concatenate[Session, Given], None],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> HTTPResponse:
    """Take a step, and go back to where it was taken from."""
    back = local_address(form_of(request).get("back") or "/corrections")
    try:
        await store_of(request).write(step, *args, **kwargs)
    except NotPossible as error:
        return await _list_page(request, problem=str(error))
    address, mark, place = back.partition("#")
    joint = "&" if "?" in address else "?"
    return redirect(f"{address}{joint}done={done}{mark}{place}")


async def _list_page(request: Request, problem: str | None = None) -> HTTPResponse:
    query = query_of(request)
    state = query.get("state", PROPOSED)
    if state not in CORRECTION_STATES:
        raise NotFound
    listed, counts = await store_of(request).read(
        _read,
        repository_of(request),
        state,
        filters.read_key(query.get("older")),
        filters.read_key(query.get("newer")),
    )
    return page(
        request,
        "corrections.html",
        status=409 if problem else 200,
        listed=listed,
        open_states=OPEN_STATES,
        counts=counts,
        state=state,
        problem=problem,
        longest=decisions.LONGEST_NOTE,
        done=DONE.get(query.get("done", "")),
    )


def _propose(session: Session, by: Person, public_id: str, turn: int, said: str, seen: int) -> None:
    conversation = find_conversation(session, public_id, lock=True)
    if conversation is None:
        raise NotFound
    understood = session.scalar(
        select(Understanding.intent)
        .join(Message, Message.id == Understanding.message_id)
        .where(Understanding.conversation_id == conversation.id, Message.turn == turn)
    )
    try:
        proposal = correcting.read_said(said, understood)
    except ValueError as error:
        raise NotPossible(str(error)) from error
    decisions.propose(session, by, conversation, turn, proposal, seen)


def _read(
    session: Session, root: Path, state: str, older: int | None, newer: int | None
) -> tuple[Page[Row], dict[str, int]]:
    key: Any = Correction.id
    query: Any = (
        select(Correction, Conversation.public_id, Understanding.intent)
        .join(Conversation, Conversation.id == Correction.conversation_id)
        .outerjoin(Understanding, Understanding.message_id == Correction.message_id)
        .where(Correction.state == state)
    )

    known = correcting.known_words(session, root)

    def run(limited: Select[Any]) -> list[Row]:
        return [
            Row(one.id, one, conversation, was, known.like(one.message.text or "", one.message_id))
            for one, conversation, was in session.execute(limited)
        ]

    numbers = session.execute(select(Correction.state, func.count()).group_by(Correction.state))
    listed = cut(run, query, key, older_than=older, newer_than=newer, size=PAGE_SIZE)
    return listed, {state: number for state, number in numbers}
