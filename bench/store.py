"""`make bench-store`: the staff console on a million messages, in SQLite and in PostgreSQL.

    python -m bench.store fill DIR             fill both stores below DIR (minutes)
    python -m bench.store measure DIR          ask a real console for each page, again and again
    python -m bench.store all DIR              both

Runs in the website's environment. A fill is kept and used again. PostgreSQL runs on its own below
DIR, with fsync as delivered. The budget is 150 ms for 95 of 100 answers of each page.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bench import machine
from bench.store_fill import fill_fast
from helpline.staff import accounts, passwords
from helpline.staff.queues import NAMES
from helpline.store import day_counts
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.models import Conversation, Message
from tests.postgres import PostgresServer
from tests.staff.running import PASSWORD, Browser, start_staff
from tests.web.running import free_port

CONVERSATIONS = 50_000
DAYS = 80.0
BUDGET_MILLISECONDS = 150.0
ROUNDS = 40


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    """Give the addresses of both stores; PostgreSQL runs meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(free_port(), durable=folder / "postgres")
    try:
        yield {
            "sqlite": f"sqlite:///{folder / 'helpline.db'}",
            "postgresql": server.database("helpline"),
        }
    finally:
        server.stop()


def fill_both(folder: Path, conversations: int) -> None:
    """Fill each store that is still empty, and count its settled days as the console does."""
    with _databases(folder) as databases:
        for name, address in databases.items():
            store = Store(address)
            upgrade(store.engine)
            if store.read_now(lambda session: session.scalar(select(Conversation.id).limit(1))):
                print(f"[{name}] is filled already", flush=True)
            else:
                fill_fast(store.engine, conversations, days=DAYS, until=utc_now(), say=_say(name))
                hashed = passwords.hash_password(PASSWORD)
                store.write_now(accounts.create, "lena", "lead", hashed)
            started = time.perf_counter()
            days = store.read_now(day_counts.unsettled_days)
            kept = sum(store.write_now(day_counts.settle_days, [day]) for day in days)
            print(f"[{name}] {kept} days counted in {time.perf_counter() - started:.1f} s")
            store.close()


def _say(name: str) -> Callable[[str], None]:
    return lambda line: print(f"[{name}] {line}", flush=True)


def pages() -> dict[str, str]:
    """Name the pages that staff open, and their addresses."""
    today = utc_now().date()
    span = f"from={today - timedelta(days=30)}&to={today - timedelta(days=20)}"
    return {
        "inbox": "/conversations",
        **{f"queue: {name}": f"/conversations?queue={name}" for name in NAMES},
        "filter: topic": "/conversations?topic=what_is_spms",
        "filter: kind and confidence": "/conversations?kind=clarify&below=30",
        "filter: days": f"/conversations?{span}",
        "filter: days, flag, hour": f"/conversations?{span}&flag=handoff&hour=9",
        "filter: waited long": "/conversations?slow=yes",
        "filter: found helpful": "/conversations?rating=helpful",
        "search: common word": "/conversations?q=tired",
        "search: two words": "/conversations?q=wonders+treatment",
        "search: no such word": "/conversations?q=xylophone",
        "search and days": f"/conversations?q=tired&{span}",
        "unknown questions": "/questions",
        "models": "/models",
        "statistics: 30 days": "/statistics",
        "statistics: weeks of 80 days": (
            f"/statistics?from={today - timedelta(days=80)}&to={today}&by=week"
        ),
        "statistics: by hour": "/statistics?by=hour",
    }


def _measure(browser: Browser, address: str, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = browser.get(address)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
    return took


def measure_both(folder: Path, rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """Return store -> page -> milliseconds: median and 95th percentile as a client sees them, and
    the console's processor time, which tells of a page also where others use the machine.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    with _databases(folder) as databases:
        for name, address in databases.items():
            console = start_staff(folder / f"console-{name}", DATABASE_URL=address)
            try:
                counts = console.store.read_now(
                    lambda session: (
                        session.scalar(select(func.count(Conversation.id))),
                        session.scalar(select(func.count(Message.id))),
                    )
                )
                print(f"\n{name}: {counts[0]:,} conversations, {counts[1]:,} messages")
                browser = console.browser().sign_in("lena")
                found[name] = {}
                for page, where in pages().items():
                    _measure(browser, where, 3)  # what is read first comes from the disk
                    used = machine.processor_seconds(console.process.pid)
                    took = sorted(_measure(browser, where, rounds))
                    used = machine.processor_seconds(console.process.pid) - used
                    high = took[min(int(0.95 * len(took)), len(took) - 1)]
                    middle, each = statistics.median(took), 1000 * used / rounds
                    found[name][page] = {"median": middle, "p95": high, "processor": each}
                    late = "  OVER" if high > BUDGET_MILLISECONDS else ""
                    print(
                        f"  {page:32} {middle:7.1f} {high:7.1f} ms, processor {each:5.1f} ms{late}",
                        flush=True,
                    )
            finally:
                Browser.close_all()
                console.stop()
    return found


def table(found: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the times of each page in each store, as a table in Markdown."""
    rows = [("page", *(f"{store}, median / p95 / processor, ms" for store in found))]
    rows.append(("---",) * len(rows[0]))
    for page in pages():
        each = (took[page] for took in found.values())
        cells = (f"{of['median']:.0f} / {of['p95']:.0f} / {of['processor']:.0f}" for of in each)
        rows.append((page, *cells))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main(arguments: list[str] | None = None) -> int:
    """Fill, measure, or both; return 1 where a page is over the budget."""
    parser = argparse.ArgumentParser(prog="make bench-store", description=(__doc__ or "")[:90])
    parser.add_argument("what", choices=("fill", "measure", "all"))
    parser.add_argument("folder", type=Path, help="where the stores lie, some 4 GB")
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    if given.what != "measure":
        fill_both(folder, given.conversations)
    if given.what == "fill":
        return 0
    found = measure_both(folder, given.rounds)
    print(f"\n{table(found)}\n\n{machine.describe()}")
    result = {"machine": machine.describe(), "milliseconds": found}
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    over = [
        f"{store}, {page}: {took['p95']:.0f} ms"
        for store, by_page in found.items()
        for page, took in by_page.items()
        if took["p95"] > BUDGET_MILLISECONDS
    ]
    print(f"\nOver {BUDGET_MILLISECONDS:.0f} ms: {'; '.join(over) or 'none'}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
