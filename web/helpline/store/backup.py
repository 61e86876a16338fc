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
import tempfile
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
            _copy_postgresql(url, draft)
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
        _bring_back_postgresql(url, file)
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


def _copy_postgresql(url: URL, file: Path) -> None:
    done = subprocess.run(
        [_program("pg_dump"), _address(url), "--format=custom", "--no-owner", f"--file={file}"],
        env=_variables(url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")


def _bring_back_postgresql(url: URL, file: Path) -> None:
    """Empty the database and fill it from the copy, in one transaction.

    `pg_restore --clean` would drop what the copy has and no more: tables that came with a later
    version would stay, and the next upgrade fail at them.
    """
    read = [_program("pg_restore"), "--no-owner", "--file=-", str(file)]
    write = [_program("psql"), _address(url), "--no-psqlrc", "--quiet", "--single-transaction"]
    write += ["--set=ON_ERROR_STOP=1", "--file=-"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=said) as reading,
        subprocess.Popen(
            write,
            env=_variables(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as writing,
    ):
        assert reading.stdout is not None and writing.stdin is not None  # noqa: S101  (pipes)
        try:
            writing.stdin.write(_EMPTY.encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
        except BrokenPipeError:
            reading.kill()  # the database refused: nobody takes the rest
        if reading.wait():
            writing.kill()  # else it would take what came so far for the whole
        with contextlib.suppress(BrokenPipeError):
            writing.stdin.close()
        if writing.wait():
            said.seek(0)
            why = said.read().decode(errors="replace").strip()
            raise BackupError(f"The copy cannot be brought back, nothing was changed: {why}")


# The schema that our tables are in, with whatever is in it
_EMPTY = """
SET LOCAL client_min_messages = warning;
DO $$
DECLARE ours text := quote_ident(current_schema());
BEGIN
  EXECUTE 'DROP SCHEMA ' || ours || ' CASCADE';
  EXECUTE 'CREATE SCHEMA ' || ours;
  EXECUTE 'GRANT USAGE ON SCHEMA ' || ours || ' TO PUBLIC';
END $$;
"""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(f"{name} is missing. On Debian: apt-get install postgresql-client")
    return found


def _address(url: URL) -> str:
    bare = url.set(drivername="postgresql", password=None).render_as_string()
    return f"--dbname={bare}"


def _variables(url: URL) -> dict[str, str] | None:
    """The password goes through the environment: everybody can read a command line."""
    return {**os.environ, "PGPASSWORD": str(url.password)} if url.password else None


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
