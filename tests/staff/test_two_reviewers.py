"""Two reviewers at once: the second one is told, politely, and nothing of the first's is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.staff import claims, inbox
from helpline.staff.filters import Filters
from helpline.staff.sessions import SignedIn
from helpline.store.base import utc_now
from helpline.store.database import Store
from helpline.store.models import Conversation
from helpline.store.staff_models import Claim, Review
from tests.factories import fill
from tests.staff.conversations import add_conversation, entries, key_of
from tests.staff.running import Browser, StaffProcess, rows_of, text_of
from tests.staff.test_queues import staff_member

MARK = {"state": "reviewed", "turns": "3"}


def holder(console: StaffProcess, public_id: str) -> str | None:
    def read(session: Session) -> str | None:
        claim = claims.active(session, key_of(session, public_id))
        return claim.user.name if claim else None

    return console.store.read_now(read)


def test_opening_a_new_conversation_takes_it(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    assert "In review by you" in text_of(rita.get(f"/conversations/{public_id}"))
    assert holder(console, public_id) == "rita"
    page = text_of(lena.get(f"/conversations/{public_id}"))
    assert "rita has been reviewing this conversation since" in page
    assert "You can read along" in page
    assert holder(console, public_id) == "rita"
    listed = lena.get("/conversations?state=in_review")
    assert public_id in rows_of(listed)
    assert "In review rita" in text_of(listed)
    assert public_id not in rows_of(lena.get("/conversations?state=new"))
    assert public_id in rows_of(lena.get("/conversations?queue=unreviewed"))


def test_the_second_ones_mark_is_refused_with_name_and_time(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    rita.get(f"/conversations/{public_id}")
    lena.get(f"/conversations/{public_id}")
    answer = lena.post(f"/conversations/{public_id}/review", MARK)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "rita has been reviewing this conversation since" in page
    assert "Your mark “Reviewed” was not saved" in page
    assert ("lena", "conversation.marked") not in entries(console, public_id)

    assert rita.post(f"/conversations/{public_id}/review", MARK).status_code == 303
    assert ("rita", "conversation.marked") in entries(console, public_id)
    assert holder(console, public_id) is None


def test_a_mark_on_what_was_marked_meanwhile_is_refused(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    """Lena had the page open from before; Rita has marked it and gone on."""
    public_id = add_conversation(console)
    lena.get(f"/conversations/{public_id}")
    lena.post(f"/conversations/{public_id}/release")
    assert rita.post(f"/conversations/{public_id}/review", MARK).status_code == 303
    later = {"state": "later", "turns": "3", "seen": ""}
    answer = lena.post(f"/conversations/{public_id}/review", later)
    assert answer.status_code == 409
    assert "rita marked this as “Reviewed” at" in text_of(answer)
    assert public_id in rows_of(lena.get("/conversations?state=reviewed"))

    forced = lena.post(f"/conversations/{public_id}/review", {**later, "force": "yes"})
    assert forced.status_code == 303
    assert public_id in rows_of(lena.get("/conversations?state=later"))


def test_whoever_saw_the_mark_may_change_it(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    rita.post(f"/conversations/{public_id}/review", MARK)

    def version(session: Session) -> str:
        return session.get_one(Review, key_of(session, public_id)).at.isoformat()

    seen = console.store.read_now(version)
    assert f'name="seen" value="{seen}"' in lena.get(f"/conversations/{public_id}").text
    answer = lena.post(f"/conversations/{public_id}/review", {**MARK, "seen": seen})
    assert answer.status_code == 303


def test_taking_over_is_said_and_audited(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    rita.get(f"/conversations/{public_id}")
    answer = lena.post(f"/conversations/{public_id}/claim?queue=unreviewed")
    assert answer.status_code == 303
    page = text_of(lena.get(answer.headers["location"]))
    assert "You took the conversation over" in page and "In review by you" in page
    assert ("lena", "conversation.taken_over") in entries(console, public_id)
    refused = rita.post(f"/conversations/{public_id}/review", MARK)
    assert refused.status_code == 409
    assert "lena has been reviewing" in text_of(refused)


def test_going_on_or_leaving_lets_go(console: StaffProcess, rita: Browser) -> None:
    first, second = add_conversation(console), add_conversation(console)
    rita.get(f"/conversations/{first}")
    rita.get(f"/conversations/{second}")
    assert holder(console, first) is None
    assert holder(console, second) == "rita"
    answer = rita.post(f"/conversations/{second}/release?queue=unreviewed")
    assert answer.headers["location"] == "/conversations?queue=unreviewed&done=released"
    assert holder(console, second) is None


def test_a_claim_ends_by_itself(console: StaffProcess, rita: Browser, lena: Browser) -> None:
    public_id = add_conversation(console)
    rita.get(f"/conversations/{public_id}")

    def wait(session: Session) -> None:
        session.execute(
            update(Claim)
            .where(Claim.conversation_id == key_of(session, public_id))
            .values(expires_at=utc_now() - timedelta(seconds=1))
        )

    console.store.write_now(wait)
    assert public_id in rows_of(lena.get("/conversations?state=new"))
    assert "In review by you" in text_of(lena.get(f"/conversations/{public_id}"))
    assert holder(console, public_id) == "lena"


def test_reading_what_was_reviewed_takes_nothing(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)
    rita.post(f"/conversations/{public_id}/review", MARK)
    rita.get(f"/conversations/{public_id}")
    assert holder(console, public_id) is None


@pytest.fixture
def small(either: Store) -> Store:
    fill(either.engine, 6, turns=[2])
    return either


def test_the_next_one_in_a_queue_is_not_somebody_elses(small: Store) -> None:
    rita = small.write_now(staff_member, "rita")
    lena = small.write_now(staff_member, "lena")
    small.write_now(lambda s: claims.take(s, rita, s.get_one(Conversation, 4)))

    def older(session: Session, staff: SignedIn, filters: Filters) -> str | None:
        found = inbox.neighbours(session, filters, 5, staff.user_id).older
        return found.public_id if found else None

    def public_id(session: Session, number: int) -> str:
        return session.get_one(Conversation, number).public_id

    ids = {number: small.read_now(public_id, number) for number in (3, 4)}
    queue = Filters(queue="unreviewed")
    assert small.read_now(older, lena, queue) == ids[3]
    assert small.read_now(older, rita, queue) == ids[4]
    assert small.read_now(older, lena, Filters()) == ids[4], "reading along is for everybody"


def test_of_many_at_the_same_moment_one_gets_it(small: Store) -> None:
    people = [small.write_now(staff_member, f"person{number}") for number in range(6)]

    def take(person: SignedIn) -> None:
        def work(session: Session) -> None:
            wanted = select(Conversation).where(Conversation.id == 2)
            locked = session.scalars(wanted.with_for_update(key_share=True)).one()
            claims.take(session, person, locked)

        small.write_now(work)

    with ThreadPoolExecutor(len(people)) as together:
        list(together.map(take, people))
    held = small.read_now(lambda s: list(s.scalars(select(Claim.user_id))))
    assert len(held) == 1 and held[0] in [person.user_id for person in people]
