"""The export of approved corrections: preview, write, or take as a patch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from sanic import Blueprint, HTTPResponse, Request, response

from content.reading import ContentError
from helpline.corrections.export import (
    ExportRefused,
    can_write,
    note_taken,
    read_approved,
    write_files,
)
from helpline.corrections.plan import Plan, make_plan
from helpline.staff.guards import staff_of, store_of
from helpline.staff.pages import page, redirect
from helpline.staff.requests import form_of
from helpline.staff.views.corrections import repository_of
from helpline.store.database import Store
from helpline.store.staff_models import LEAD

blueprint = Blueprint("export")
DONE = {
    "written": "Written into the files. The bot learns from them when it is trained next.",
    "taken": "Noted: the corrections of the patch count as exported.",
}


@blueprint.get("/export")
async def show_export(request: Request) -> HTTPResponse:
    """Show what an export would write, and what stays behind."""
    return await _export_page(request)


@blueprint.get("/export/corrections.patch", ctx_role=LEAD)
async def download(request: Request) -> HTTPResponse:
    """Hand the export out as a patch; the corrections stay approved until somebody took it."""
    try:
        plan = await _plan(request)
    except ContentError as error:
        return await _export_page(request, str(error))
    return response.raw(
        plan.diff.encode(),
        content_type="text/x-patch; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="corrections.patch"'},
    )


@blueprint.post("/export/write", ctx_role=LEAD)
async def write(request: Request) -> HTTPResponse:
    """Write what the preview showed into the files."""
    return await _finish(request, write_files, "written")


@blueprint.post("/export/taken", ctx_role=LEAD)
async def taken(request: Request) -> HTTPResponse:
    """Note that the patch was taken."""
    return await _finish(request, note_taken, "taken")


async def _finish(
    request: Request, work: Callable[[Store, Path, str, str], Plan], done: str
) -> HTTPResponse:
    try:
        await asyncio.to_thread(
            work,
            store_of(request),
            repository_of(request),
            staff_of(request).name,
            form_of(request).get("fingerprint", ""),
        )
    except (ExportRefused, ContentError) as error:
        return await _export_page(request, str(error))
    return redirect(f"/export?done={done}")


async def _plan(request: Request) -> Plan:
    approved = await store_of(request).read(read_approved)
    return await asyncio.to_thread(make_plan, repository_of(request), approved)


async def _export_page(request: Request, problem: str | None = None) -> HTTPResponse:
    plan = None
    try:
        plan = await _plan(request)
    except ContentError as error:
        problem = problem or f"No export is possible before this is put right: {error}"
    return page(
        request,
        "export.html",
        status=409 if problem else 200,
        plan=plan,
        problem=problem,
        can_write=can_write(repository_of(request)),
        done=DONE.get(request.args.get("done", "")),
    )
