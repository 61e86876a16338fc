"""`make coverage`: how much of our Python the suites run, statements and branches, by folder.

    python -m scripts.branch_coverage                 the suites below, counted anew
    python -m scripts.branch_coverage --add web bot   some, beside what was counted before
    python -m scripts.branch_coverage --table         only the table, of what was counted before

Processes that the tests start are counted too, in all three environments (pyproject.toml,
`tool.coverage`). The suites that play a whole helpline are left out: they go over the same code
again and would double the time.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from scripts.run_tests import run_suite
from scripts.setup import ROOT, python_of

SUITES = ("safety", "content", "scripts", "privacy", "nlu", "bot", "staff", "web")
LEAST_PERCENT = 90.0
FOLDER = ROOT / "var" / "coverage"
DATA = FOLDER / "data"
COVERAGE = ("-m", "coverage")
# Fifty thousand messages go the ways that a thousand have gone, eight minutes long when counted
TOO_LONG = "tests/safety/test_mutations.py"


class NothingCountedError(RuntimeError):
    """There is no data to make a table of; the message says what to run."""


@dataclasses.dataclass(frozen=True)
class Count:
    """What there is of statements and of ways out of branches, and how many of them were run."""

    statements: int = 0
    statements_run: int = 0
    branches: int = 0
    branches_run: int = 0

    def __add__(self, other: Count) -> Count:
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Count(*(ours + theirs for ours, theirs in pairs))

    @property
    def percent(self) -> float:
        """Share of both together, as coverage.py counts; 100 where there is nothing."""
        whole = self.statements + self.branches
        return 100.0 * (self.statements_run + self.branches_run) / whole if whole else 100.0


def folder_of(path: str) -> str:
    """Name the row of the table that a file counts for: `content`, `web/helpline/store`, …"""
    parts = PurePosixPath(path).parent.parts
    if not parts:
        return path
    return "/".join(parts[:3] if parts[0] == "web" else parts[:1])


def count_by_folder(files: Mapping[str, Mapping[str, Any]]) -> dict[str, Count]:
    """Add up the files of coverage.py's JSON report, folder by folder."""
    counted: dict[str, Count] = {}
    for path, file in sorted(files.items()):
        found, folder = file["summary"], folder_of(path)
        counted[folder] = counted.get(folder, Count()) + Count(
            found["num_statements"],
            found["covered_lines"],
            found["num_branches"],
            found["covered_branches"],
        )
    return counted


def table(counted: Mapping[str, Count]) -> str:
    """Write the counts as lines, with a mark at each folder that is below the least."""
    lines = [f"{'folder':28} {'statements':>17} {'branches':>15} {'percent':>8}"]
    rows = [*counted.items(), ("all", sum(counted.values(), Count()))]
    for name, count in rows:
        low = "" if count.percent >= LEAST_PERCENT else f"  below {LEAST_PERCENT:.0f}"
        statements = f"{count.statements_run} of {count.statements}"
        branches = f"{count.branches_run} of {count.branches}"
        lines.append(f"{name:28} {statements:>17} {branches:>15} {count.percent:8.1f}{low}")
    return "\n".join(lines)


def run_suites(names: Iterable[str]) -> list[str]:
    """Run suites and count; returns those that failed."""
    runner = (*COVERAGE, "run", "-m", "pytest", f"--ignore={TOO_LONG}")
    failed = []
    for name in names:
        print(f"\n=== {name} ===", flush=True)
        started = time.monotonic()
        if not run_suite(name, runner=runner):
            failed.append(name)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return failed


def _coverage(*arguments: str) -> None:
    command = [str(python_of("tools")), *COVERAGE, *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


def collect() -> dict[str, Count]:
    """Join the data of all processes and count by folder.

    Raises:
        NothingCountedError: nothing was counted yet.
    """
    if any(FOLDER.glob(f"{DATA.name}.*")):
        _coverage("combine", "--append", "--quiet", str(FOLDER))
    if not DATA.exists():
        raise NothingCountedError("Nothing has been counted yet. Count: make coverage.")
    report = FOLDER / "report.json"
    _coverage("json", "--quiet", "-o", str(report))
    return count_by_folder(json.loads(report.read_text("utf-8"))["files"])


def main(arguments: list[str]) -> int:
    """Count, print the table; returns 1 if a suite failed or a folder is below the least."""
    parser = argparse.ArgumentParser(prog="make coverage")
    parser.add_argument("suites", nargs="*", help=f"of: {', '.join(SUITES)}; default: all")
    parser.add_argument("--add", action="store_true", help="keep what was counted before")
    parser.add_argument("--table", action="store_true", help="run nothing")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.suites if name not in SUITES]:
        print(f"No such suite: {', '.join(unknown)}. Counted are: {', '.join(SUITES)}.")
        return 2
    if not (chosen.add or chosen.table):
        shutil.rmtree(FOLDER, ignore_errors=True)
    failed = [] if chosen.table else run_suites(chosen.suites or SUITES)
    try:
        counted = collect()
    except NothingCountedError as error:
        print(error)
        return 1
    print("\n" + table(counted))
    low = [name for name, count in counted.items() if count.percent < LEAST_PERCENT]
    if failed:
        print(f"\nThe table is not whole, these suites failed: {', '.join(failed)}.")
    if low:
        print(f"\nBelow {LEAST_PERCENT:.0f} percent: {', '.join(low)}. What was not run, by file:")
        print("  .venvs/tools/bin/coverage report --show-missing --skip-covered")
    return 1 if failed or low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
