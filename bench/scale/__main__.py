"""`make bench-scale`: two chats and two bots behind nginx, PostgreSQL and Redis, under load.

    python -m bench.scale [--minutes 10] [--share 0.7] [--visitors 32]

First the peak is measured: visitors who send as quickly as they are answered. Then a mixed load of
`share` of it goes on for `minutes`: texts, choices, ratings, reading back, erasing, and messages
that are sent twice at once with one key. At the end every message is compared with its rows in the
store. Returns 1 when a message was lost or doubled, or when a request was not answered.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from bench import machine
from bench.scale.affected import affected
from bench.scale.ledger import compare
from bench.scale.stack import Scaled
from bench.scale.visitors import Attempt, Crowd

WARM_UP_SECONDS = 10.0
PEAK_SECONDS = 30.0
TELL_EVERY_SECONDS = 30.0
SHOWN = 10


async def _talk(crowd: Crowd, visitors: int, seconds: float, tell: bool = False) -> None:
    running = asyncio.create_task(crowd.run(visitors))
    begun = time.monotonic()
    while not running.done() and time.monotonic() - begun < seconds:
        left = seconds - (time.monotonic() - begun)
        await asyncio.wait([running], timeout=min(TELL_EVERY_SECONDS, left))
        if tell:
            _tell(crowd, time.monotonic() - begun)
    crowd.stop.set()
    await running


def _tell(crowd: Crowd, seconds: float) -> None:
    bad = sum(each.outcome != "answer" for each in crowd.attempts)
    asked = sum(len(talk.sent) for talk in crowd.talks)
    print(
        f"[scale] {seconds:4.0f} s: {len(crowd.attempts)} requests, {asked} of them messages, "
        f"{asked / seconds:.1f} messages a second, {bad} without an answer",
        flush=True,
    )


def _waits(attempts: list[Attempt]) -> list[float]:
    return sorted(
        1000 * (each.ended - each.begun) for each in attempts if "/messages" in each.detail
    )


def _peak(stack: Scaled, visitors: int) -> float:
    """Messages a second of visitors who send as quickly as they are answered."""
    asyncio.run(_talk(Crowd(stack.chat_url, 0), visitors, WARM_UP_SECONDS))
    crowd = Crowd(stack.chat_url, 0, seed=2)
    begun = time.monotonic()
    asyncio.run(_talk(crowd, visitors, PEAK_SECONDS))
    return sum(len(talk.sent) for talk in crowd.talks) / (time.monotonic() - begun)


def main(arguments: list[str] | None = None) -> int:
    """Measure, compare and report; returns the exit code."""
    parser = argparse.ArgumentParser(description="Several processes under load, row by row.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--share", type=float, default=0.7)
    parser.add_argument("--visitors", type=int, default=32)
    given = parser.parse_args(arguments)
    print(f"[scale] {machine.describe()}", flush=True)
    with Scaled() as stack:
        peak = _peak(stack, given.visitors)
        rate = given.share * peak
        print(f"[scale] peak {peak:.1f} messages a second; now {rate:.1f} of them", flush=True)
        starting = len(stack.proxy.errors())
        # Each visitor rests so long that all together send at this rate, answers taking no time
        crowd = Crowd(stack.chat_url, given.visitors / rate, seed=3)
        begun = time.monotonic()
        asyncio.run(_talk(crowd, given.visitors, 60 * given.minutes, tell=True))
        seconds = time.monotonic() - begun
        store = stack.store()
        try:
            compared = compare(store, crowd.talks)
        finally:
            store.close()
        seen = affected(crowd.attempts, crowd.talks)
        errors = [each for each in crowd.attempts if each.outcome != "answer"]
        proxy_errors = stack.proxy.errors()[starting:]
    waits = _waits(crowd.attempts)
    print(
        f"[scale] {seconds:.0f} s, {seen.messages} messages ({seen.messages / seconds:.1f} a "
        f"second), {compared.conversations} conversations, {len(crowd.attempts)} requests"
    )
    print(
        f"[scale] waits for a message: median {waits[len(waits) // 2]:.0f} ms, "
        f"p95 {waits[int(0.95 * len(waits))]:.0f} ms, p99 {waits[int(0.99 * len(waits))]:.0f} ms"
    )
    print(
        f"[scale] compared {compared.acknowledged} acknowledged messages with {compared.rows} "
        f"rows: {len(compared.lost)} lost, {len(compared.doubled)} doubled, {len(errors)} errors"
    )
    for fault in [*compared.faults[:SHOWN], *map(str, errors[:SHOWN])]:
        print(f"[scale] FAULT {fault}")
    if proxy_errors:
        print(f"[scale] nginx: {proxy_errors[:2000]}")
    return 1 if compared.faults or errors else 0


if __name__ == "__main__":
    sys.exit(main())
