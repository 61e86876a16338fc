"""Proposed by one, decided by another; two at once notice each other."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.corrections.decisions import (
    NotPossible,
    Person,
    Proposal,
    decide,
    propose,
    set_destination,
    withdraw,
)
from helpline.store.correction_models import APPROVED, CLARIFY, TEST, Correction
from helpline.store.database import Store
from helpline.store.models import AuditEntry, Conversation
from tests.staff.corrections import approved, ask, correct, people, states


@pytest.fixture
def store(either: Store) -> Store:
    return either


@pytest.fixture
def staff(store: Store) -> dict[str, Person]:
    return store.write_now(people)


def test_from_proposal_to_approval(store: Store, staff: dict[str, Person]) -> None:
    conversation = store.write_now(ask, "why does it creep so")
    row = store.write_now(correct, staff["rita"], conversation, "symptom_fatigue")
    for person, why in (("rita", "Only a lead"), ("lars", "a note")):
        with pytest.raises(NotPossible, match=why):
            store.write_now(decide, staff[person], row.public_id, 1, approve=False)
    store.write_now(decide, staff["lars"], row.public_id, 1, approve=False, note="ask 212-555-0187")
    assert states(store) == ["sent_back"]
    note = store.read_now(lambda session: session.scalar(select(Correction.note)))
    assert note == "ask [phone number]"
    again = store.write_now(correct, staff["rita"], conversation, "what_is_spms", seen=2)
    store.write_now(decide, staff["lena"], again.public_id, 3, approve=True, destination=TEST)
    assert states(store) == ["approved"]
    store.write_now(set_destination, again.public_id, 4, "training")
    store.write_now(withdraw, staff["rita"], again.public_id, 5)
    assert states(store) == ["withdrawn"]

    def audit(session: Session) -> list[tuple[str, str]]:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.actor, one.action) for one in rows if one.subject == conversation]

    assert store.read_now(audit) == [
        ("rita", "correction.proposed"),
        ("lars", "correction.sent_back"),
        ("rita", "correction.proposed"),
        ("lena", "correction.approved"),
        ("rita", "correction.withdrawn"),
    ]


def test_nobody_approves_their_own(store: Store, staff: dict[str, Person]) -> None:
    conversation = store.write_now(ask, "why does it creep so")
    row = store.write_now(correct, staff["lena"], conversation, "symptom_fatigue")
    with pytest.raises(NotPossible, match="another lead has to look"):
        store.write_now(decide, staff["lena"], row.public_id, 1, approve=True)
    store.write_now(decide, staff["lars"], row.public_id, 1, approve=True)
    assert states(store) == [APPROVED]


def test_two_at_once(store: Store, staff: dict[str, Person]) -> None:
    conversation = store.write_now(ask, "why does it creep so")
    store.write_now(correct, staff["rita"], conversation, "symptom_fatigue")
    with pytest.raises(NotPossible, match="rita has worked on this correction meanwhile"):
        store.write_now(correct, staff["lena"], conversation, "what_is_spms")
    row = store.write_now(correct, staff["lena"], conversation, "what_is_spms", seen=1)
    with pytest.raises(NotPossible, match="changed this correction meanwhile"):
        store.write_now(decide, staff["lars"], row.public_id, 1, approve=True)
    assert states(store) == ["proposed"]


def test_what_is_not_possible(store: Store, staff: dict[str, Person]) -> None:
    conversation = store.write_now(approved, staff, "why does it creep so", "symptom_fatigue")

    def say(turn: int, said: Proposal) -> None:
        def work(session: Session) -> None:
            row = session.scalars(
                select(Conversation).where(Conversation.public_id == conversation)
            ).one()
            propose(session, staff["rita"], row, turn, said, 0)

        store.write_now(work)

    with pytest.raises(NotPossible, match="no words of the visitor"):
        say(7, Proposal(CLARIFY, None))
    with pytest.raises(NotPossible, match="Choose what"):
        say(1, Proposal("intent", None))
    with pytest.raises(NotPossible, match="was erased"):
        store.write_now(withdraw, staff["rita"], "0" * 32, 1)
