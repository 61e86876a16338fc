"""Understand texts with two models, one after the other; called by the staff console.

    python -m scripts.compare_models OLD.tar.gz NEW.tar.gz ANSWER.json < texts.json

Reads a JSON list of texts from the standard input, so that no visitor's words come onto a command
line or a disk. Writes {"old": [[intent, confidence, milliseconds], ...], "new": [...]} in the order
of the texts. Runs in the bot's environment.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bench.parse_texts import parse


def main(arguments: list[str]) -> int:
    """Compare; returns the exit code."""
    old, new, answer = arguments
    texts: list[str] = json.load(sys.stdin)
    found: dict[str, list[list[Any]]] = {}
    for number, (name, model) in enumerate((("old", old), ("new", new))):
        rows = asyncio.run(parse(model, texts))
        found[name] = [
            [row["final"], row["ranking"][0][1] if row["ranking"] else None, row["milliseconds"]]
            for row in rows
        ]
        print(f"[compare] {50 * (number + 1)} %", flush=True)
    Path(answer).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
