"""Understand texts with two models, one after the other; called by the staff console.

    python -m data_tools.compare_models OLD.tar.gz NEW.tar.gz ANSWER.json < texts.json

Reads a JSON list of texts from the standard input, so that no visitor's words come onto a command
line or a disk. Writes {"old": [[intent, confidence, milliseconds], ...], "new": [...]} in the order
of the texts. Runs in the bot's environment.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Rasa's name for "not understood"
FALLBACK = "nlu_fallback"


async def understand(model: str, texts: Sequence[str]) -> list[list[Any]]:
    """Return intent, confidence and milliseconds of each text; one after the other, as a server."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    await agent.parse_message("warm up")
    rows: list[list[Any]] = []
    for text in texts:
        started = time.perf_counter()
        parsed = await agent.parse_message(text or "?")
        milliseconds = (time.perf_counter() - started) * 1000
        intent = parsed["intent"]
        rows.append([intent.get("name") or FALLBACK, intent.get("confidence"), milliseconds])
    return rows


def main(arguments: list[str]) -> int:
    """Compare; returns the exit code."""
    old, new, answer = arguments
    texts: list[str] = json.load(sys.stdin)
    found = {
        "old": asyncio.run(understand(old, texts)),
        "new": asyncio.run(understand(new, texts)),
    }
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
