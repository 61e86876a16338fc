"""Copies the whole store into one file, while the helpline runs, and back.

`python -m helpline.store.backup FILE` makes a copy (`make backup`). Bringing one back is more than
copying, see helpline.privacy.restore.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import URL

from helpline.store.engine import SQLITE_BUSY_MILLISECONDS, read_url

_SQLITE_FILE = b"SQLite format 3\0"
_POSTGRESQL_FILE = b"PGDMP"


class BackupError(Exception):
    """A copy could not be made or brought back; the message says what to do."""


def save(database_url: str, file: Path) -> None:
    """Copy the store into `file`, as it is at one moment; only its owner may read it.

    The file is there whole or not at all.

    Raises:
        BackupError: the file exists, the database cannot be read, or there is no room.
    """
    if file.exists():
        raise BackupError(f"{file} exists already: choose another name, so that nothing is lost.")
    url = read_url(database_url)
    draft = file.with_name(f".{file.name}.part")
    try:
        # Made before anything is written, so that nobody else can open it meanwhile
        draft.touch(mode=0o600)
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(_sqlite_file(url), draft)
        else:
            _run_postgresql("pg_dump", url, "--format=custom", "--no-owner", f"--file={draft}")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The store could not be copied to {file}: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)


def bring_back(database_url: str, file: Path) -> None:
    """Put the copy in `file` in the place of the store, whole or not at all.

    Processes that use the store wait meanwhile; afterwards they see the copy.

    Raises:
        BackupError: it is no copy of such a store, or the database refuses it.
    """
    url = read_url(database_url)
    try:
        with file.open("rb") as opened:
            begins = opened.read(len(_SQLITE_FILE))
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error}.") from error
    sqlite = url.get_backend_name() == "sqlite"
    if not begins.startswith(_SQLITE_FILE if sqlite else _POSTGRESQL_FILE):
        kind = "an SQLite" if sqlite else "a PostgreSQL"
        raise BackupError(f"{file} is no copy of {kind} store, which DATABASE_URL names.")
    if not sqlite:
        _run_postgresql(
            "pg_restore",
            url,
            *("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"),
            str(file),
        )
        return
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BackupError(f"{file} is damaged: use another copy. The store was left alone.")
        _copy_sqlite(file, _sqlite_file(url))
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"The copy could not be brought back: {error}.") from error


def _sqlite_file(url: URL) -> Path:
    if not url.database:
        raise BackupError("DATABASE_URL names no file: there is nothing to copy.")
    return Path(url.database)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy by SQLite's own backup, which sees one moment and takes the target's write lock."""
    with _opened(source, "ro") as read, _opened(target, "rwc") as written:
        read.backup(written)


@contextlib.contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.resolve().as_uri()}?mode={mode}"
    with contextlib.closing(
        sqlite3.connect(address, uri=True, timeout=SQLITE_BUSY_MILLISECONDS / 1000)
    ) as connection:
        yield connection


def _run_postgresql(program: str, url: URL, *arguments: str) -> None:
    if not shutil.which(program):
        raise BackupError(f"{program} is missing. On Debian: apt-get install postgresql-client")
    # The password goes through the environment: everybody can read a command line
    address = url.set(drivername="postgresql", password=None).render_as_string()
    variables = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else None
    done = subprocess.run(
        [program, f"--dbname={address}", *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program} failed, nothing was changed: {done.stderr.strip()}")


def main(arguments: list[str] | None = None) -> int:
    """Copy the store of DATABASE_URL; return 1 when that did not work."""
    import settings

    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1 or not given[0]:
        sys.stderr.write('Say where the copy goes: make backup FILE="name".\n')
        return 2
    file = Path(given[0])
    try:
        save(settings.load().database_url, file)
    except BackupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The store is copied to {file} ({file.stat().st_size:,} bytes).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
