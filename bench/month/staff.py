"""Two members of staff who know what each visitor meant, and work through the console's functions.

A reviewer opens every conversation, corrects what was misunderstood and marks it as reviewed; a
lead approves, exports, has a candidate trained and compared, and switches to it.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.month.messages import Asked
from helpline.corrections import decisions, export
from helpline.corrections.decisions import Person
from helpline.learning import requests
from helpline.learning.comparison import Comparison
from helpline.learning.in_use import model_in_use
from helpline.staff import accounts, correcting, review, transcript
from helpline.staff.sessions import SignedIn
from helpline.store.correction_models import PROPOSED, Correction
from helpline.store.database import Store
from helpline.store.learning_models import DONE, ModelSwitch, TrainingRun
from helpline.store.models import REVIEWED
from helpline.store.staff_models import LEAD, REVIEWER

LOOK_EVERY_SECONDS = 2.0
TELL_EVERY_SECONDS = 30.0
# Training, comparing or switching on a busy machine
PATIENCE_SECONDS = 3600.0


@dataclasses.dataclass(frozen=True)
class Reviewed:
    """What a reviewer saw of one message, and did.

    `flagged`: the bot itself had brought it into a queue. `by_key`: the right intent stood among
    the three that one press of a key picks. `useless` says why the words were not corrected.
    """

    asked: Asked
    text: str
    intent: str | None
    flagged: bool
    corrected: bool
    by_key: bool
    useless: str | None

    @property
    def is_right(self) -> bool:
        """Whether the bot understood what was meant."""
        return self.intent in self.asked.right


class NotDone(Exception):
    """A step of the loop failed; the message is what the console would show."""


class Staff:
    """The reviewer and the lead of one helpline."""

    def __init__(self, store: Store, checkout: Path, var_dir: Path) -> None:
        """Make their accounts; nobody signs in with them."""
        self._store = store
        self._checkout = checkout
        self._var_dir = var_dir
        self._reviewer = self._account("rosa", REVIEWER)
        self._lead = self._account("lara", LEAD)

    def _account(self, name: str, role: str) -> SignedIn:
        user = self._store.write_now(accounts.create, name, role, "no password")
        return SignedIn(user.id, name, role, True, "", None, False)

    def review(self, conversation: str, asked: Asked) -> Reviewed:
        """Open a conversation of one message, correct it if need be, and mark it as reviewed."""
        return self._store.write_now(self._review, conversation, asked)

    def _review(self, session: Session, public_id: str, asked: Asked) -> Reviewed:
        conversation = transcript.find(session, public_id, lock=True)
        assert conversation is not None  # noqa: S101  (it was opened a moment ago)
        shown = transcript.read(session, conversation)
        turn = next(one for one in shown.turns if one.number == 1)
        assert turn.question is not None  # noqa: S101
        seen = Reviewed(
            asked,
            turn.question.text or "",
            turn.insight.intent if turn.insight else None,
            flagged=not {"not_understood", "unsure", "error"}.isdisjoint(turn.flags),
            corrected=False,
            by_key=False,
            useless=None,
        )
        if not seen.is_right:
            seen = self._correct(session, shown, seen)
        mark = review.Mark(REVIEWED, conversation.turns, review.version_of(None))
        review.mark(session, self._reviewer, conversation, mark)
        return seen

    def _correct(self, session: Session, shown: transcript.Transcript, seen: Reviewed) -> Reviewed:
        form = correcting.read(session, shown, self._checkout, 1, None).form
        assert form is not None  # noqa: S101
        if form.useless is not None:
            return dataclasses.replace(seen, useless=form.useless)
        if seen.asked.intent in form.known:
            return dataclasses.replace(seen, useless="These words are an example already.")
        said = correcting.read_said(seen.asked.intent, seen.intent)
        conversation = transcript.find(session, shown.public_id)
        assert conversation is not None  # noqa: S101
        decisions.propose(session, _person(self._reviewer), conversation, 1, said, form.seen)
        by_key = seen.asked.intent in [option.intent for option in form.likely]
        return dataclasses.replace(seen, corrected=True, by_key=by_key)

    def approve_all(self) -> int:
        """Approve every proposal for training; return how many."""
        waiting = self._store.read_now(
            lambda session: session.execute(
                select(Correction.public_id, Correction.version).where(Correction.state == PROPOSED)
            ).all()
        )
        for public_id, version in waiting:
            self._store.write_now(
                decisions.decide, _person(self._lead), public_id, version, approve=True
            )
        return len(waiting)

    def export(self) -> tuple[int, list[str]]:
        """Write what is approved into the files; return how many lines, and why others stay."""
        plan = export.write_files(self._store, self._checkout, self._lead.name)
        return len(plan.taken), [left.why for left in plan.left]

    def train(self) -> tuple[TrainingRun, Comparison]:
        """Have a candidate trained and compared; return the run and what came out.

        Raises:
            NotDone: it failed.
        """
        asked = self._store.write_now(requests.ask_training, self._lead.name)
        self._wait(self._training_ended)
        run = self._store.read_now(lambda session: session.get_one(TrainingRun, asked.id))
        if run.state != DONE or run.comparison is None:
            raise NotDone(f"The candidate was not made: {run.problem}")
        return run, Comparison.from_json(run.comparison)

    def _training_ended(self) -> str | None:
        run = self._store.read_now(requests.running_run)
        return None if run is None else f"{run.state}: {run.step}, {run.percent} %"

    def switch(self, run: TrainingRun, reason: str) -> None:
        """Switch to a candidate.

        Raises:
            LearningRefused: it may not be switched to.
            NotDone: the switch failed; the model before it still answers.
        """
        in_use = model_in_use(self._var_dir).sha256
        asked = self._store.write_now(
            requests.ask_switch, run.public_id, reason, self._lead.name, in_use
        )
        self._wait(self._switch_ended)
        switch = self._store.read_now(lambda session: session.get_one(ModelSwitch, asked.id))
        if switch.state != DONE:
            raise NotDone(f"The models were not switched: {switch.problem}")

    def _switch_ended(self) -> str | None:
        switch = self._store.read_now(requests.running_switch)
        return None if switch is None else f"switching: {switch.state}"

    def _wait(self, going_on: Callable[[], str | None]) -> None:
        """Wait until `going_on` tells nothing any more.

        Raises:
            NotDone: that took too long.
        """
        started = told = time.monotonic()
        while (state := going_on()) is not None:
            now = time.monotonic()
            if now - started > PATIENCE_SECONDS:
                raise NotDone(f"It took too long: {state}")
            if now - told > TELL_EVERY_SECONDS:
                told = now
                print(f"[month]   {now - started:4.0f} s, {state}", flush=True)
            time.sleep(LOOK_EVERY_SECONDS)


def _person(staff: SignedIn) -> Person:
    return Person(staff.user_id, staff.name, staff.may_act_as(LEAD))
