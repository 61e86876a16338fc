"""The comparison with the store finds what it is there to find."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bench.scale.ledger import compare
from bench.scale.visitors import Sent, Talk
from helpline.chat import written
from helpline.store.conversations import open_conversation
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.turns import Turn, TurnRequest, begin_turn, finish_turn

KEYS = ("first", "second")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    own = Store(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(own.engine)
    yield own
    own.close()


@pytest.fixture
def talk(store: Store) -> Talk:
    """A conversation of two messages, as the store has it."""
    store.write_now(open_conversation, "talk", "hash", written.greeting(90), 24)
    talk = Talk("talk", "token")
    for key in KEYS:
        talk.sent.append(Sent(key, {"text": "hello"}, 0.0, answer=_answer(store, key)))
    return talk


def _answer(store: Store, key: str) -> list[dict[str, Any]]:
    request = TurnRequest("hash", key, "body", "hello", None, (), 15, 24)
    turn = store.write_now(begin_turn, request)
    assert isinstance(turn, Turn)
    return store.write_now(finish_turn, turn, [written.unavailable()], {}, [])


def _do(store: Store, statement: str) -> None:
    with store.engine.execution_options(writes=True).connect() as connection, connection.begin():
        connection.execute(text(statement))


def test_nothing_is_wrong(store: Store, talk: Talk) -> None:
    found = compare(store, [talk])
    assert (found.faults, found.acknowledged, found.rows) == ([], 2, 5)


def test_a_lost_message(store: Store, talk: Talk) -> None:
    _do(store, "DELETE FROM idempotent_request WHERE key = 'second'")
    assert "not in the store" in compare(store, [talk]).lost[0]


def test_a_lost_answer(store: Store, talk: Talk) -> None:
    _do(store, "DELETE FROM message WHERE author = 'bot' AND turn = 2")
    assert "of the answer" in compare(store, [talk]).lost[0]


def test_a_lost_conversation(store: Store) -> None:
    assert compare(store, [Talk("another", "token")]).lost


def test_a_message_that_was_answered_twice(store: Store, talk: Talk) -> None:
    _do(
        store,
        "INSERT INTO message (public_id, conversation_id, turn, author, at, text, chosen, kind) "
        "SELECT 'again', conversation_id, turn, author, at, text, chosen, kind FROM message "
        "WHERE author = 'bot' AND turn = 2",
    )
    assert "was answered with" in compare(store, [talk]).doubled[0]


def test_a_message_that_ran_twice(store: Store, talk: Talk) -> None:
    _answer(store, "again")
    assert "nobody sent" in compare(store, [talk]).doubled[0]


def test_what_was_erased_is_gone(store: Store, talk: Talk) -> None:
    erased = copy.copy(talk)
    erased.erased = True
    assert "still there" in compare(store, [erased]).doubled[0]
