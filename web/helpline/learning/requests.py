"""What staff ask of the learning loop: train, cancel, switch, undo. The worker does the rest.

Each function is one transaction's work; what was asked for is a row, so it outlives any process.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.learning.comparison import Comparison
from helpline.store.base import utc_now
from helpline.store.learning_models import ASKED, DONE, ModelSwitch, TrainingRun
from helpline.store.models import AuditEntry

TRAINING_ASKED = "model.training_asked"
TRAINING_CANCELLED = "model.training_cancelled"
SWITCH_ASKED = "model.switch_asked"
SWITCHED = "model.switched"
SWITCH_FAILED = "model.switch_failed"
LONGEST_REASON = 500


class LearningRefused(Exception):
    """What was asked for cannot be done; the message says why, and what to do."""


def running_run(session: Session, *, lock: bool = False) -> TrainingRun | None:
    """Return the run that has not ended, if there is one."""
    wanted = select(TrainingRun).where(TrainingRun.running.is_(True))
    return session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()


def running_switch(session: Session) -> ModelSwitch | None:
    """Return the switch that has not ended, if there is one."""
    return session.scalars(select(ModelSwitch).where(ModelSwitch.running.is_(True))).one_or_none()


def last_switch(session: Session) -> ModelSwitch | None:
    """Return the last switch that was done."""
    done = select(ModelSwitch).where(ModelSwitch.state == DONE)
    return session.scalars(done.order_by(ModelSwitch.id.desc()).limit(1)).one_or_none()


def find_run(session: Session, public_id: str) -> TrainingRun | None:
    """Return the run with this id."""
    return session.scalars(
        select(TrainingRun).where(TrainingRun.public_id == public_id)
    ).one_or_none()


def ask_training(session: Session, by: str) -> TrainingRun:
    """Ask for a candidate.

    Raises:
        LearningRefused: one is being trained.
    """
    if running_run(session) is not None:
        raise LearningRefused("A candidate is being trained already: wait for it, or cancel it.")
    run = TrainingRun(
        public_id=secrets.token_hex(16),
        state=ASKED,
        running=True,
        asked_by=by,
        asked_at=utc_now(),
        step="waiting to begin",
        percent=0,
    )
    session.add(run)
    _note(session, by, TRAINING_ASKED, run.public_id)
    session.flush()
    return run


def ask_cancel(session: Session, by: str) -> None:
    """Ask that the running training or comparison ends. The worker ends it within a second or two.

    Raises:
        LearningRefused: nothing runs.
    """
    run = running_run(session, lock=True)
    if run is None:
        raise LearningRefused("Nothing is being trained any more.")
    if run.cancelled_by is None:
        run.cancelled_by = by
        _note(session, by, TRAINING_CANCELLED, run.public_id)


def ask_switch(
    session: Session, public_id: str, reason: str, by: str, in_use_sha256: str
) -> ModelSwitch:
    """Ask that a candidate takes the place of the model in use.

    Raises:
        LearningRefused: it may not, or not now.
    """
    run = find_run(session, public_id)
    if run is None or run.state != DONE or run.sha256 is None or run.comparison is None:
        raise LearningRefused("This candidate was not compared to the end: train another.")
    compared = Comparison.from_json(run.comparison)
    if compared.is_refused:
        raise LearningRefused(compared.verdict)
    if compared.old_sha256 != in_use_sha256:
        raise LearningRefused(
            "It was compared with a model that is no longer in use: train another candidate."
        )
    return _ask(session, run.sha256, in_use_sha256, reason, by)


def ask_undo(session: Session, reason: str, by: str, in_use_sha256: str) -> ModelSwitch:
    """Ask that the model before the last switch comes back.

    Raises:
        LearningRefused: there was no switch, or its model is no longer in use.
    """
    last = last_switch(session)
    if last is None or last.sha256 != in_use_sha256:
        raise LearningRefused("There is no switch to undo: the model in use was not switched to.")
    return _ask(session, last.before_sha256, in_use_sha256, reason, by)


def _ask(session: Session, sha256: str, before: str, reason: str, by: str) -> ModelSwitch:
    reason = reason.strip()
    if not reason:
        raise LearningRefused("Say why: whoever reads the audit log needs to know.")
    if len(reason) > LONGEST_REASON:
        raise LearningRefused(f"The reason is too long: use at most {LONGEST_REASON} characters.")
    if sha256 == before:
        raise LearningRefused("This model is in use already.")
    if running_switch(session) is not None:
        raise LearningRefused("Models are being switched just now: wait until that is done.")
    switch = ModelSwitch(
        state=ASKED,
        running=True,
        asked_by=by,
        asked_at=utc_now(),
        reason=reason,
        sha256=sha256,
        before_sha256=before,
    )
    session.add(switch)
    _note(session, by, SWITCH_ASKED, sha256, {"reason": reason, "before": before})
    session.flush()
    return switch


def finish_switch(session: Session, switch_id: int, problem: str | None) -> None:
    """Note how a switch ended; None: well."""
    switch = session.get_one(ModelSwitch, switch_id)
    switch.state = DONE if problem is None else "failed"
    switch.running, switch.finished_at, switch.problem = None, utc_now(), problem
    details = {"reason": switch.reason, "before": switch.before_sha256}
    if problem is not None:
        details["problem"] = problem
    action = SWITCHED if problem is None else SWITCH_FAILED
    _note(session, switch.asked_by, action, switch.sha256, details)


def _note(
    session: Session, by: str, action: str, subject: str, details: dict[str, str] | None = None
) -> None:
    session.add(AuditEntry(at=utc_now(), actor=by, action=action, subject=subject, details=details))
