"""What is done to one conversation: mark it, take it over, note, tag, erase."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy.orm import Session

from helpline.privacy.erasure import erase_by_id
from helpline.shared.texts import clean
from helpline.staff import audit, claims, filters, notes, review, tags
from helpline.staff.guards import staff_of, store_of
from helpline.staff.inbox import anchor
from helpline.staff.pages import Refused, page, redirect
from helpline.staff.requests import form_of, query_of
from helpline.staff.review import Conflict, Mark
from helpline.staff.sessions import SignedIn
from helpline.staff.tags import TagError
from helpline.staff.views.conversations import find, neighbours_of, transcript_page
from helpline.store.models import REVIEW_STATES
from helpline.store.staff_models import LEAD

blueprint = Blueprint("review", url_prefix="/conversations/<public_id:[0-9a-f]{32}>")


@blueprint.post("/review")
async def mark(request: Request, public_id: str) -> HTTPResponse:
    """Set where a conversation stands; with `then=older`, go on to the next in the list."""
    asked = filters.read(query_of(request))
    form = form_of(request)
    state = form.get("state")
    turns = filters.read_key(form.get("turns"))
    if state not in REVIEW_STATES or turns is None:
        raise Refused(
            "The mark was not understood. Go back and use the buttons on the page.",
            status_code=400,
        )
    wanted = Mark(state, turns, form.get("seen", ""), force=form.get("force") == "yes")
    store, staff = store_of(request), staff_of(request)
    # Looked up before the mark and outside its transaction, which keeps visitors' writes waiting.
    beside = await store.read(neighbours_of, staff, public_id, asked.filters)
    try:
        await store.write(_mark, staff, public_id, wanted)
    except Conflict as conflict:
        return await transcript_page(
            request,
            public_id,
            asked.filters,
            status=409,
            conflict=conflict,
            refused=wanted,
            then=form.get("then", ""),
        )
    older = beside.older
    if form.get("then") != "older":
        query = asked.filters.query(done=state)
        return redirect(f"/conversations/{public_id}{query}{anchor(beside.turn)}")
    if older is None:
        query = asked.filters.query(done="reviewed-last", was=public_id)
        return redirect(f"/conversations{query}")
    query = asked.filters.query(done=state, was=public_id)
    return redirect(f"/conversations/{older.public_id}{query}{older.anchor}")


@blueprint.post("/claim")
async def take_over(request: Request, public_id: str) -> HTTPResponse:
    """Take a conversation over from whoever is reviewing it."""
    asked = filters.read(query_of(request))
    await store_of(request).write(_take_over, staff_of(request), public_id)
    return redirect(f"/conversations/{public_id}{asked.filters.query(done='taken-over')}")


@blueprint.post("/release")
async def release(request: Request, public_id: str) -> HTTPResponse:
    """Leave a conversation to others, and go back to the list."""
    asked = filters.read(query_of(request))
    await store_of(request).write(_release, staff_of(request))
    return redirect(f"/conversations{asked.filters.query(done='released')}")


@blueprint.post("/notes", ctx_keeps_draft=True)
async def add_note(request: Request, public_id: str) -> HTTPResponse:
    """Save a note."""
    asked = filters.read(query_of(request))
    text = clean(form_of(request).get("note", ""))
    problem = notes.problem_with_note(text)
    if problem is not None:
        return await transcript_page(
            request, public_id, asked.filters, status=422, note=text, note_error=problem
        )
    kinds = await store_of(request).write(_add_note, staff_of(request), public_id, text)
    done = "note-redacted" if kinds else "note"
    return redirect(f"/conversations/{public_id}{asked.filters.query(done=done)}#notes")


@blueprint.post("/tags")
async def change_tags(request: Request, public_id: str) -> HTTPResponse:
    """Put a tag on a conversation (`tag`), or take one off (`remove`)."""
    asked = filters.read(query_of(request))
    form = form_of(request)
    typed, removed = clean(form.get("tag", ""))[:200], form.get("remove")
    try:
        name = tags.clean_name(typed) if removed is None else None
        await store_of(request).write(_change_tags, staff_of(request), public_id, name, removed)
    except TagError as error:
        return await transcript_page(
            request, public_id, asked.filters, status=422, tag=typed, tag_error=str(error)
        )
    done = "tagged" if removed is None else "untagged"
    return redirect(f"/conversations/{public_id}{asked.filters.query(done=done)}#tags")


@blueprint.get("/erase", ctx_role=LEAD)
async def confirm_erasure(request: Request, public_id: str) -> HTTPResponse:
    """Ask once more."""
    asked = filters.read(query_of(request))
    conversation = await store_of(request).read(find, public_id)
    return page(request, "erase.html", conversation=conversation, filters=asked.filters)


@blueprint.post("/erase", ctx_role=LEAD)
async def erase(request: Request, public_id: str) -> HTTPResponse:
    """Erase a conversation with its notes; the audit log keeps that it was done, and by whom."""
    asked = filters.read(query_of(request))
    store = store_of(request)
    # The chat process sees the entry in the audit log, and has the files forget it too.
    if await store.write(erase_by_id, public_id, staff_of(request).name) is None:
        raise NotFound
    return redirect(f"/conversations{asked.filters.query(done='erased')}")


def _mark(session: Session, staff: SignedIn, public_id: str, wanted: Mark) -> None:
    review.mark(session, staff, find(session, public_id, lock=True), wanted)


def _take_over(session: Session, staff: SignedIn, public_id: str) -> None:
    conversation = find(session, public_id, lock=True)
    claim = claims.of_others(session, staff, conversation.id)
    if claim is not None:
        audit.record(session, staff.name, audit.TAKEN_OVER, public_id, {"from": claim.user.name})
    claims.take(session, staff, conversation, over=True)


def _release(session: Session, staff: SignedIn) -> None:
    claims.release_of(session, staff)


def _add_note(session: Session, staff: SignedIn, public_id: str, text: str) -> tuple[str, ...]:
    return notes.add_note(session, staff, find(session, public_id, lock=True), text)


def _change_tags(
    session: Session, staff: SignedIn, public_id: str, name: str | None, removed: str | None
) -> None:
    conversation = find(session, public_id, lock=True)
    if name is not None:
        tags.add(session, staff, conversation, name)
    if removed is not None:
        tags.remove(session, staff, conversation, removed)
