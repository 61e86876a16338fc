"""Queues: what gets in, what takes it out, and that the number beside a queue is its length."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.staff import inbox, queues, review
from helpline.staff.accounts import create
from helpline.staff.filters import Filters
from helpline.staff.review import Mark
from helpline.staff.sessions import SignedIn
from helpline.store.conversations import open_conversation, rate
from helpline.store.database import Store
from helpline.store.models import LATER, NEW, REVIEWED, Conversation, Flag
from helpline.store.turns import Turn, TurnRequest, begin_turn, finish_turn
from tests.factories import fill
from tests.staff.test_inbox import review_some

MESSAGE: dict[str, Any] = {
    "kind": "answer",
    "topic": None,
    "text": "An answer",
    "answer": "utter_x",
    "links": [],
    "sources": [],
    "checked_on": None,
    "choices": [],
    "contact": None,
}


def turn(session: Session, token: str, text: str, *flags: str) -> str:
    """Have a visitor say something; return the answer's id."""
    request = TurnRequest(token, None, "", text, None, (), 60, 24)
    begun = begin_turn(session, request)
    assert isinstance(begun, Turn)
    [shown] = finish_turn(session, begun, [MESSAGE], {"confidence": 0.9}, flags)
    return str(shown["id"])


def begin(store: Store) -> None:
    store.write_now(open_conversation, "0" * 32, "token", MESSAGE, 24)


def staff_member(session: Session, name: str = "rita") -> SignedIn:
    user = create(session, name, "reviewer", "no hash")
    session.flush()
    return SignedIn(user.id, user.name, user.role, True, "", None, False)


def mark(session: Session, staff: SignedIn, state: str, turns: int) -> None:
    conversation = session.scalars(select(Conversation)).one()
    review.mark(session, staff, conversation, Mark(state, turns, "", force=True))


def waiting(store: Store) -> set[str]:
    """Return the queues that hold the one conversation, by count and by list alike."""
    counted = {name for name, count in store.read_now(queues.counts).items() if count}
    listed = {
        name for name in queues.NAMES if store.read_now(inbox.list_page, Filters(queue=name)).rows
    }
    assert counted == listed
    return counted


def test_a_conversation_waits_until_it_was_reviewed(either: Store) -> None:
    begin(either)
    assert waiting(either) == set(), "nobody has written yet"
    either.write_now(turn, "token", "I give up", "crisis")
    assert waiting(either) == {"unreviewed", "crisis"}
    rita = either.write_now(staff_member)
    either.write_now(mark, rita, REVIEWED, 1)
    assert waiting(either) == set()
    either.write_now(mark, rita, NEW, 1)
    assert waiting(either) == {"unreviewed", "crisis"}
    either.write_now(mark, rita, LATER, 1)
    assert waiting(either) == {"later"}


@pytest.mark.parametrize("flag", ["crisis", "emergency", "abuse"])
def test_all_that_is_urgent_is_in_one_queue(store: Store, flag: str) -> None:
    begin(store)
    store.write_now(turn, "token", "help", flag)
    assert waiting(store) == {"unreviewed", "crisis"}


def test_what_comes_after_the_review_waits_again_and_alone(either: Store) -> None:
    begin(either)
    either.write_now(turn, "token", "I give up", "crisis")
    rita = either.write_now(staff_member)
    either.write_now(mark, rita, REVIEWED, 1)
    either.write_now(turn, "token", "a person please", "handoff")
    assert waiting(either) == {"unreviewed", "handoff"}


def test_a_turn_that_the_reviewer_was_not_shown_goes_on_waiting(either: Store) -> None:
    begin(either)
    either.write_now(turn, "token", "a person please", "handoff")
    either.write_now(turn, "token", "I give up", "crisis")
    either.write_now(mark, either.write_now(staff_member), REVIEWED, 1)
    assert waiting(either) == {"unreviewed", "crisis"}


def test_a_crisis_surfaces_in_what_was_put_off(either: Store) -> None:
    begin(either)
    either.write_now(turn, "token", "hello")
    either.write_now(mark, either.write_now(staff_member), LATER, 1)
    either.write_now(turn, "token", "I give up", "crisis")
    assert waiting(either) == {"later", "crisis"}


def test_a_thumbs_down_after_the_review_waits(either: Store) -> None:
    begin(either)
    answer = either.write_now(turn, "token", "hello")
    either.write_now(mark, either.write_now(staff_member), REVIEWED, 1)
    either.write_now(rate, "token", answer, False, None)
    assert waiting(either) == {"unreviewed", "thumbs_down"}
    either.write_now(rate, "token", answer, True, None)
    assert waiting(either) == {"unreviewed"}


def test_the_counts_are_the_lengths_of_the_lists(either: Store) -> None:
    fill(either.engine, 120, seed=9)
    either.write_now(review_some)
    for name, count in either.read_now(queues.counts).items():
        page = either.read_now(inbox.list_page, Filters(queue=name), size=500)
        assert len(page.rows) == count, name
    assert sum(either.read_now(queues.counts).values()) > 50


def test_a_count_stops_at_its_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store.engine, 30, turns=[1])
    monkeypatch.setattr(queues, "MOST", 12)
    assert store.read_now(queues.counts)["unreviewed"] == 12


def test_the_first_message_that_waits_is_shown_in_its_queue(store: Store) -> None:
    begin(store)
    store.write_now(turn, "token", "hello")
    store.write_now(turn, "token", "nonsense", "not_understood")
    [row] = store.read_now(inbox.list_page, Filters(queue="not_understood")).rows
    assert (row.match_turn, row.match_text) == (2, "nonsense")


def test_flags_of_a_later_version_do_not_stop_a_mark(store: Store) -> None:
    begin(store)
    store.write_now(turn, "token", "hello", "handoff")

    def rename(session: Session) -> None:
        session.execute(update(Flag).values(name="from_the_future"))

    store.write_now(rename)
    rita = store.write_now(staff_member)
    store.write_now(mark, rita, REVIEWED, 1)
    store.write_now(mark, rita, NEW, 1)
    assert waiting(store) == {"unreviewed"}
