"""The answers: read, hidden at once and shown again, and signed."""

from __future__ import annotations

import asyncio
import datetime
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

from sanic import Blueprint, HTTPResponse, Request, response
from sanic.exceptions import NotFound
from sqlalchemy.orm import Session

from content.reading import ContentError
from content.signoff import Signable, sign
from helpline.corrections.plan import Change
from helpline.shared.texts import clean
from helpline.staff import answers, audit
from helpline.staff.answers import Answer
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import Refused, page, redirect
from helpline.staff.requests import form_of, query_of
from helpline.staff.views.corrections import repository_of
from helpline.store.hidden_answers import (
    LONGEST_REASON,
    HiddenAnswer,
    HidingError,
    hide,
    read_hidden,
    show,
)
from helpline.store.staff_models import LEAD

blueprint = Blueprint("answers")
SIGNOFF = Path("knowledge") / "signoff.yml"
LONGEST_ROLE = 60
SHOWN = {
    "all": "All",
    "overdue": "Overdue",
    "unsigned": "Not signed",
    "hidden": "Hidden",
}
DONE = {
    "hidden": "Hidden. Within seconds visitors get the hand-off instead.",
    "shown": "Visitors see it again.",
    "signed": "Signed.",
}


@blueprint.get("/content")
async def show_list(request: Request) -> HTTPResponse:
    """List the answers, overdue ones first."""
    which = request.args.get("show", "all")
    if which not in SHOWN:
        raise NotFound
    words = clean(query_of(request).get("q", ""))[:200]
    rows = [one for one in await _answers(request) if one.is_about(words)]
    rows.sort(key=lambda one: not one.is_called(words))
    hidden, counts = await store_of(request).read(_hidden_and_rated)
    wanted = {
        "all": rows,
        "overdue": [one for one in rows if one.overdue_days],
        "unsigned": [one for one in rows if not one.signed],
        "hidden": [one for one in rows if one.hidden(hidden)],
    }
    return page(
        request,
        "answers.html",
        rows=[(one, one.hidden(hidden), answers.rated(one, counts)) for one in wanted[which]],
        numbers={name: len(found) for name, found in wanted.items()},
        labels=SHOWN,
        which=which,
        words=words,
    )


@blueprint.get("/content/answer")
async def show_answer(request: Request) -> HTTPResponse:
    """Show one answer with all that is known about it."""
    return await _answer_page(request, query_of(request).get("name", ""))


@blueprint.post("/content/hide", ctx_role=LEAD)
async def hide_answer(request: Request) -> HTTPResponse:
    """Hide an answer at once; a reason is required."""
    form = form_of(request)
    name, answer = form.get("name", ""), form.get("answer", "")
    one = _find(await _answers(request), name)
    reason = clean(form.get("reason", ""))
    try:
        if answer not in one.answers:
            raise HidingError("There is no such answer any more: it was renamed or removed.")
        await store_of(request).write(hide, answer, reason, staff_of(request).name)
    except HidingError as error:
        return await _answer_page(request, name, problem=str(error), reason=reason, about=answer)
    return redirect(_address(name, "hidden"))


@blueprint.post("/content/show", ctx_role=LEAD)
async def show_again(request: Request) -> HTTPResponse:
    """Let visitors see an answer again."""
    form = form_of(request)
    await store_of(request).write(show, form.get("answer", ""), staff_of(request).name)
    return redirect(_address(form.get("name", ""), "shown"))


@blueprint.post("/content/sign", ctx_role=LEAD)
async def sign_answer(request: Request) -> HTTPResponse:
    """Sign a text that was read: into the file, or as a patch for whoever keeps the repository."""
    form = form_of(request)
    root = repository_of(request)
    name, role = form.get("name", ""), " ".join(clean(form.get("role", "")).split())
    one = _find(await _answers(request), name)
    if not role or len(role) > LONGEST_ROLE:
        problem = (
            f"Say in which role you sign, such as neurologist, in at most {LONGEST_ROLE} letters."
        )
        return await _answer_page(request, name, problem=problem)
    try:
        texts = await asyncio.to_thread(answers.texts_of, [form.get("code", "")], one, root)
        if form.get("how") == "patch":
            return _patch(await asyncio.to_thread(_signed_diff, root, texts, role))
        await asyncio.to_thread(sign, texts, role, _today(), root / SIGNOFF)
    except (ValueError, OSError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        return await _answer_page(request, name, problem=f"Nothing was signed. {said}")
    await store_of(request).write(
        audit.record,
        staff_of(request).name,
        audit.ANSWERS_SIGNED,
        name,
        {"role": role, "text": [text.digest for text in texts]},
    )
    return redirect(_address(name, "signed"))


async def _answer_page(
    request: Request,
    name: str,
    *,
    problem: str | None = None,
    reason: str = "",
    about: str | None = None,
) -> HTTPResponse:
    one = _find(await _answers(request), name)
    hidden, counts = await store_of(request).read(_hidden_and_rated)
    return page(
        request,
        "answer.html",
        status=422 if problem else 200,
        one=one,
        hidden=hidden,
        counts=counts,
        can_write=os.access(repository_of(request) / "knowledge", os.W_OK),
        longest=LONGEST_REASON,
        longest_role=LONGEST_ROLE,
        problem=problem,
        reason=reason,
        about=about,
        done=DONE.get(request.args.get("done", "")),
    )


async def _answers(request: Request) -> list[Answer]:
    try:
        return await asyncio.to_thread(answers.load_answers, repository_of(request), _today())
    except ContentError as error:
        raise Refused(f"A content file cannot be read: {error}", status_code=409) from error


def _find(rows: list[Answer], name: str) -> Answer:
    found = next((one for one in rows if one.name == name), None)
    if found is None:
        raise NotFound
    return found


def _hidden_and_rated(
    session: Session,
) -> tuple[Mapping[str, HiddenAnswer], dict[str, tuple[int, int]]]:
    return read_hidden(session), answers.feedback_counts(session)


def _signed_diff(root: Path, texts: list[Signable], role: str) -> str:
    file = root / SIGNOFF
    before = file.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        shutil.copy(file, copy)
        sign(texts, role, _today(), copy)
        after = copy.read_text("utf-8")
    return Change(SIGNOFF.as_posix(), before, after).diff


def _patch(diff: str) -> HTTPResponse:
    return response.raw(
        diff.encode(),
        content_type="text/x-patch; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="signoff.patch"'},
    )


def _address(name: str, done: str) -> str:
    return f"/content/answer?{urlencode({'name': name, 'done': done})}"


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
