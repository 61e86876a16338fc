"""Serves files that are the same for everybody: styles, and the built widget."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from sanic import HTTPResponse, Request
from sanic.exceptions import NotFound
from sanic.response import raw

_YEAR = "public, max-age=31536000, immutable"
# A name that holds a hash of its content, "widget.3f9a0c1b.js", never changes what it means.
_VERSIONED_NAME = re.compile(r"\.[0-9a-f]{8,}\.\w+$")
_COMPRESSED = (".css", ".js", ".json", ".svg", ".html", ".map")


@dataclass(frozen=True)
class StaticFile:
    """A file in memory."""

    content: bytes
    compressed: bytes | None
    content_type: str
    integrity: str
    version: str


class StaticFiles:
    """The files of some folders, read again when they change; subfolders are not served."""

    def __init__(self, *folders: Path) -> None:
        """Serve the files of `folders`; the first that has a name wins. A folder may be missing."""
        self._folders = folders
        self._known: dict[Path, tuple[tuple[int, int], StaticFile]] = {}

    def names(self) -> list[str]:
        """Return the names of all files."""
        return sorted(
            {
                path.name
                for folder in self._folders
                if folder.is_dir()
                for path in folder.iterdir()
                if path.is_file() and not path.name.startswith(".")
            }
        )

    def find(self, name: str) -> StaticFile | None:
        """Return the file called `name`, None if there is none."""
        if "/" in name or "\\" in name or "\0" in name or name.startswith("."):
            return None
        for folder in self._folders:
            path = folder / name
            try:
                state = path.stat()
                if not path.is_file():
                    continue
                version = (state.st_mtime_ns, state.st_size)
                known = self._known.get(path)
                if known is None or known[0] != version:
                    known = (version, _read(path))
                    self._known[path] = known
            except OSError:
                continue
            return known[1]
        return None

    def integrity(self, name: str) -> str | None:
        """Return the value of an `integrity` attribute, "sha384-...", None if there is no file."""
        found = self.find(name)
        return found.integrity if found else None

    def respond(self, request: Request, name: str, *, any_site: bool = False) -> HTTPResponse:
        """Return a file; `any_site` lets pages of other sites load it.

        Kept for a year where the address says which content is meant, by a hash in the name or by
        `?v=`; else asked for again each time, and answered 304 when nothing changed.

        Raises:
            NotFound: there is none.
        """
        found = self.find(name)
        if found is None:
            raise NotFound("no such file")
        fixed = request.args.get("v") == found.version or _VERSIONED_NAME.search(name)
        etag = f'"{found.version}"'
        headers = {
            "Cache-Control": _YEAR if fixed else "no-cache",
            "ETag": etag,
            "Vary": "Accept-Encoding",
        }
        if any_site:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.headers.get("if-none-match") == etag:
            return HTTPResponse(status=304, headers=headers)
        body = found.content
        if found.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = found.compressed
        return raw(body, headers=headers, content_type=found.content_type)


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind in ("application/json", "application/javascript"):
        kind += "; charset=utf-8"
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    return StaticFile(
        content=content,
        compressed=gzip.compress(content, mtime=0) if path.suffix in _COMPRESSED else None,
        content_type=kind,
        integrity=f"sha384-{digest}",
        version=hashlib.sha256(content).hexdigest()[:12],
    )
