"""Templates of the chat page."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from sanic import HTTPResponse
from sanic.response import html

from helpline.chat.assets import static_url

_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_PHONE = re.compile(r"\b1-\d{3}-\d{3}-\d{4}\b")
_URGENT_PHONE = re.compile(r"\b(?:1-\d{3}-\d{3}-\d{4}|988|911)\b")
_NOT_DIALLED = re.compile(r"[^0-9+]")


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Split a message's text into ("paragraph", [text]) and ("list", [items])."""
    found: list[tuple[str, list[str]]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            if line.startswith("- "):
                if lines:
                    found.append(("paragraph", ["\n".join(lines)]))
                    lines = []
                if found and found[-1][0] == "list":
                    found[-1][1].append(line[2:].strip())
                else:
                    found.append(("list", [line[2:].strip()]))
            elif line.strip():
                lines.append(line.strip())
        if lines:
            found.append(("paragraph", ["\n".join(lines)]))
    return found


def day(value: str) -> str:
    """Write a date, 2026-11-22, as people read it: November 22, 2026; other text stays."""
    try:
        parsed = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{_MONTHS[parsed.month - 1]} {parsed.day}, {parsed.year}"


def with_calls(text: str, urgent: bool = False) -> Markup:
    """Return a text of ours as HTML in which a tap on a phone number calls it.

    `urgent` makes links of 911 and 988 too, which stand for other things in no urgent answer.
    """
    pieces = []
    position = 0
    for found in (_URGENT_PHONE if urgent else _PHONE).finditer(text):
        pieces.append(escape(text[position : found.start()]))
        pieces.append(
            Markup('<a class="phone" href="{}">{}</a>').format(telephone(found[0]), found[0])
        )
        position = found.end()
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def telephone(phone: str) -> str | None:
    """Return the address of a call, "tel:18003444867"; None where the text is no plain number."""
    digits = _NOT_DIALLED.sub("", phone)
    return f"tel:{digits}" if digits and not re.search(r"[A-Za-z]", phone) else None


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(blocks=blocks, day=day, telephone=telephone, with_calls=with_calls)
_templates.globals.update(static_url=static_url)


def render(name: str, **values: Any) -> str:
    """Fill a template."""
    return _templates.get_template(name).render(values)


def html_response(body: str, status: int = 200) -> HTTPResponse:
    """Return a page."""
    return html(body, status=status)
