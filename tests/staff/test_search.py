"""Full-text search: what is found, and that erased text is not, in both kinds of database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.privacy.erasure import erase_by_id
from helpline.privacy.retention import erase_batch
from helpline.staff import inbox
from helpline.staff.filters import Filters, read
from helpline.store import search
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.models import VISITOR, Conversation, Message
from tests.factories import fill
from tests.staff.running import Browser, StaffProcess, rows_of, text_of

TEXTS = (
    "My legs are so tired in the evenings",
    "Is walking getting worse? I can't tell",
    "what about Siponimod and my liver",
    "tiredness after walks, naïve question",
    "hello OR goodbye NOT near",
)


@pytest.fixture
def written(either: Store) -> Store:
    """Five conversations of two turns; the second message of each is one of TEXTS."""
    fill(either.engine, len(TEXTS), turns=[2])

    def write(session: Session) -> None:
        for number, text in enumerate(TEXTS, 1):
            session.execute(
                update(Message)
                .where(Message.conversation_id == number, Message.author == VISITOR)
                .where(Message.turn == 2)
                .values(text=text)
            )
            session.execute(
                update(Message)
                .where(Message.conversation_id == number, Message.author == VISITOR)
                .where(Message.turn == 1)
                .values(text="good morning")
            )

    either.write_now(write)
    return either


def found(store: Store, words: str) -> list[int]:
    return [row.id for row in store.read_now(inbox.list_page, Filters(words=words)).rows]


@pytest.mark.parametrize(
    ("words", "conversations"),
    [
        ("siponimod", [3]),
        ("SIPONIMOD liver", [3]),
        ("walk", [4, 2]),
        ("walking", [4, 2]),
        ("tired", [1]),
        ("tire*", [4, 1]),
        ('"tired in the evening"', [1]),
        ('"evening tired"', []),
        ("evening tired", [1]),
        ("good", [5, 4, 3, 2, 1]),
        # Words of two messages
        ("good siponimod", []),
        # No word is left out, none is an operator
        ("what", [3]),
        ("can't", [2]),
        ("or", [5]),
        ("hello NOT near", [5]),
        ("hello AND near", []),
        ('"unfinished quote', []),
        ("text:hello", []),
        ("(hello)", [5]),
        ("hello*", [5]),
        ("'; DROP TABLE message; --", []),
        ("bot", []),
    ],
)
def test_messages_are_found_by_their_words(
    written: Store, words: str, conversations: list[int]
) -> None:
    assert found(written, words) == conversations


def test_the_message_with_the_words_is_shown(written: Store) -> None:
    [row] = written.read_now(inbox.list_page, Filters(words="liver")).rows
    assert (row.match_turn, row.match_text) == (2, TEXTS[2])


def test_accents_do_not_matter_in_sqlite(written: Store) -> None:
    if written.engine.dialect.name == "sqlite":
        assert found(written, "naive") == [4]
    assert found(written, "naïve") == [4]


def test_an_erased_conversation_is_not_found(written: Store) -> None:
    def erase(session: Session) -> None:
        public_id = session.get_one(Conversation, 3).public_id
        assert erase_by_id(session, public_id, "lena") == 5

    written.write_now(erase)
    assert found(written, "siponimod") == []
    assert found(written, "good") == [5, 4, 2, 1]


def test_text_that_retention_erased_is_not_found(written: Store) -> None:
    def age(session: Session) -> None:
        then = utc_now() - timedelta(days=91)
        session.execute(update(Message).where(Message.conversation_id <= 3).values(at=then))
        session.execute(update(Message).where(Message.conversation_id > 3).values(at=utc_now()))

    written.write_now(age)
    assert written.write_now(erase_batch, 90, 24).texts == 15
    for word in ("tired", "walk", "siponimod"):
        assert all(number > 3 for number in found(written, word)), word
    assert found(written, "good") == [5, 4]
    assert written.read_now(lambda s: s.scalar(select(Message.text).limit(1))) is None


def test_a_text_that_changed_is_found_by_its_new_words_only(written: Store) -> None:
    def change(session: Session) -> None:
        session.execute(
            update(Message).where(Message.text == TEXTS[2]).values(text="about ocrelizumab")
        )

    written.write_now(change)
    assert found(written, "siponimod") == []
    assert found(written, "ocrelizumab") == [3]


def test_erased_words_are_in_no_file(store: Store, tmp_path: Path) -> None:
    """The index keeps what it forgets until it is merged; that must not be left to chance."""
    fill(store.engine, 40, turns=[3])
    word = b"xylophonist"

    def write(session: Session) -> str:
        session.execute(
            update(Message)
            .where(Message.conversation_id == 7, Message.author == VISITOR)
            .values(text=word.decode())
        )
        return session.get_one(Conversation, 7).public_id

    public_id = store.write_now(write)
    store.forget_erased_now()
    files = [path for path in tmp_path.iterdir() if path.name.startswith("own.db")]
    assert any(word in path.read_bytes() for path in files)
    store.write_now(erase_by_id, public_id, "lena")
    store.forget_erased_now()
    for path in tmp_path.iterdir():
        assert word not in path.read_bytes(), path.name


@pytest.mark.parametrize("typed", ["???", '""', "*", '" "'])
def test_a_search_without_a_word_is_explained(typed: str) -> None:
    assert read({"q": typed}).errors == {"q": "Write at least one word to search for."}


def test_terms_are_read_as_they_are_typed() -> None:
    terms = search.read_terms('one "two three" fou* "five s*')
    assert [(term.words, term.prefix) for term in terms] == [
        (("one",), False),
        (("two", "three"), False),
        (("fou",), True),
        (("five", "s"), True),
    ]


def test_the_page_searches_and_erasing_reaches_it(console: StaffProcess, lena: Browser) -> None:
    from tests.staff.conversations import add_conversation

    public_id = add_conversation(console)

    def write(session: Session) -> None:
        key = session.scalars(
            select(Conversation.id).where(Conversation.public_id == public_id)
        ).one()
        session.execute(
            update(Message)
            .where(Message.conversation_id == key, Message.turn == 2, Message.author == VISITOR)
            .values(text="my zebra crossing")
        )

    console.store.write_now(write)
    page = lena.get("/conversations?q=zebras")
    assert rows_of(page) == [public_id]
    assert "Turn 2: my zebra crossing" in text_of(page)
    assert f"/conversations/{public_id}?q=zebras#turn-2" in page.text
    assert lena.post(f"/conversations/{public_id}/erase").status_code == 303
    assert rows_of(lena.get("/conversations?q=zebras")) == []
