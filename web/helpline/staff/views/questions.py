"""Unknown questions, grouped by meaning: correct a whole group, or note an idea for a topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sqlalchemy.orm import Session

from helpline.corrections.decisions import NotPossible
from helpline.learning import questions
from helpline.staff import correcting, words
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.staff.views.corrections import person

blueprint = Blueprint("questions")
DONE = {
    "asked": "The questions are being grouped: look again in half a minute.",
    "corrected": "The group is corrected. A lead has to approve it.",
    "noted": "The idea is noted.",
    "taken": "It is yours to write.",
    "finished": "The idea is done.",
}


@blueprint.get("/questions")
async def show_questions(request: Request) -> HTTPResponse:
    """Show the groups, and the ideas for topics."""
    return await _questions_page(request)


@blueprint.post("/questions/group")
async def ask_grouping(request: Request) -> HTTPResponse:
    """Ask for a new grouping."""
    await store_of(request).write(questions.ask_grouping)
    return redirect("/questions?done=asked")


@blueprint.post("/questions/correct")
async def correct(request: Request) -> HTTPResponse:
    """Propose one correction for all messages of a group."""
    form = form_of(request)
    keys = [int(key) for key in form.get("messages", "").split() if key.isdigit()]
    by = person(staff_of(request))

    def work(session: Session) -> None:
        try:
            said = correcting.read_said(form.get("said", ""), None)
        except ValueError as error:
            raise NotPossible(str(error)) from error
        questions.correct_group(session, by, keys[: questions.MOST_MESSAGES], said)

    return await _step(request, "corrected", work)


@blueprint.post("/questions/ideas")
async def note_idea(request: Request) -> HTTPResponse:
    """Keep an idea for a topic."""
    form = form_of(request)
    size = form.get("size", "")
    number = int(size) if size.isdigit() and len(size) < 7 else 0
    by = staff_of(request).name
    return await _step(
        request,
        "noted",
        lambda session: questions.note_idea(session, form.get("title", ""), number, by),
    )


@blueprint.post("/questions/ideas/<idea:int>")
async def take_idea(request: Request, idea: int) -> HTTPResponse:
    """Take an idea to write it, or say that it is written."""
    done = form_of(request).get("how") == "done"
    by = staff_of(request).name
    return await _step(
        request,
        "finished" if done else "taken",
        lambda session: questions.take_idea(session, idea, by, done=done),
    )


async def _step(request: Request, done: str, work: Callable[[Session], Any]) -> HTTPResponse:
    try:
        await store_of(request).write(work)
    except NotPossible as error:
        return await _questions_page(request, str(error))
    return redirect(f"/questions?done={done}")


async def _questions_page(request: Request, problem: str | None = None) -> HTTPResponse:
    store = store_of(request)
    grouping, groups = await store.read(questions.read_groups)
    return page(
        request,
        "questions.html",
        status=409 if problem else 200,
        problem=problem,
        done=DONE.get(request.args.get("done", "")),
        grouping=grouping,
        groups=groups,
        ideas=await store.read(questions.read_ideas),
        topics=words.topic_choices(),
        elsewhere=correcting.ELSEWHERE,
        longest=questions.LONGEST_TITLE,
    )
