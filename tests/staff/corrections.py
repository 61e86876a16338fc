"""A small checkout, conversations whose words a test chooses, and the steps of a correction."""

from __future__ import annotations

import secrets
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.corrections.decisions import Person, Proposal, decide, propose
from helpline.staff import accounts, sessions
from helpline.store.base import utc_now
from helpline.store.correction_models import GOOD, INTENT, TRAINING, Correction
from helpline.store.database import Store
from helpline.store.models import BOT, VISITOR, Conversation, Flag, Message, Understanding
from tests.staff.running import Browser, StaffProcess
from tests.web.running import ROOT

ABOUT = """\
# Training examples: about SPMS.
version: "3.1"

nlu:
- intent: what_is_spms
  examples: |
    - what does spms actually stand for
    - SPMS meaning

# Kept apart on purpose.
- intent: prognosis_life_expectancy
  examples: |
    - will I need a wheelchair
"""
SYMPTOMS = """\
version: "3.1"
nlu:
  - intent: "symptom_fatigue"
    examples: |
      - why am i so tired
  - synonym: siponimod
    examples: |
      - mayzent
"""
TESTS = """\
version: "3.1"

nlu:
- intent: what_is_spms
  examples: |
    - Secondary Progressive, what is it
"""


def small_checkout(folder: Path) -> Path:
    """Write a checkout with a handful of examples; knowledge and answers are the real ones."""
    for path, text in (
        ("data/nlu/about_spms.yml", ABOUT),
        ("data/nlu/symptoms.yml", SYMPTOMS),
        ("tests/nlu/about_spms.yml", TESTS),
    ):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    shutil.copytree(ROOT / "knowledge", folder / "knowledge")
    shutil.copytree(ROOT / "data" / "responses", folder / "data" / "responses")
    (folder / "knowledge" / "corrections.yml").unlink(missing_ok=True)
    return folder


def contents(folder: Path) -> dict[str, str]:
    """Return the files that an export may touch, by their paths, drafts left behind included."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for part in ("data/nlu", "tests/nlu", "knowledge")
        for path in (folder / part).iterdir()
    }


def ask(session: Session, text: str, *others: str, intent: str = "what_is_spms") -> str:
    """Add a conversation with a turn for each text; return its public id."""
    now = utc_now()
    conversation = Conversation(
        public_id=secrets.token_hex(16),
        token_hash=secrets.token_hex(32),
        created_at=now,
        last_message_at=now,
        expires_at=now + timedelta(days=1),
        turns=1 + len(others),
        messages=2 + 2 * len(others),
        lowest_confidence=0.4,
    )
    session.add(conversation)
    session.flush()
    for turn, words in enumerate((text, *others), start=1):
        question = _message(conversation.id, turn, VISITOR, words)
        session.add(question)
        session.flush()
        answer = _message(conversation.id, turn, BOT, "An answer.")
        answer.kind, answer.topic, answer.answer = "answer", intent, f"utter_{intent}"
        session.add_all(
            [
                answer,
                Understanding(
                    message_id=question.id,
                    conversation_id=conversation.id,
                    at=now,
                    kind="answer",
                    intent=intent,
                    confidence=0.4,
                    ranking=[
                        {"name": intent, "confidence": 0.4},
                        {"name": "symptom_fatigue", "confidence": 0.3},
                        {"name": "prognosis_life_expectancy", "confidence": 0.2},
                    ],
                ),
                Flag(
                    message_id=question.id,
                    conversation_id=conversation.id,
                    at=now,
                    name="not_understood",
                ),
            ]
        )
    session.flush()
    return conversation.public_id


def _message(conversation: int, turn: int, author: str, text: str) -> Message:
    return Message(
        public_id=secrets.token_hex(16),
        conversation_id=conversation,
        turn=turn,
        author=author,
        at=utc_now(),
        text=text,
    )


def people(session: Session) -> dict[str, Person]:
    """Make a reviewer and two leads, who cannot sign in."""
    return {
        name: Person(
            accounts.create(session, name, role, "no password").id, name, is_lead=role == "lead"
        )
        for name, role in (("rita", "reviewer"), ("lena", "lead"), ("lars", "lead"))
    }


def approved(
    session: Session, staff: dict[str, Person], text: str, intent: str, into: str = TRAINING
) -> str:
    """Add a message that rita corrected and lena approved; return the id of its conversation."""
    public_id = ask(session, text)
    row = correct(session, staff["rita"], public_id, intent)
    decide(session, staff["lena"], row.public_id, row.version, approve=True, destination=into)
    return public_id


def correct(
    session: Session, by: Person, public_id: str, intent: str, turn: int = 1, seen: int = 0
) -> Correction:
    conversation = session.scalars(
        select(Conversation).where(Conversation.public_id == public_id)
    ).one()
    verdict = GOOD if intent == "what_is_spms" else INTENT
    row = propose(session, by, conversation, turn, Proposal(verdict, intent), seen)
    session.flush()
    return row


def as_staff(console: StaffProcess, name: str) -> Browser:
    """Return a browser that is signed in: typing a password is slow on purpose."""

    def begin(session: Session) -> str:
        user = accounts.find(session, name)
        assert user is not None
        return sessions.start(session, user)

    return console.browser(Cookie=f"helpline_staff={console.store.write_now(begin)}")


def states(store: Store) -> list[str]:
    """Return the states of all corrections, in order."""
    return store.read_now(
        lambda session: list(session.scalars(select(Correction.state).order_by(Correction.id)))
    )
