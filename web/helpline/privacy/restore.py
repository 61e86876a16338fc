"""Brings a copy of the store back, without what was erased since it was made.

`python -m helpline.privacy.restore FILE --by NAME` (`make restore`). A copy knows nothing of the
conversations that visitors and staff erased after it, nor that text has grown too old: both are
erased again before anybody reads it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from helpline.privacy.erasure import erase_by_id
from helpline.privacy.retention import erase_old_text
from helpline.store.backup import BackupError, bring_back
from helpline.store.base import utc_now
from helpline.store.conversations import ERASED
from helpline.store.database import Store
from helpline.store.models import AuditEntry
from settings import Settings

RESTORED = "store.restored"


@dataclass(frozen=True)
class Restored:
    """What was erased again: conversations, and messages past their retention."""

    conversations: int
    texts: int


def restore(settings: Settings, file: Path, by: str, *, store_is_lost: bool = False) -> Restored:
    """Put the copy in `file` in the place of the store.

    Args:
        settings: names the store, and how long text may be kept.
        file: a copy made by `helpline.store.backup`.
        by: who does it, for the audit log.
        store_is_lost: go on when the store of today cannot tell what was erased since.

    Raises:
        BackupError: nothing was changed; the message says what to do.
        SQLAlchemyError: the database cannot be used.
    """
    erased = [] if store_is_lost else _erased_until_now(settings.database_url)
    bring_back(settings.database_url, file)
    store = Store(settings.database_url)
    try:
        asyncio.run(store.migrate())
        again = store.write_now(_erase_again, erased, by, file.name)
        old = asyncio.run(
            erase_old_text(store, settings.retention_days, settings.conversation_hours)
        )
        store.forget_erased_now()
    finally:
        store.close()
    return Restored(again, old.texts)


def _erased_until_now(database_url: str) -> list[str]:
    store = Store(database_url)
    try:
        return store.read_now(_erased_ids)
    except SQLAlchemyError:
        raise BackupError(
            "The store of today cannot be read, so nobody knows which conversations were erased "
            "since the copy was made; they would come back. If the store is lost, say so: "
            "make restore FILE=... BY=... LOST=yes. Nothing was changed."
        ) from None
    finally:
        store.close()


def _erased_ids(session: Session) -> list[str]:
    found = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == ERASED))
    return [subject for subject in found if subject]


def _erase_again(session: Session, erased: list[str], by: str, file: str) -> int:
    again = sum(erase_by_id(session, public_id, by) is not None for public_id in erased)
    session.add(
        AuditEntry(
            at=utc_now(),
            actor=by,
            action=RESTORED,
            subject=None,
            details={"file": file, "erased_again": again},
        )
    )
    return again


def main(arguments: list[str] | None = None) -> int:
    """Restore the store of DATABASE_URL; return 1 when that did not work."""
    import settings

    parser = argparse.ArgumentParser(description="Bring a copy of the store back.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--by", required=True, help="who does it, for the audit log")
    parser.add_argument("--store-is-lost", action="store_true")
    given = parser.parse_args(arguments)
    if not given.by.strip() or given.file == Path():
        sys.stderr.write('Say which copy, and who you are: make restore FILE="name" BY=you.\n')
        return 2
    try:
        done = restore(
            settings.load(), given.file, given.by.strip(), store_is_lost=given.store_is_lost
        )
    except BackupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"The store is as it was in {given.file}. Erased again: {done.conversations} conversations "
        f"that were erased since, and the text of {done.texts} messages that grew too old.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
