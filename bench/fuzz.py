"""`make fuzz`: thousands of random messages against real processes.

    python -m bench.fuzz [--messages 20000] [--seed 1] [--visitors 8]

Wanted: no answer with a 5xx status, none that is empty, no process that ends, no traceback in a
log, and as much memory at the end as after the warm-up. Returns 1 when one of these fails.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import dataclasses
import random
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from bench import machine
from bench.fuzz_requests import Call, call
from scripts.processes import RunningHelpline, running_helpline

NAMES = ("chat", "bot", "actions")
# Memory is read after each part, so that a line that goes on rising is told from one that levels
# off. Caches fill up and models are touched during the first parts; the verdict counts from there.
PARTS = 10
WARM_UP_PARTS = 2
MOST_GROWTH_SHARE = 0.10
MOST_GROWTH_MEGABYTES = 20.0
TURNS = 25


@dataclasses.dataclass
class Seen:
    """What came back."""

    statuses: collections.Counter[tuple[str, int]] = dataclasses.field(
        default_factory=collections.Counter
    )
    kinds: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    problems: list[str] = dataclasses.field(default_factory=list)
    left: int = 0


class FuzzVisitor:
    """Sends random requests in conversations of its own."""

    def __init__(self, url: str, client: aiohttp.ClientSession, seed: int, seen: Seen) -> None:
        """Keep the chance apart from that of other visitors."""
        self._url = url
        self._client = client
        self._rng = random.Random(seed)  # noqa: S311  (repeatable, and no secret)
        self._seen = seen

    async def run(self) -> None:
        """Go on until all messages are sent."""
        while self._seen.left > 0:
            await self._converse()

    async def _converse(self) -> None:
        status, body = await self._send(Call("open", "POST", "/api/v1/conversations"), "")
        if status != 201:
            return
        token = body["conversation"]["token"]
        choices: list[str] = []
        messages: list[str] = []
        self._learn(body, choices, messages)
        for _ in range(self._rng.randint(1, TURNS)):
            if self._seen.left <= 0:
                return
            self._seen.left -= 1
            _, body = await self._send(call(self._rng, choices, messages), token)
            self._learn(body, choices, messages)
        if self._rng.random() < 0.5:
            await self._send(Call("erase", "DELETE", "/api/v1/conversations/current"), token)

    async def _send(self, sent: Call, token: str) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        headers |= dict(sent.headers)
        try:
            async with self._client.request(
                sent.method, f"{self._url}{sent.path}", data=sent.body, headers=headers
            ) as answer:
                raw = await answer.read()
                self._seen.statuses[sent.sort, answer.status] += 1
                if answer.status >= 500:
                    self._seen.problems.append(f"{answer.status} for {sent}"[:300])
                body = await answer.json(content_type=None) if raw else None
                if sent.sort == "text" and answer.status == 200:
                    self._check(sent, body)
                return answer.status, body
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # A server that is asked too much may close the connection, but only after a 413.
            if sent.sort != "wrong bytes":
                self._seen.problems.append(f"{type(error).__name__} for {sent}"[:300])
            self._seen.statuses[sent.sort, 0] += 1
            return 0, None

    def _check(self, sent: Call, body: Any) -> None:
        for message in body["messages"]:
            self._seen.kinds[message["kind"]] += 1
        if not body["messages"] or not all(each["text"].strip() for each in body["messages"]):
            self._seen.problems.append(f"an empty answer to {sent}"[:300])

    @staticmethod
    def _learn(body: Any, choices: list[str], messages: list[str]) -> None:
        if not isinstance(body, dict):
            return
        for message in body.get("messages", ()):
            if message.get("from") == "bot":
                messages.append(message["id"])
                choices.extend(choice["id"] for choice in message["choices"])
        del choices[:-20], messages[:-20]


async def _drive(helpline: RunningHelpline, count: int, visitors: int, seed: int) -> Seen:
    seen = Seen(left=count)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as client:
        await asyncio.gather(
            *(
                FuzzVisitor(helpline.chat_url, client, seed * 1000 + number, seen).run()
                for number in range(visitors)
            )
        )
    return seen


def _memory(helpline: RunningHelpline) -> dict[str, float]:
    return {name: machine.memory_megabytes(helpline.pid(name)) for name in NAMES}


def _faults_in_logs(helpline: RunningHelpline) -> list[str]:
    faults = []
    for name in NAMES:
        text = helpline.log_file(name).read_text("utf-8", "replace")
        for sign in ("Traceback", '"level": "error"', "request failed", "MemoryError"):
            found = len(re.findall(re.escape(sign), text))
            if found:
                line = next(line for line in text.splitlines() if sign in line)
                faults.append(f"{name}: {found} x {sign}, first: {line[:300]}")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Run and report; returns the exit code."""
    parser = argparse.ArgumentParser(description="Random messages against real processes.")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--visitors", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    print(f"[fuzz] {machine.describe()}", flush=True)
    with running_helpline(NAMES, {"RATE_LIMITS": "false"}) as helpline:
        started = time.monotonic()
        parts: list[Seen] = []
        curve: list[dict[str, float]] = []
        for part in range(PARTS):
            count = given.messages // PARTS
            seed = given.seed * PARTS + part
            parts.append(asyncio.run(_drive(helpline, count, given.visitors, seed)))
            curve.append(_memory(helpline))
            print(f"[fuzz] {(part + 1) * count} messages, {_shown(curve[-1])}", flush=True)
        seconds = time.monotonic() - started
        faults = [problem for part_seen in parts for problem in part_seen.problems]
        faults += _faults_in_logs(helpline)
        faults += [f"{name} ended" for name in NAMES if not helpline.is_running(name)]
    before, after = curve[WARM_UP_PARTS - 1], curve[-1]
    statuses = sum((each.statuses for each in parts), collections.Counter[tuple[str, int]]())
    print(f"[fuzz] {given.messages} messages in {seconds:.0f} s; requests by sort and status:")
    for (sort, status), number in sorted(statuses.items()):
        print(f"  {sort:12} {status:4} {number:7}")
    kinds = sum((each.kinds for each in parts), collections.Counter[str]())
    print("[fuzz] kinds: " + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()))
    print(f"[fuzz] memory after warm-up {_shown(before)}")
    print(f"[fuzz] memory at the end    {_shown(after)}")
    for name in NAMES:
        growth = after[name] - before[name]
        if growth > max(MOST_GROWTH_MEGABYTES, MOST_GROWTH_SHARE * before[name]):
            faults.append(f"{name} grew by {growth:.0f} MB")
    for fault in faults[:20]:
        print(f"[fuzz] FAULT {fault}")
    print(f"[fuzz] {len(faults)} faults" if faults else "[fuzz] no fault")
    return 1 if faults else 0


def _shown(memory: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in memory.items())


if __name__ == "__main__":
    sys.exit(main())
