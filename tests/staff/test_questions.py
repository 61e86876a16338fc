"""Unknown questions: grouped by the bot's own embedding, corrected as a group, noted as ideas."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.corrections.decisions import NotPossible, Person, Proposal
from helpline.learning import questions
from helpline.learning.grouping import Grouper
from helpline.staff import accounts
from helpline.store.base import utc_now
from helpline.store.correction_models import INTENT, Correction
from helpline.store.database import Store
from helpline.store.models import VISITOR, Flag, Message
from helpline.store.question_models import QuestionGroups
from tests.factories import fill
from tests.staff.running import Browser, StaffProcess, text_of

TEXTS = [
    "can I fly with ms",
    "is horse riding good for balance",
    "are flights safe for people with ms",
    "is it safe to fly if I have ms",
    "does horseback riding help balance",
]


@pytest.fixture
def asked(store: Store) -> Store:
    """A store in which these five were not understood."""
    fill(store.engine, len(TEXTS), days=0, turns=[1], until=utc_now())

    def rewrite(session: Session) -> None:
        session.execute(update(Flag).values(name="handoff"))
        messages = session.scalars(
            select(Message).where(Message.author == VISITOR).order_by(Message.id)
        ).all()
        for message, text in zip(messages, TEXTS, strict=True):
            message.text, message.chosen = text, False
            flag = session.scalars(select(Flag).where(Flag.message_id == message.id)).first()
            if flag is None:
                flag = Flag(
                    message_id=message.id, conversation_id=message.conversation_id, at=message.at
                )
                session.add(flag)
            flag.name = "not_understood"

    store.write_now(rewrite)
    return store


def texts_of(store: Store) -> list[list[str]]:
    return [
        sorted(one.text for one in group.questions)
        for group in store.read_now(questions.read_groups)[1]
    ]


async def test_groups_are_sized_named_and_corrected_as_a_whole(
    asked: Store, tmp_path: Path
) -> None:
    grouper = Grouper(asked, tmp_path)
    await grouper.run_once()
    assert asked.read_now(questions.read_groups) == (None, [])
    asked.write_now(questions.ask_grouping)
    await grouper.run_once()
    flying, riding = asked.read_now(questions.read_groups)[1]
    assert sorted(one.text for one in flying.questions) == sorted(TEXTS[n] for n in (0, 2, 3))
    assert sorted(one.text for one in riding.questions) == sorted(TEXTS[n] for n in (1, 4))
    assert sum(flying.kinds.values()) == 3
    kept = asked.read_now(lambda session: session.get_one(QuestionGroups, 1))
    assert kept.made_at is not None and kept.asked_at is None
    assert not any(text in str(kept.groups) for text in TEXTS)
    assert not list((tmp_path / "learning").iterdir())

    user = asked.write_now(accounts.create, "rita", "reviewer", "no hash")
    rita = Person(user.id, "rita", is_lead=False)
    keys = [one.key for one in flying.questions]
    said = Proposal(INTENT, "what_is_spms")
    assert asked.write_now(questions.correct_group, rita, keys, said) == 3
    proposed = asked.read_now(lambda session: session.scalars(select(Correction)).all())
    assert {(one.state, one.intent) for one in proposed} == {("proposed", "what_is_spms")}
    assert texts_of(asked) == [sorted(one.text for one in riding.questions)]
    with pytest.raises(NotPossible, match="meanwhile"):
        asked.write_now(questions.correct_group, rita, keys, said)

    asked.write_now(lambda session: session.execute(update(Message).values(text=None)))
    assert texts_of(asked) == []


async def test_a_failure_is_told(
    asked: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.learning.jobs.python_of", lambda _name: Path("/bin/false"))
    asked.write_now(questions.ask_grouping)
    await Grouper(asked, tmp_path).run_once()
    kept = asked.read_now(lambda session: session.get_one(QuestionGroups, 1))
    assert kept.problem is not None and "status 1" in kept.problem
    assert kept.asked_at is None


async def test_taking_too_long_is_told(
    asked: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"
    slow.write_text('#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n')
    slow.chmod(0o755)
    monkeypatch.setattr("helpline.learning.jobs.python_of", lambda _name: slow)
    monkeypatch.setattr("helpline.learning.grouping.WITHIN_SECONDS", 0.0)
    asked.write_now(questions.ask_grouping)
    await Grouper(asked, tmp_path).run_once()
    kept = asked.read_now(lambda session: session.get_one(QuestionGroups, 1))
    assert kept.problem is not None and "too long" in kept.problem
    pid = int((tmp_path / "slow.pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_ideas_are_taken_by_one(store: Store) -> None:
    def titles() -> list[str]:
        return [idea.title for idea in store.read_now(questions.read_ideas)]

    small = store.write_now(questions.note_idea, "Horse riding", 2, "rita")
    store.write_now(questions.note_idea, " Flying; call 212-555-0187 ", 7, "rita")
    assert titles()[1] == "Horse riding" and "212-555" not in titles()[0]
    with pytest.raises(NotPossible, match="own"):
        store.write_now(questions.note_idea, " ", 1, "rita")
    with pytest.raises(NotPossible, match="200"):
        store.write_now(questions.note_idea, "x" * 201, 1, "rita")
    store.write_now(questions.take_idea, small.id, "lena", done=False)
    with pytest.raises(NotPossible, match="lena writes"):
        store.write_now(questions.take_idea, small.id, "rita", done=True)
    store.write_now(questions.take_idea, small.id, "lena", done=True)
    assert len(titles()) == 1
    with pytest.raises(NotPossible, match="done already"):
        store.write_now(questions.take_idea, small.id, "lena", done=True)


def test_the_page(console: StaffProcess, rita: Browser) -> None:
    assert "Unknown questions" in text_of(rita.get("/questions"))
    answer = rita.post("/questions/ideas", {"title": "Flying with MS", "size": "3"})
    assert answer.status_code == 303
    shown = text_of(rita.get("/questions?done=noted"))
    assert "Flying with MS" in shown and "3 messages" in shown and "The idea is noted." in shown
    refused = rita.post("/questions/correct", {"messages": "1", "said": "no_such_topic"})
    assert refused.status_code == 409
    assert "none of them" in text_of(refused)
