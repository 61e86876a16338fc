"""The list against a slow and plain reading of the same filters."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.staff import claims, inbox, queues, review, tags
from helpline.staff.accounts import create
from helpline.staff.filters import Filters
from helpline.staff.inbox import Place
from helpline.staff.review import Mark
from helpline.staff.sessions import SignedIn
from helpline.store.database import Store
from helpline.store.migrate import upgrade
from helpline.store.models import (
    LATER,
    NEW,
    QUEUE_OF_FLAG,
    REVIEWED,
    VISITOR,
    Conversation,
    Feedback,
    Flag,
    Message,
    Understanding,
)
from helpline.store.staff_models import Claim, Review, StaffUser, Tag
from tests.factories import NOW, fill
from tests.postgres import PostgresServer

COUNT = 150
# Id of no user: others' claims are everybody's.
NOBODY = 0
DAY = NOW.date()

CASES = [
    Filters(),
    Filters(topic="what_is_spms"),
    Filters(topic="nothing_like_it"),
    Filters(kind="answer"),
    Filters(kind="clarify", below=20),
    Filters(below=45),
    Filters(below=100),
    Filters(below=1),
    Filters(topic="what_is_spms", below=60),
    Filters(topic="what_is_spms", kind="answer", below=70),
    Filters(flag="crisis"),
    Filters(flag="handoff"),
    Filters(flag="handoff", below=60),
    Filters(flag="thumbs_down", kind="answer"),
    Filters(flag="not_understood", topic="what_is_spms"),
    Filters(slow="yes"),
    Filters(slow="yes", topic="what_is_spms"),
    Filters(slow="yes", kind="unavailable", first_day=DAY - timedelta(days=30)),
    Filters(rating="helpful"),
    Filters(rating="not_helpful", kind="answer"),
    Filters(hour=9),
    Filters(hour=0, kind="clarify", first_day=DAY - timedelta(days=30)),
    Filters(state="new"),
    Filters(state="later"),
    Filters(state="reviewed"),
    Filters(state="reviewed", below=40),
    Filters(state="new", flag="handoff", below=70),
    Filters(state="later", topic="what_is_spms"),
    Filters(first_day=DAY - timedelta(days=10)),
    Filters(last_day=DAY - timedelta(days=60)),
    Filters(first_day=DAY - timedelta(days=20), last_day=DAY - timedelta(days=10)),
    Filters(first_day=DAY, last_day=DAY),
    Filters(first_day=DAY + timedelta(days=30)),
    Filters(last_day=date(2020, 1, 1)),
    Filters(first_day=DAY - timedelta(days=40), kind="clarify", flag="not_understood"),
    Filters(first_day=DAY - timedelta(days=40), state="reviewed"),
    Filters(state="in_review"),
    Filters(state="in_review", kind="answer"),
    *(Filters(queue=queue) for queue in queues.NAMES),
    Filters(queue="handoff", below=60),
    Filters(queue="unreviewed", kind="clarify"),
    Filters(queue="not_understood", first_day=DAY - timedelta(days=30), words="letters"),
    Filters(words="tired"),
    Filters(words='"cannot find" tired'),
    Filters(words="wonder*"),
    Filters(words="wonders", state="new"),
    Filters(words="TIRED", topic="what_is_spms"),
    Filters(words="tired", first_day=DAY - timedelta(days=20), last_day=DAY - timedelta(days=3)),
    Filters(words="nobodywrotethis"),
    Filters(treatment="siponimod"),
    Filters(treatment="siponimod", kind="answer", flag="unsure"),
    Filters(language="es"),
    Filters(language="es", state="new"),
    Filters(model="made-up-model", kind="handoff"),
    Filters(model="another-model"),
    Filters(reviewer="rita"),
    Filters(reviewer="rita", state="reviewed"),
    Filters(reviewer="nobody"),
    Filters(tag="a tag"),
    Filters(tag="a tag", queue="unreviewed"),
    Filters(shortest=15),
    Filters(longest=2),
    Filters(shortest=4, longest=6, flag="handoff"),
]


def review_some(session: Session) -> None:
    """Mark every third conversation; a few of the reviewed ones went on afterwards."""
    user = create(session, "rita", "reviewer", "no hash")
    session.flush()
    staff = SignedIn(user.id, user.name, user.role, True, "", None, False)
    for conversation in session.scalars(select(Conversation).where(Conversation.turns > 0)):
        if conversation.id % 3 == 0:
            review.mark(session, staff, conversation, Mark(REVIEWED, conversation.turns, ""))
        elif conversation.id % 10 == 1:
            review.mark(session, staff, conversation, Mark(LATER, conversation.turns, ""))
        elif conversation.id % 10 == 2:
            review.mark(session, staff, conversation, Mark(NEW, conversation.turns, ""))
        if conversation.id % 15 == 0:
            conversation.turns += 1
            conversation.review_state = NEW
        if conversation.id % 7 == 0:
            tags.add(session, staff, conversation, "a tag")
        if conversation.id % 25 in (1, 2):
            claims.release_of(session, staff)
            claims.take(session, staff, conversation)
            # A person has one claim; these are to be several.
            staff = dataclasses.replace(staff, user_id=_another(session))


def _another(session: Session) -> int:
    number = len(session.scalars(select(StaffUser)).all())
    user = create(session, f"person{number}", "reviewer", "no hash")
    session.flush()
    return user.id


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
) -> Store:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('inbox') / 'helpline.db'}"
    else:
        address = postgres.new_database()
    store = Store(address)
    upgrade(store.engine)
    fill(store.engine, COUNT, seed=3)
    store.write_now(review_some)
    request.addfinalizer(store.close)
    return store


def expected(session: Session, filters: Filters) -> list[str]:
    """Return the fitting conversations, newest first, by looking at each one."""
    flags = defaultdict(set)
    for flag in session.scalars(select(Flag)):
        flags[flag.message_id].add(flag.name)
    turns = defaultdict(list)
    for turn in session.scalars(select(Understanding)):
        turns[turn.conversation_id].append(turn)
    reviews = {one.conversation_id: one for one in session.scalars(select(Review))}
    claimed = set(session.scalars(select(Claim.conversation_id)))
    tagged = defaultdict(set)
    for tag in session.scalars(select(Tag)):
        tagged[tag.conversation_id].add(tag.name)
    rated = defaultdict(set)
    for rating in session.scalars(select(Feedback)):
        rated[rating.conversation_id].add("helpful" if rating.helpful else "not_helpful")
    said = defaultdict(list)
    for message in session.scalars(select(Message).where(Message.author == VISITOR)):
        said[message.conversation_id].append(message.text or "")
    where = {message.id: message.turn for message in session.scalars(select(Message))}
    fitting = []
    for conversation in session.scalars(select(Conversation).order_by(Conversation.id.desc())):
        day, key = conversation.created_at.date(), conversation.id
        marked = reviews.get(conversation.id)
        state = marked.state if marked else "new"
        if marked and state == "reviewed" and conversation.turns > marked.turns:
            state = "new"
        # Queues hold what was not marked, but for turns that came after the mark.
        waiting = {
            QUEUE_OF_FLAG[name]
            for turn in turns[conversation.id]
            for name in flags[turn.message_id]
            if not marked or marked.state == "new" or where[turn.message_id] > marked.turns
        } | ({"unreviewed"} if state == "new" else {"later"} if state == "later" else set())
        if conversation.id in claimed and state != "reviewed":
            state = "in_review"
        if (
            conversation.turns == 0
            or (filters.queue and filters.queue not in waiting)
            or (filters.tag and filters.tag not in tagged[conversation.id])
            or (filters.reviewer and (not marked or marked.user.name != filters.reviewer))
            or (filters.shortest and conversation.turns < filters.shortest)
            or (filters.longest and conversation.turns > filters.longest)
            or (filters.words and not any(holds(text, filters.words) for text in said[key]))
            or (filters.first_day and day < filters.first_day)
            or (filters.last_day and day > filters.last_day)
            or (filters.hour is not None and conversation.created_at.hour != filters.hour)
            or (filters.rating and filters.rating not in rated[conversation.id])
            or (filters.state and state != filters.state)
        ):
            continue
        if not filters.looks_at_turns or any(
            all(
                getattr(filters, name) in (None, getattr(turn, name))
                for name in ("topic", "treatment", "language", "model")
            )
            and (not filters.kind or turn.kind == filters.kind)
            and (not filters.flag or filters.flag in flags[turn.message_id])
            and (not filters.slow or (turn.milliseconds is not None and turn.milliseconds > 1000))
            and (
                not filters.below
                or (turn.confidence is not None and turn.confidence < filters.below / 100)
            )
            for turn in turns[conversation.id]
        ):
            fitting.append(conversation.public_id)
    return fitting


def holds(text: str, words: str) -> bool:
    """Say whether a text holds words whose other forms are not in the texts made up here."""
    pattern = {'"cannot find" tired': "cannot find", "wonder*": r"wonder\w*"}.get(words, words)
    return re.search(rf"\b{pattern}\b", text, re.IGNORECASE) is not None


def walk(store: Store, filters: Filters, size: int) -> list[str]:
    """Page through the list from the newest to the oldest, and back again."""
    found: list[str] = []
    pages = []
    older: int | None = None
    while True:
        page = store.read_now(inbox.list_page, filters, older_than=older, size=size)
        pages.append([row.public_id for row in page.rows])
        found += pages[-1]
        assert len(page.rows) == size or not page.older
        assert page.newer == (older is not None)
        if not page.older:
            break
        older = page.rows[-1].id
    back = page
    for wanted in reversed(pages[:-1]):
        assert back.newer
        back = store.read_now(inbox.list_page, filters, newer_than=back.rows[0].id, size=size)
        assert [row.public_id for row in back.rows] == wanted
        assert back.older
    assert not back.newer
    return found


@pytest.mark.parametrize("filters", CASES, ids=lambda filters: filters.query()[1:] or "all")
def test_the_list_holds_what_fits_and_nothing_else(filled: Store, filters: Filters) -> None:
    wanted = filled.read_now(expected, filters)
    assert walk(filled, filters, size=7) == wanted
    assert walk(filled, filters, size=COUNT) == wanted


def test_the_cases_are_worth_trying(filled: Store) -> None:
    """Most find something, and hardly any finds everything."""
    counts = [len(filled.read_now(expected, filters)) for filters in CASES]
    assert sum(count > 0 for count in counts) >= 22
    assert sum(0 < count < counts[0] for count in counts) >= 20


def test_neighbours_follow_the_filtered_list(filled: Store) -> None:
    filters = Filters(kind="clarify")
    rows = filled.read_now(inbox.list_page, filters, size=COUNT).rows
    for place, row in enumerate(rows):
        beside = filled.read_now(inbox.neighbours, filters, row.id, NOBODY)
        newer = rows[place - 1] if place else None
        older = rows[place + 1] if place + 1 < len(rows) else None
        assert beside.newer == (newer and Place(newer.public_id, newer.match_turn))
        assert beside.older == (older and Place(older.public_id, older.match_turn))
        assert beside.turn == row.match_turn is not None


def test_neighbours_are_found_for_what_no_longer_fits(filled: Store) -> None:
    """Marked as reviewed, a conversation leaves the list of new ones; "next" must still work."""
    rows = filled.read_now(inbox.list_page, Filters(state="reviewed"), size=5).rows
    new = filled.read_now(expected, Filters(state="new"))
    order = filled.read_now(expected, Filters())
    beside = filled.read_now(inbox.neighbours, Filters(state="new"), rows[2].id, NOBODY)
    after = [one for one in order[order.index(rows[2].public_id) + 1 :] if one in new]
    before = [one for one in order[: order.index(rows[2].public_id)] if one in new]
    # Which turn it is about, nobody can say: the filters look at none.
    assert beside.older == Place(after[0], None)
    assert beside.newer == Place(before[-1], None)


def test_conversations_that_began_at_the_same_moment_come_once_each(store: Store) -> None:
    fill(store.engine, 40, days=0, turns=[2])
    assert len(set(store.read_now(lambda s: list(s.scalars(select(Conversation.created_at)))))) == 1
    for filters in (Filters(), Filters(first_day=DAY, last_day=DAY), Filters(below=100)):
        found = walk(store, filters, size=7)
        assert found == store.read_now(expected, filters)
        assert len(found) == len(set(found)) == 40


def test_a_page_neither_repeats_nor_skips_when_conversations_begin_meanwhile(store: Store) -> None:
    fill(store.engine, 20, turns=[1])
    first = store.read_now(inbox.list_page, Filters(), size=8)
    fill(store.engine, 5, seed=2, turns=[1], days=0)
    second = store.read_now(inbox.list_page, Filters(), older_than=first.rows[-1].id, size=8)
    ids = [row.id for row in (*first.rows, *second.rows)]
    assert ids == list(range(20, 4, -1))


def test_a_conversation_in_which_nobody_wrote_is_not_listed(store: Store) -> None:
    fill(store.engine, 3, turns=[0])
    assert store.read_now(inbox.list_page, Filters()).rows == []


def test_a_row_shows_what_the_conversation_is_like(store: Store) -> None:
    fill(store.engine, 1, turns=[6], seed=5)

    def describe(session: Session) -> None:
        conversation = session.scalars(select(Conversation)).one()
        questions = session.scalars(
            select(Message).where(Message.author == VISITOR).order_by(Message.id)
        ).all()
        turns = session.scalars(select(Understanding).order_by(Understanding.message_id)).all()
        row = inbox.list_page(session, Filters()).rows[0]
        assert row.public_id == conversation.public_id
        assert row.started_at == conversation.created_at
        assert row.turns == 6
        assert row.first_text == questions[0].text
        assert set(row.kinds) == {turn.kind for turn in turns}
        assert set(row.flags) == set(session.scalars(select(Flag.name)))
        assert row.lowest_confidence == min(
            turn.confidence for turn in turns if turn.confidence is not None
        )
        assert (row.state, row.changed, row.reviewer) == ("new", False, None)
        assert (row.match_turn, row.match_text) == (None, None)

    store.read_now(describe)


def test_a_row_shows_the_turn_that_the_filter_is_about(filled: Store) -> None:
    def check(session: Session) -> int:
        later = 0
        for filters in (
            Filters(flag="handoff"),
            Filters(kind="clarify"),
            Filters(below=40),
            Filters(flag="handoff", below=70),
        ):
            for row in inbox.list_page(session, filters).rows:
                assert row.match_turn is not None
                turn = session.execute(
                    select(Understanding, Message.text)
                    .join(Message, Message.id == Understanding.message_id)
                    .where(Understanding.conversation_id == row.id, Message.turn == row.match_turn)
                ).one()
                assert turn.text == row.match_text
                confidence = turn.Understanding.confidence
                assert filters.kind in (None, turn.Understanding.kind)
                assert filters.share is None or confidence < filters.share
                later += row.match_turn > 1
        return later

    assert filled.read_now(check) > 20


def test_erased_text_is_none(store: Store) -> None:
    fill(store.engine, 1, turns=[2])

    def erase(session: Session) -> None:
        session.execute(update(Message).values(text=None))

    store.write_now(erase)
    row = store.read_now(inbox.list_page, Filters(kind="answer")).rows[0]
    assert (row.first_text, row.match_text) == (None, None)


def test_what_is_written_after_a_review_makes_it_new_again(store: Store) -> None:
    fill(store.engine, 15, turns=[3])
    store.write_now(review_some)
    rows = {row.id: row for row in store.read_now(inbox.list_page, Filters()).rows}
    # `review_some` passes the work on to another person after the second conversation
    assert (rows[3].state, rows[3].changed, rows[3].reviewer) == ("reviewed", False, "person2")
    assert (rows[15].state, rows[15].changed, rows[15].reviewer) == ("new", True, "person2")
    assert (rows[1].state, rows[1].changed) == ("later", False)
