"""Parse texts with a trained model, in whichever environment runs this; called by `understanding`.

    python bench/parse_texts.py MODEL.tar.gz ANSWER.json < texts.json

Reads a JSON list of texts; writes {"rows": [{"final", "ranking", "milliseconds", "processor"}],
"megabytes"} to a file, because Rasa logs to the standard output. `processor` is the time of all
cores, in milliseconds too, which other work on the machine does not change much.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

FALLBACK = "nlu_fallback"


async def parse(model: str, texts: list[str]) -> list[dict[str, Any]]:
    """Parse one text after the other, as a server does; the first parse warms up."""
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    await agent.parse_message("warm up")
    rows = []
    for text in texts:
        started, worked = time.perf_counter(), time.process_time()
        parsed = await agent.parse_message(text or "?")
        milliseconds = (time.perf_counter() - started) * 1000
        processor = (time.process_time() - worked) * 1000
        ranking = [
            [item["name"], item["confidence"]]
            for item in parsed["intent_ranking"]
            if item["name"] != FALLBACK
        ]
        final = parsed["intent"].get("name") or FALLBACK
        times = {"milliseconds": milliseconds, "processor": processor}
        rows.append({"final": final, "ranking": ranking, **times})
    return rows


def resident_megabytes() -> float:
    """Memory of this process in MB (10^6 bytes)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmRSS in /proc/self/status")


if __name__ == "__main__":
    answer = asyncio.run(parse(sys.argv[1], json.load(sys.stdin)))
    result = {"rows": answer, "megabytes": resident_megabytes()}
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
