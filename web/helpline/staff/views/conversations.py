"""The list of conversations, and one of them with everything that is done to it."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy.orm import Session

from helpline.chat.texts import clean
from helpline.privacy.erasure import erase_by_id
from helpline.staff import audit, correcting, filters, inbox, review, transcript, words
from helpline.staff.filters import Filters
from helpline.staff.guards import staff_of, store_of
from helpline.staff.inbox import Neighbours
from helpline.staff.pages import Refused, page, redirect
from helpline.staff.requests import form_of, query_of
from helpline.staff.sessions import SignedIn
from helpline.staff.transcript import Transcript
from helpline.store.models import REVIEW_STATES, Conversation
from helpline.store.staff_models import LEAD

blueprint = Blueprint("conversations")

# Lists that staff open all the time: label and filters.
QUEUES = (
    ("All", Filters()),
    ("Not reviewed", Filters(state="new")),
    ("Crisis", Filters(flag="crisis")),
    ("Emergency", Filters(flag="emergency")),
    ("Abuse", Filters(flag="abuse")),
    ("Handed off", Filters(flag="handoff")),
    ("Not understood", Filters(flag="not_understood")),
    ("Not helpful", Filters(flag="thumbs_down")),
    ("Errors", Filters(flag="error")),
    ("Later", Filters(state="later")),
)
DONE = {
    "new": "Marked as not reviewed.",
    "later": "Marked for later.",
    "reviewed": "Marked as reviewed.",
    "reviewed-last": "Marked as reviewed. There is no older conversation in this list.",
    "note": "The note is saved.",
    "note-redacted": "The note is saved. Personal data in it was left out.",
    "erased": "The conversation is erased.",
    "corrected": "Corrected. A lead has to approve it.",
    "withdrawn": "The correction is withdrawn.",
}


@blueprint.get("/")
async def start(request: Request) -> HTTPResponse:
    """Lead to the list."""
    return redirect("/conversations")


@blueprint.get("/conversations")
async def show_list(request: Request) -> HTTPResponse:
    """Show one page of the list that the filters in the address describe."""
    asked = filters.read(query_of(request))
    listed = None
    if not asked.errors:
        listed = await store_of(request).read(
            inbox.list_page,
            asked.filters,
            older_than=filters.read_key(request.args.get("older")),
            newer_than=filters.read_key(request.args.get("newer")),
        )
    return page(
        request,
        "conversations.html",
        status=400 if asked.errors else 200,
        filters=asked.filters,
        typed=asked.typed,
        errors=asked.errors,
        listed=listed,
        queues=QUEUES,
        topics=words.topic_choices(),
        kinds=words.kind_choices(),
        flags=words.flag_choices(),
        done=DONE.get(request.args.get("done", "")),
    )


@blueprint.get("/conversations/<public_id:[0-9a-f]{32}>")
async def show_conversation(request: Request, public_id: str) -> HTTPResponse:
    """Show a transcript. That it was read goes into the audit log first."""
    asked = filters.read(query_of(request))
    return await transcript_page(request, public_id, asked.filters)


@blueprint.post("/conversations/<public_id:[0-9a-f]{32}>/review")
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
    store = store_of(request)
    # Looked up before the mark and outside its transaction, which keeps visitors' writes waiting.
    beside = await store.read(_neighbours, public_id, asked.filters)
    await store.write(_mark, staff_of(request), public_id, state, turns)
    older = beside.older
    if form.get("then") != "older":
        return redirect(f"/conversations/{public_id}{asked.filters.query(done=state)}")
    if older is None:
        return redirect(f"/conversations{asked.filters.query(done='reviewed-last')}")
    return redirect(f"/conversations/{older}{asked.filters.query(done=state)}")


@blueprint.post("/conversations/<public_id:[0-9a-f]{32}>/notes", ctx_keeps_draft=True)
async def add_note(request: Request, public_id: str) -> HTTPResponse:
    """Save a note."""
    asked = filters.read(query_of(request))
    text = clean(form_of(request).get("note", ""))
    problem = review.problem_with_note(text)
    if problem is not None:
        return await transcript_page(
            request, public_id, asked.filters, note=text, note_error=problem
        )
    kinds = await store_of(request).write(_add_note, staff_of(request), public_id, text)
    done = "note-redacted" if kinds else "note"
    return redirect(f"/conversations/{public_id}{asked.filters.query(done=done)}#notes")


@blueprint.get("/conversations/<public_id:[0-9a-f]{32}>/erase", ctx_role=LEAD)
async def confirm_erasure(request: Request, public_id: str) -> HTTPResponse:
    """Ask once more."""
    asked = filters.read(query_of(request))
    conversation = await store_of(request).read(_find, public_id)
    return page(request, "erase.html", conversation=conversation, filters=asked.filters)


@blueprint.post("/conversations/<public_id:[0-9a-f]{32}>/erase", ctx_role=LEAD)
async def erase(request: Request, public_id: str) -> HTTPResponse:
    """Erase a conversation with its notes; the audit log keeps that it was done, and by whom."""
    asked = filters.read(query_of(request))
    store = store_of(request)
    if await store.write(erase_by_id, public_id, staff_of(request).name) is None:
        raise NotFound
    await store.forget_erased()
    return redirect(f"/conversations{asked.filters.query(done='erased')}")


async def transcript_page(
    request: Request,
    public_id: str,
    wanted: Filters,
    *,
    note: str | None = None,
    note_error: str | None = None,
    turn: int | None = None,
    problem: str | None = None,
) -> HTTPResponse:
    """Answer with a transcript; `turn` is the one to correct, `problem` why that failed."""
    staff = staff_of(request)
    store = store_of(request)
    # In the log before anything is read; reading is not part of the writing transaction.
    await store.write(_record_view, staff, public_id)
    read = await store.read(_read, public_id)
    turn = turn or filters.read_key(request.args.get("turn"))
    corrections = await store.read(
        correcting.read, read, request.app.ctx.settings.repository_dir, turn
    )
    beside = await store.read(_neighbours, public_id, wanted)
    draft = staff.draft if staff.draft and staff.draft.conversation == public_id else None
    if note is None and draft is not None:
        note = draft.text
        note_error = "You had been signed out, so this note was not saved. Save it now."
    return page(
        request,
        "conversation.html",
        status=409 if problem else 200 if note_error is None or draft else 422,
        transcript=read,
        correcting=corrections,
        problem=problem,
        neighbours=beside,
        filters=wanted,
        note=note or "",
        note_error=note_error,
        longest_note=review.LONGEST_NOTE,
        done=DONE.get(request.args.get("done", "")),
        may_erase=staff.may_act_as(LEAD),
    )


def _find(session: Session, public_id: str, *, lock: bool = False) -> Conversation:
    conversation = transcript.find(session, public_id, lock=lock)
    if conversation is None:
        raise NotFound
    return conversation


def _record_view(session: Session, staff: SignedIn, public_id: str) -> None:
    _find(session, public_id)
    audit.record(session, staff.name, audit.VIEWED, public_id)


def _read(session: Session, public_id: str) -> Transcript:
    return transcript.read(session, _find(session, public_id))


def _neighbours(session: Session, public_id: str, wanted: Filters) -> Neighbours:
    return inbox.neighbours(session, wanted, _find(session, public_id).id)


def _mark(session: Session, staff: SignedIn, public_id: str, state: str, turns: int) -> None:
    review.mark(session, staff, _find(session, public_id, lock=True), state, turns)


def _add_note(session: Session, staff: SignedIn, public_id: str, text: str) -> tuple[str, ...]:
    return review.add_note(session, staff, _find(session, public_id, lock=True), text)
