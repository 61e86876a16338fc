"""`make bench-soak`: visitors who come and go for ten minutes, and memory at start and end.

    python -m bench.soak [--minutes 10] [--visitors 8]

Each visitor pauses between messages, so that the machine is busy and not overrun. Returns 1 when a
message was not answered.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections.abc import Sequence

import aiohttp

from bench import load, machine
from scripts.processes import NAMES, RunningHelpline, running_helpline

WARM_UP_SECONDS = 20.0
PAUSE_SECONDS = 0.2
TELL_EVERY_SECONDS = 60.0
# One conversation in so many goes on for long
LONG = 10
MOST_TURNS = {False: 12, True: 120}


class Soak:
    """What was sent so far."""

    def __init__(self, bot: load.HelplineBot, seconds: float) -> None:
        """Let visitors come for so many seconds."""
        self._bot = bot
        self._ends = time.monotonic() + seconds
        self.waits: list[float] = []
        self.failures: list[str] = []

    async def visitor(self, client: aiohttp.ClientSession, number: int) -> None:
        """Open one conversation after the other until the time is up."""
        dice = random.Random(number)  # noqa: S311  (the same visitors every time)
        for count in itertools.count():
            texts = [dice.choice(self._bot.messages) for _ in range(MOST_TURNS[count % LONG == 0])]
            conversation = await self._bot.open(client)
            for text in texts[: dice.randint(1, len(texts))]:
                if time.monotonic() > self._ends:
                    return
                started = time.perf_counter()
                try:
                    await conversation.say(text)
                except (load.LoadError, aiohttp.ClientError) as error:
                    self.failures.append(str(error))
                self.waits.append(1000 * (time.perf_counter() - started))
                await asyncio.sleep(dice.uniform(0, 2 * PAUSE_SECONDS))

    async def tell(self) -> None:
        """Say every minute how far it is."""
        while True:
            await asyncio.sleep(TELL_EVERY_SECONDS)
            left = self._ends - time.monotonic()
            print(
                f"[soak] {len(self.waits)} messages, {len(self.failures)} not answered, "
                f"{left / 60:.0f} minutes left",
                flush=True,
            )

    async def run(self, visitors: int) -> None:
        """Let all of them talk."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
            telling = asyncio.create_task(self.tell())
            await asyncio.gather(*(self.visitor(client, number) for number in range(visitors)))
            telling.cancel()


def _memory(helpline: RunningHelpline) -> dict[str, float]:
    return {name: machine.memory_megabytes(helpline.pid(name)) for name in NAMES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the helpline and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--visitors", type=int, default=8)
    given = parser.parse_args(arguments)
    print(f"[soak] {machine.describe()}", flush=True)
    with running_helpline(NAMES, {"RATE_LIMITS": "false"}) as helpline:
        bot = load.HelplineBot(helpline.chat_url)
        asyncio.run(Soak(bot, WARM_UP_SECONDS).run(given.visitors))
        before = _memory(helpline)
        soak = Soak(bot, 60 * given.minutes)
        asyncio.run(soak.run(given.visitors))
        after = _memory(helpline)
    waits = load.Waits(tuple(soak.waits), 60 * given.minutes)
    print("\n| process | memory at the start, MB | at the end, MB |\n| --- | --- | --- |")
    for name in NAMES:
        print(f"| {name} | {before[name]:.0f} | {after[name]:.0f} |")
    print(f"| all | {sum(before.values()):.0f} | {sum(after.values()):.0f} |")
    shares = "/".join(f"{waits.percentile(share):.0f}" for share in (0.5, 0.95, 0.99))
    print(
        f"\n{len(soak.waits)} messages in {given.minutes:g} minutes "
        f"({waits.per_second:.1f} a second), {len(soak.failures)} not answered; "
        f"50/95/99 of 100 waited at most {shares} ms"
    )
    for failure in soak.failures[:10]:
        print(failure)
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
