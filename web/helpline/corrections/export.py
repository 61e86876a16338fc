"""Writes approved corrections into the files, all of them or none; or hands them out as a patch.

The files are made ready beside those in use first. So a full disk, a training run or a changed
file is noticed while nothing has happened yet, and every correction stays approved.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from content.data_lock import DataBusy, hold_data
from helpline.corrections.plan import Approved, Change, Plan, make_plan
from helpline.corrections.wording import as_example
from helpline.store.base import utc_now
from helpline.store.correction_models import APPROVED, EXPORTED, Correction
from helpline.store.database import Store
from helpline.store.models import AuditEntry, Message, Understanding

WRITTEN = "corrections.exported"
TAKEN = "corrections.taken_as_patch"
# Corrections that one export takes; the rest waits for the next.
MOST = 500


class ExportRefused(Exception):
    """Nothing was written, and every correction stays as it was; the message says what to do."""


def read_approved(session: Session) -> list[Approved]:
    """Return the approved corrections that can be examples, the oldest first."""
    rows = session.execute(
        select(Correction, Message.text, Understanding.intent)
        .join(Message, Message.id == Correction.message_id)
        .outerjoin(Understanding, Understanding.message_id == Correction.message_id)
        .where(Correction.state == APPROVED, Correction.intent.is_not(None))
        .order_by(Correction.id)
        .limit(MOST)
    )
    return [
        Approved(
            id=row.id,
            public_id=row.public_id,
            version=row.version,
            intent=row.intent or "",
            destination=row.destination,
            text=text,
            understood=understood,
            approved_at=row.decided_at or row.proposed_at,
        )
        for row, text, understood in rows
    ]


def can_write(root: Path) -> bool:
    """Say whether this process may write the training data below a checkout."""
    return all(os.access(root / one, os.W_OK) for one in ("data/nlu", "tests/nlu", "knowledge"))


def write_files(store: Store, root: Path, by: str, fingerprint: str | None = None) -> Plan:
    """Write the approved corrections into the files, and note that they are exported.

    Args:
        store: where the corrections are.
        root: the checkout with the files.
        by: who exports, for the audit log.
        fingerprint: of the plan that was looked at; None takes whatever is approved now.

    Raises:
        ExportRefused: nothing was written; the message says why.
        ContentError: a file cannot be used; nothing was written.
        SQLAlchemyError: the store cannot be used. The files may be written: the next export then
            finds the lines there and only notes that they are.
    """
    try:
        with hold_data("corrections are being exported", root):
            plan = make_plan(root, store.read_now(read_approved))
            if fingerprint is not None and plan.fingerprint != fingerprint:
                raise ExportRefused(
                    "Corrections or files have changed since this preview. Nothing was written. "
                    "Look at the new preview below, then export again."
                )
            with _ready(root, plan.changes) as drafts:
                store.write_now(_put_in_place, plan, drafts, by)
            return plan
    except DataBusy as busy:
        raise ExportRefused(
            f"Nothing was written, because right now {busy}. The corrections stay approved: "
            "try again in a minute."
        ) from busy
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "the disk is full" if full else f"a file cannot be written ({error.strerror})"
        advice = "Make room, then export again" if full else "Put that right, or download the patch"
        raise ExportRefused(
            f"Nothing was written: {what}. The corrections stay approved. {advice}."
        ) from error


def note_taken(store: Store, root: Path, by: str, fingerprint: str) -> Plan:
    """Note that somebody has taken the patch, so that its corrections count as exported.

    Raises:
        ExportRefused: what is approved now is not what the patch held.
        ContentError: a file cannot be used.
        SQLAlchemyError: the store cannot be used; nothing was noted.
    """
    plan = make_plan(root, store.read_now(read_approved))
    if plan.fingerprint != fingerprint:
        raise ExportRefused(
            "Corrections or files have changed since this patch was made, so nothing was noted. "
            "If you have applied it here, its lines are found in the files. "
            "Otherwise download the new patch."
        )
    store.write_now(_note, plan, by, TAKEN)
    return plan


@dataclass(frozen=True)
class _Draft:
    draft: Path
    target: Path


@contextmanager
def _ready(root: Path, changes: Sequence[Change]) -> Iterator[list[_Draft]]:
    """Write each file beside the one in use; what was not put in place is removed again."""
    drafts: list[_Draft] = []
    try:
        for change in changes:
            target = root / change.path
            descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            drafts.append(_Draft(Path(name), target))
            with os.fdopen(descriptor, "wb") as file:
                file.write(change.after.encode())
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o644)
            if change.before is not None and target.read_bytes() != change.before.encode():
                raise ExportRefused(
                    f"{change.path} was changed at this very moment. Nothing was written: "
                    "look at the new preview, then export again."
                )
        yield drafts
    finally:
        for one in drafts:
            one.draft.unlink(missing_ok=True)


def _put_in_place(session: Session, plan: Plan, drafts: Sequence[_Draft], by: str) -> None:
    _note(session, plan, by, WRITTEN)
    for one in drafts:
        os.replace(one.draft, one.target)


def _note(session: Session, plan: Plan, by: str, action: str) -> None:
    """Mark what the plan takes as exported; whoever erases or changes one now waits, or was first.

    Raises:
        ExportRefused: one of them was erased or changed since the plan was made.
    """
    there = [left.correction for left in plan.left if left.there]
    wanted = {one.id: one for one in (*plan.taken, *there)}
    rows = session.execute(
        select(Correction.id, Correction.version, Message.text)
        .join(Message, Message.id == Correction.message_id)
        .where(Correction.id.in_(wanted), Correction.state == APPROVED)
        .with_for_update()
    ).all()
    kept = {
        key
        for key, version, text in rows
        if text is not None
        and version == wanted[key].version
        and as_example(text) == wanted[key].line
    }
    if kept != set(wanted):
        raise ExportRefused(
            "One of these corrections was erased or changed at this very moment. Nothing was "
            "written: look at the new preview, then export again."
        )
    if not wanted:
        return
    now = utc_now()
    session.execute(
        update(Correction)
        .where(Correction.id.in_(wanted))
        .values(state=EXPORTED, exported_at=now, version=Correction.version + 1)
    )
    session.add(
        AuditEntry(
            at=now,
            actor=by,
            action=action,
            subject=None,
            details={
                "lines": len(plan.taken),
                "there_already": len(there),
                "files": [change.path for change in plan.changes],
                "corrections": [one.public_id for one in plan.taken],
            },
        )
    )
    session.flush()
