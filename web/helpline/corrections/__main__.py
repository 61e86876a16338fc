"""`make export-corrections`: approved corrections as lines of the training data and the tests.

`python -m helpline.corrections` shows what would be written, `--write` writes it, `--patch FILE`
keeps it as a patch for `git apply` ("-": to standard output).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import settings
from content.reading import ContentError
from helpline.corrections.export import ExportRefused, read_approved, write_files
from helpline.corrections.plan import Plan, make_plan
from helpline.store.database import Store
from helpline.store.migrate import upgrade


def main(arguments: list[str] | None = None) -> int:
    """Run the command on the database of DATABASE_URL; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="make export-corrections ARGS=...",
        description="Show approved corrections as a diff, write them, or keep them as a patch.",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--write", action="store_true", help="write them into the files")
    how.add_argument("--patch", metavar="FILE", help="write a patch for `git apply` into FILE")
    parser.add_argument("--by", help="your name, for the audit log; needed with --write")
    given = parser.parse_args(arguments)
    if given.write and not given.by:
        parser.error("--write needs --by: your name goes into the audit log")
    try:
        values = settings.load()
    except settings.SettingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    store = Store(values.database_url)
    try:
        upgrade(store.engine)
        if given.write:
            plan = write_files(store, values.repository_dir, given.by)
        else:
            plan = make_plan(values.repository_dir, store.read_now(read_approved))
            if given.patch and given.patch != "-":
                Path(given.patch).write_text(plan.diff, encoding="utf-8")
            else:
                sys.stdout.write(plan.diff)
    except (ExportRefused, ContentError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        store.close()
    sys.stderr.write(_summary(plan, done=given.write))
    return 0


def _summary(plan: Plan, *, done: bool) -> str:
    verb = "were written" if done else "can be exported"
    lines = [f"{len(plan.taken)} corrections {verb}, {len(plan.left)} are left out."]
    lines += [f"- {left.correction.public_id}: {left.why}" for left in plan.left]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
