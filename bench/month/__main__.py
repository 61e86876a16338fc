"""`make simulate-month`: four weeks of visitors, staff who correct, candidates and switches.

    python -m bench.month [MESSAGES.jsonl] [--weeks 4] [--seed 1] [--picture FILE]

A copy of the project runs as `make run` starts it, and is thrown away at the end. Each message is
a conversation of its own through the chat API. Staff who know what was meant (`bench.month.staff`)
read every one, correct, approve, export, train and switch, so that each week but the first is
answered by a model that has learned from those before. The first day's model then gets the same
messages, so that a week of hard questions is not taken for a loss. Runs in the website's
environment.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2

from bench import machine
from bench.month import report
from bench.month.messages import OWN, Asked, MessagesRefused, read_messages, weeks_of
from bench.month.staff import NotDone, Reviewed, Staff
from helpline.corrections.export import ExportRefused
from helpline.learning import jobs
from helpline.learning.in_use import file_in_use
from helpline.learning.requests import LearningRefused
from helpline.store.database import Store
from scripts.setup import ROOT
from scripts.train import MODEL
from tests.browser.supervised import SupervisedHelpline

PICTURE = ROOT / "docs" / "images" / "simulated-month.svg"
SHOWN = 10


def play(url: str, asked: Sequence[Asked]) -> list[str]:
    """Send each message as a visitor of its own; return the ids of the conversations."""
    ids = []
    with httpx2.Client(base_url=url, trust_env=False, timeout=60) as client:
        for one in asked:
            opened = client.post("/api/v1/conversations").raise_for_status().json()["conversation"]
            client.post(
                "/api/v1/messages",
                json={"text": one.text},
                headers={"Authorization": f"Bearer {opened['token']}"},
            ).raise_for_status()
            ids.append(opened["id"])
    return ids


def month(
    url: str, staff: Staff, weeks: Sequence[Sequence[Asked]]
) -> tuple[list[list[Reviewed]], int]:
    """Play the weeks; return what staff saw in each, and of how many the last model has learned.

    Raises:
        NotDone: a step of the loop failed.
        LearningRefused: a candidate may not be switched to, though it lost no safety case.
        ExportRefused: the corrections were not written.
    """
    seen: list[list[Reviewed]] = []
    learned = 0
    for number, asked in enumerate(weeks, start=1):
        ids = play(url, asked)
        week = [staff.review(key, one) for key, one in zip(ids, asked, strict=True)]
        seen.append(week)
        right = sum(one.is_right for one in week)
        corrected = sum(one.corrected for one in week)
        _say(f"week {number}: {right} of {len(week)} understood, {corrected} corrected")
        if number == len(weeks) or not corrected:
            continue
        approved = staff.approve_all()
        written, left = staff.export()
        _say(f"  {approved} approved, {written} written into the training data")
        for why in left:
            _say(f"  left behind: {why}")
        begun = time.monotonic()
        run, compared = staff.train()
        _say(f"  candidate after {time.monotonic() - begun:.0f} s. {compared.verdict}")
        for case in compared.lost:
            _say(f"  lost: {case.text!r}, {case.old} before, {case.new} now")
        if compared.is_refused:
            # As in life: the model before goes on, and the next candidate learns more.
            continue
        begun = time.monotonic()
        staff.switch(run, f"Corrections of week {number}")
        learned = number
        _say(f"  switched after {time.monotonic() - begun:.0f} s")
    return seen, learned


async def _never() -> bool:
    return False


def weeks_with_both(
    seen: Sequence[Sequence[Reviewed]], folder: Path, first: Path, last: Path
) -> list[report.Week]:
    """Have the first day's and the last model understand every message as it was stored."""
    texts = [one.text for week in seen for one in week]
    models = (str(first), str(last))
    found = asyncio.run(
        jobs.work_on(texts, folder, "data_tools.compare_models", *models, is_enough=_never)
    )
    before, after = iter(found["old"]), iter(found["new"])
    return [
        report.Week(
            tuple(week),
            tuple(next(before)[0] for _ in week),
            tuple(next(after)[0] for _ in week),
        )
        for week in seen
    ]


def _say(line: str) -> None:
    print(f"[month] {line}", flush=True)


def simulate(weeks: Sequence[Sequence[Asked]]) -> tuple[list[report.Week], int]:
    """Play the weeks on a helpline of its own, which is thrown away; return as `month` does."""
    with tempfile.TemporaryDirectory(prefix="helpline-month-") as temporary:
        folder = Path(temporary)
        helpline = SupervisedHelpline(folder)
        database = f"sqlite:///{helpline.var_dir / 'helpline.db'}"
        helpline.environment |= {"DATABASE_URL": database, "TRACKER_DATABASE_URL": ""}
        with helpline:
            store = Store(database)
            try:
                staff = Staff(store, helpline.checkout, helpline.var_dir)
                seen, learned = month(helpline.chat_url, staff, weeks)
            finally:
                store.close()
        return weeks_with_both(seen, folder, MODEL, file_in_use(helpline.var_dir)), learned


def main(arguments: list[str] | None = None) -> int:
    """Play, print, draw; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make simulate-month", description=(__doc__ or "")[:98])
    parser.add_argument("messages", type=Path, nargs="?", default=OWN)
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--picture", type=Path, help=f"SVG; of our own messages by default {PICTURE}"
    )
    given = parser.parse_args(arguments)
    is_own = given.messages.resolve() == OWN.resolve()
    picture = given.picture or (PICTURE if is_own else None)
    started = time.monotonic()
    try:
        weeks = weeks_of(read_messages(given.messages), given.weeks, given.seed)
        _say(f"{sum(map(len, weeks))} messages in {len(weeks)} weeks; {machine.describe()}")
        found, learned = simulate(weeks)
    except (MessagesRefused, NotDone, LearningRefused, ExportRefused) as error:
        print(f"[month] {error}", file=sys.stderr)
        return 1
    print(f"\n{report.table(found)}\n")
    corrected, right = report.learned(found[:learned])
    _say(f"the last model has learned from weeks 1 to {learned}" if learned else "nothing learned")
    _say(f"of {corrected} messages corrected then it understands {right}")
    lost = report.lost(found)
    _say(f"messages that the first model understands and the last does not: {len(lost)}")
    for one in lost[:SHOWN] if is_own else ():
        _say(f"  {one.text!r} ({one.asked.intent})")
    _say(f"it took {time.monotonic() - started:.0f} s")
    if picture is not None:
        report.draw(found, picture)
        _say(f"the curve: {os.path.relpath(picture)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
