"""The widget for every site that embeds it, and a page of an invented site that does."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import json as json_response

from helpline.chat import problems, rendering
from helpline.chat.state import chat_of
from helpline.chat.widget_builds import BUILDS

_A_YEAR = "public, max-age=31536000, immutable"

widget_files = Blueprint("widget_files")


@widget_files.get("/widget", name="list")
async def list_files(request: Request) -> HTTPResponse:
    """Tell what a site adds to its pages: to a browser as a page, to a program as JSON."""
    own_address = f"{request.scheme}://{request.host}"
    embedding = BUILDS.embedding(chat_of(request).settings, own_address)
    headers = {"Access-Control-Allow-Origin": "*", "Vary": "Accept"}
    if "text/html" in request.headers.get("accept", ""):
        page = rendering.html_response(
            rendering.render(
                "embed.html",
                embedding=embedding,
                address=own_address,
                navigator=problems.navigator(),
            )
        )
        page.headers.update(headers)
        return page
    listed = {
        name: {"integrity": found.integrity, "bytes": len(found.content)}
        for name in BUILDS.present.names()
        if (found := BUILDS.present.find(name)) is not None
    }
    told = {"version": BUILDS.version, "embed": embedding and embedding.tags, "files": listed}
    return json_response(told, headers=headers)


async def versioned_file(request: Request, version: str, name: str) -> HTTPResponse:
    """Return a file of a certain build. Its content never changes: kept for a year."""
    files = BUILDS.files(version)
    if files is None:
        raise NotFound("no such version")
    response = files.respond(request, name, any_site=True)
    response.headers["Cache-Control"] = _A_YEAR
    return response


async def present_file(request: Request, name: str) -> HTTPResponse:
    """Return a file of the present build, for sites that want each new one without a change."""
    return BUILDS.present.respond(request, name, any_site=True)


async def demo(request: Request) -> HTTPResponse:
    """Show a page as a patient organisation might have it, with the widget on it."""
    embedding = BUILDS.embedding(chat_of(request).settings)
    return rendering.html_response(rendering.render("demo.html", embedding=embedding))


_READ = ["GET", "HEAD"]
widget_files.add_route(
    versioned_file, "/widget/<version:str>/<name:str>", methods=_READ, name="versioned"
)
widget_files.add_route(present_file, "/widget/<name:str>", methods=_READ, name="present")
widget_files.add_route(demo, "/demo", methods=_READ, name="demo")
