"""The list of conversations, and the transcript of one of them."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sqlalchemy.orm import Session

from helpline.staff import (
    audit,
    claims,
    correcting,
    filters,
    inbox,
    known,
    notes,
    queues,
    review,
    transcript,
    words,
)
from helpline.staff.filters import Filters
from helpline.staff.guards import staff_of, store_of
from helpline.staff.inbox import ListRow, Neighbours, anchor
from helpline.staff.known import Known
from helpline.staff.pages import page, redirect
from helpline.staff.paging import Page
from helpline.staff.queues import QUEUES
from helpline.staff.requests import query_of
from helpline.staff.sessions import SignedIn
from helpline.staff.transcript import Transcript
from helpline.store.models import Conversation
from helpline.store.staff_models import LEAD

blueprint = Blueprint("conversations")
_PUBLIC_ID = re.compile(r"[0-9a-f]{32}")

DONE = {
    "new": "Marked as not reviewed.",
    "later": "Marked for later.",
    "reviewed": "Marked as reviewed.",
    "reviewed-last": "Marked as reviewed. There is no older conversation in this list.",
    "released": "You left the conversation to others.",
    "taken-over": "You took the conversation over.",
    "note": "The note is saved.",
    "note-redacted": "The note is saved. Personal data in it was left out.",
    "tagged": "The tag is saved.",
    "untagged": "The tag is taken off.",
    "erased": "The conversation is erased.",
    "corrected": "Corrected. A lead has to approve it.",
    "withdrawn": "The correction is withdrawn.",
}


@dataclasses.dataclass(frozen=True)
class _List:
    counts: dict[str, int]
    known: Known
    # None: a filter cannot be used
    page: Page[ListRow] | None


@dataclasses.dataclass(frozen=True)
class _Opened:
    transcript: Transcript
    neighbours: Neighbours
    known_tags: tuple[str, ...]


@blueprint.get("/")
async def start(request: Request) -> HTTPResponse:
    """Lead to the list."""
    return redirect("/conversations")


@blueprint.get("/conversations")
async def show_list(request: Request) -> HTTPResponse:
    """Show one page of the list that the filters in the address describe."""
    asked = filters.read(query_of(request))
    listed = await store_of(request).read(
        _read_list,
        None if asked.errors else asked.filters,
        filters.read_key(request.args.get("older")),
        filters.read_key(request.args.get("newer")),
    )
    return page(
        request,
        "conversations.html",
        status=400 if asked.errors else 200,
        filters=asked.filters,
        typed=asked.typed,
        errors=asked.errors,
        listed=listed.page,
        counts=listed.counts,
        most=queues.MOST,
        known=listed.known,
        queues=QUEUES,
        topics=words.topic_choices(),
        kinds=words.kind_choices(),
        flags=words.flag_choices(),
        anchor=anchor,
        done=DONE.get(request.args.get("done", "")),
        was=was(request),
    )


@blueprint.get("/conversations/<public_id:[0-9a-f]{32}>")
async def show_conversation(request: Request, public_id: str) -> HTTPResponse:
    """Show a transcript. That it was read goes into the audit log first."""
    asked = filters.read(query_of(request))
    return await transcript_page(request, public_id, asked.filters)


async def transcript_page(
    request: Request, public_id: str, wanted: Filters, *, status: int = 200, **more: Any
) -> HTTPResponse:
    """Answer with a transcript; `more` tells what came of a form on it."""
    staff = staff_of(request)
    store = store_of(request)
    # In the log before anything is read; reading is not part of the writing transaction.
    await store.write(_begin_reading, staff, public_id)
    opened = await store.read(_read, staff, public_id, wanted)
    draft = staff.draft if staff.draft and staff.draft.conversation == public_id else None
    shown = {
        "note": "",
        "note_error": None,
        "tag": "",
        "tag_error": None,
        "conflict": None,
        "refused": None,
        "then": "",
        "problem": None,
    } | more
    if not shown["note"] and shown["note_error"] is None and draft is not None:
        shown["note"] = draft.text
        shown["note_error"] = "You had been signed out, so this note was not saved. Save it now."
    turn = shown.pop("turn", None) or filters.read_key(request.args.get("turn"))
    corrections = await store.read(
        correcting.read,
        opened.transcript,
        request.app.ctx.settings.repository_dir,
        turn,
        opened.neighbours.turn,
    )
    claim = opened.transcript.claim
    return page(
        request,
        "conversation.html",
        status=status,
        transcript=opened.transcript,
        correcting=corrections,
        neighbours=opened.neighbours,
        known_tags=opened.known_tags,
        version=review.version_of(opened.transcript.review),
        taken_by=claim if claim is not None and claim.user_id != staff.user_id else None,
        queue=next((queue for queue in QUEUES if queue.name == wanted.queue), None),
        filters=wanted,
        longest_note=notes.LONGEST_NOTE,
        done=DONE.get(request.args.get("done", "")),
        was=was(request),
        may_erase=staff.may_act_as(LEAD),
        **shown,
    )


def was(request: Request) -> str | None:
    """Return the conversation that was marked just before, so that a slip can be undone."""
    given = request.args.get("was", "")
    return given if _PUBLIC_ID.fullmatch(given) else None


def find(session: Session, public_id: str, *, lock: bool = False) -> Conversation:
    """Return the conversation with this id.

    Raises:
        NotFound: there is none.
    """
    conversation = transcript.find(session, public_id, lock=lock)
    if conversation is None:
        raise NotFound
    return conversation


def neighbours_of(session: Session, staff: SignedIn, public_id: str, wanted: Filters) -> Neighbours:
    """Return what stands beside a conversation in the list."""
    return inbox.neighbours(session, wanted, find(session, public_id).id, staff.user_id)


def _read_list(
    session: Session, wanted: Filters | None, older: int | None, newer: int | None
) -> _List:
    listed = None
    if wanted is not None:
        listed = inbox.list_page(session, wanted, older_than=older, newer_than=newer)
    return _List(queues.counts(session), known.read(session), listed)


def _begin_reading(session: Session, staff: SignedIn, public_id: str) -> None:
    conversation = find(session, public_id, lock=True)
    audit.record(session, staff.name, audit.VIEWED, public_id)
    claims.take(session, staff, conversation)


def _read(session: Session, staff: SignedIn, public_id: str, wanted: Filters) -> _Opened:
    conversation = find(session, public_id)
    return _Opened(
        transcript.read(session, conversation),
        inbox.neighbours(session, wanted, conversation.id, staff.user_id),
        known.tags(session),
    )
