"""Whom to call in danger, said even when neither store nor bot can be had."""

from __future__ import annotations

import asyncio
from typing import Any

from helpline.chat.problems import Problem

# An alarm is searched for in so much of a text
SEARCHED_CHARACTERS = 4000


async def messages_for(problem: Problem, text: str | None) -> list[dict[str, Any]] | None:
    """Return what is said to a visitor in danger in place of a problem of ours.

    None when the text tells of no danger, or the problem is the visitor's to mend: then nothing
    is wrong with the helpline, and the message can be sent again.
    """
    if problem.status < 500 or not text:
        return None
    return await asyncio.to_thread(_messages, text[:SEARCHED_CHARACTERS])


def _messages(text: str) -> list[dict[str, Any]] | None:
    from helpline.chat.turn_runner import check_text, said_only  # heavy, see `Chat`

    checked = check_text(text)
    return None if checked.alarm is None else said_only(checked, checked.alarm)
