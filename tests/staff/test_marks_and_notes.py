"""What is done with a conversation: mark it, write a note, erase it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from helpline.staff import inbox, notes, transcript, words
from helpline.staff.filters import Filters
from helpline.store.base import utc_now
from helpline.store.models import (
    REVIEW_STATES,
    AuditEntry,
    Conversation,
    Flag,
    Message,
    PendingErasure,
    Understanding,
)
from helpline.store.staff_models import Note, Review
from tests.staff.conversations import add_conversation, entries, key_of
from tests.staff.corrections import as_staff, ask
from tests.staff.running import PASSWORD, Browser, StaffProcess, rows_of, text_of


def test_reading_marking_and_noting_go_into_the_audit_log(
    console: StaffProcess, rita: Browser
) -> None:
    public_id = add_conversation(console)
    rita.get(f"/conversations/{public_id}")
    rita.post(f"/conversations/{public_id}/review", {"state": "reviewed", "turns": "3"})
    rita.post(f"/conversations/{public_id}/notes", {"note": "Good answer."})
    rita.get(f"/conversations/{public_id}")
    assert entries(console, public_id) == [
        ("rita", "conversation.viewed"),
        ("rita", "conversation.marked"),
        ("rita", "conversation.noted"),
        ("rita", "conversation.viewed"),
    ]
    log = text_of(rita.get(f"/audit?about={public_id}"))
    for what in ("Read a conversation", "Marked a conversation", "Wrote a note"):
        assert what in log
    assert f"state: {words.STATE_LABELS['reviewed']}" in log
    assert "Good answer" not in log


def test_a_mark_shows_who_and_where_it_stands(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)
    for state in REVIEW_STATES:
        answer = rita.post(
            f"/conversations/{public_id}/review?kind=answer", {"state": state, "turns": "3"}
        )
        assert answer.status_code == 303
        page_of, _, _turn = answer.headers["location"].partition("#")
        assert page_of == f"/conversations/{public_id}?kind=answer&done={state}"
        page = text_of(rita.get(answer.headers["location"]))
        # What is new and being read is in review.
        label = "In review by you" if state == "new" else f"{words.STATE_LABELS[state]} by rita"
        assert f"Review {label}" in page
        assert "Marked" in page


def test_marking_and_going_on_leads_through_the_filtered_list(
    console: StaffProcess, rita: Browser
) -> None:
    ids = [add_conversation(console) for _ in range(3)]
    start: Sequence[str] = rows_of(rita.get("/conversations?state=new"))
    assert list(start[:3]) == ids[::-1]
    at = ids[2]
    for following in (ids[1], ids[0]):
        answer = rita.post(
            f"/conversations/{at}/review?state=new",
            {"state": "reviewed", "turns": "3", "then": "older"},
        )
        assert answer.headers["location"] == (
            f"/conversations/{following}?state=new&done=reviewed&was={at}"
        )
        page = rita.get(answer.headers["location"])
        assert f'href="/conversations/{at}?state=new" data-key="z"' in page.text
        at = following
    assert ids[2] not in rows_of(rita.get("/conversations?state=new"))
    assert rows_of(rita.get("/conversations?state=reviewed"))[:2] == [ids[2], ids[1]]


def test_going_on_leads_to_the_turn_that_waits(own: StaffProcess) -> None:
    """Not to the top of a long conversation."""
    first = own.store.write_now(ask, "one", "two", "three")
    second = own.store.write_now(ask, "four", "five")

    def queue_last_turns(session: Session) -> None:
        own_turn = select(Message.turn).where(Message.id == Flag.message_id).scalar_subquery()
        last = select(Conversation.turns).where(Conversation.id == Flag.conversation_id)
        session.execute(
            update(Flag).where(own_turn == last.scalar_subquery()).values(queue="not_understood")
        )
        session.execute(update(Conversation).values(review_state="new"))

    own.store.write_now(queue_last_turns)
    rita = as_staff(own, "rita")
    queue = "?queue=not_understood"
    listed = rita.get(f"/conversations{queue}").text
    assert f"/conversations/{second}{queue}#turn-2" in listed
    page = rita.get(f"/conversations/{second}{queue}").text
    assert '<input type="hidden" name="turn" value="2">' in page, "it is the turn to be corrected"
    assert f'href="/conversations/{first}{queue}#turn-3" rel="next"' in page
    form = {"state": "reviewed", "turns": "2"}
    gone_on = rita.post(f"/conversations/{second}/review{queue}", {**form, "then": "older"})
    address = f"/conversations/{first}{queue}&done=reviewed&was={second}#turn-3"
    assert gone_on.headers["location"] == address
    stayed = rita.post(f"/conversations/{first}/review{queue}", {"state": "later", "turns": "3"})
    assert stayed.headers["location"] == f"/conversations/{first}{queue}&done=later#turn-3"


def test_after_the_last_one_the_list_says_so(console: StaffProcess, rita: Browser) -> None:
    last = console.store.read_now(inbox.list_page, Filters(kind="answer"), size=500).rows[-1]
    answer = rita.post(
        f"/conversations/{last.public_id}/review?kind=answer",
        {"state": "reviewed", "turns": "1", "then": "older"},
    )
    address = f"/conversations?kind=answer&done=reviewed-last&was={last.public_id}"
    assert answer.headers["location"] == address
    page = text_of(rita.get(answer.headers["location"]))
    assert "no older conversation in this list" in page


def test_what_the_reviewer_was_not_shown_stays_new(console: StaffProcess, rita: Browser) -> None:
    """The visitor wrote on between the reviewer's opening the page and pressing the button."""
    public_id = add_conversation(console, turns=4)
    rita.post(f"/conversations/{public_id}/review", {"state": "reviewed", "turns": "3"})
    page = text_of(rita.get(f"/conversations/{public_id}"))
    assert "Review In review by you" in page
    assert "after turn 3. Something new came in since then." in page
    rita.post(f"/conversations/{public_id}/release")
    assert "New: something new" in text_of(rita.get("/conversations"))
    assert public_id in rows_of(rita.get("/conversations?state=new"))


@pytest.mark.parametrize(
    "form",
    [{}, {"state": "done", "turns": "1"}, {"state": "reviewed"}, {"state": "new", "turns": "x"}],
)
def test_a_mark_that_is_none_changes_nothing(
    console: StaffProcess, rita: Browser, form: dict[str, str]
) -> None:
    public_id = rows_of(rita.get("/conversations"))[0]
    before = entries(console, public_id)
    answer = rita.post(f"/conversations/{public_id}/review", form)
    assert answer.status_code == 400
    assert "The mark was not understood" in text_of(answer)
    assert entries(console, public_id) == before


def test_notes_show_who_and_when_and_leave_out_personal_data(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    address = f"/conversations/{public_id}/notes?flag=crisis"
    answer = rita.post(address, {"note": "First line <b>\r\nsecond line"})
    assert answer.headers["location"] == (f"/conversations/{public_id}?flag=crisis&done=note#notes")
    answer = lena.post(address, {"note": "Call back on 212-555-0147 tomorrow"})
    assert "done=note-redacted" in answer.headers["location"]
    page = rita.get(f"/conversations/{public_id}?done=note-redacted")
    assert "First line &lt;b&gt;\nsecond line" in page.text
    shown = text_of(page)
    assert shown.index("rita") < shown.index("First line") < shown.index("lena")
    assert "555-0147" not in page.text
    assert "Personal data in it was left out" in shown
    stored = console.store.read_now(lambda s: list(s.scalars(select(Note.text))))
    assert not [text for text in stored if "0147" in text]


@pytest.mark.parametrize(
    ("note", "words_of_problem"),
    [("", "The note is empty"), (" \n\t", "The note is empty"), ("x" * 2001, "2,001 characters")],
)
def test_a_note_that_cannot_be_saved_stays_in_the_form(
    console: StaffProcess, rita: Browser, note: str, words_of_problem: str
) -> None:
    public_id = add_conversation(console)
    answer = rita.post(f"/conversations/{public_id}/notes", {"note": note})
    assert answer.status_code == 422
    assert words_of_problem in text_of(answer)
    if note.strip():
        assert f"\n{note}</textarea>" in answer.text
    assert (
        console.store.read_now(
            lambda s: s.scalar(
                select(func.count(Note.id)).where(Note.conversation_id == key_of(s, public_id))
            )
        )
        == 0
    )


def test_a_note_sent_after_the_session_ended_is_not_lost(console: StaffProcess) -> None:
    public_id = add_conversation(console)
    ended = console.browser(Cookie="helpline_staff=a-session-that-has-ended")
    answer = ended.post(f"/conversations/{public_id}/notes", {"note": "Half an <hour>'s work"})
    assert answer.status_code == 401
    assert "Your note was not saved yet" in text_of(answer)
    hidden = dict(re.findall(r'name="(draft_conversation|next)" value="([^"]*)"', answer.text))
    draft = re.search(r'name="draft"[^>]*>\n(.*?)</textarea>', answer.text, re.S)
    assert draft is not None
    browser = console.browser()
    again = browser.try_sign_in("rita", "wrong", draft=html.unescape(draft[1]), **hidden)
    assert again.status_code == 401
    assert "an &lt;hour&gt;&#39;s work</textarea>" in again.text
    answer = browser.try_sign_in("rita", PASSWORD, draft=html.unescape(draft[1]), **hidden)
    assert answer.headers["location"] == f"/conversations/{public_id}#note"
    page = browser.get(f"/conversations/{public_id}")
    assert page.status_code == 200
    assert "\nHalf an &lt;hour&gt;&#39;s work</textarea>" in page.text
    assert "Save it now" in text_of(page)
    browser.post(f"/conversations/{public_id}/notes", {"note": html.unescape(draft[1])})
    page = browser.get(f"/conversations/{public_id}")
    assert "\n</textarea>" in page.text
    assert "Half an &lt;hour&gt;&#39;s work" in page.text


def test_a_lead_erases_a_conversation_for_good(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    marker = "a very special wording"

    def mark(session: Session) -> None:
        session.execute(
            update(Message)
            .where(Message.conversation_id == key_of(session, public_id))
            .values(text=marker)
        )

    console.store.write_now(mark)
    rita.post(f"/conversations/{public_id}/notes", {"note": marker})
    rita.post(f"/conversations/{public_id}/review", {"state": "later", "turns": "3"})
    key = console.store.read_now(key_of, public_id)

    question = lena.get(f"/conversations/{public_id}/erase?flag=crisis")
    assert "Erase this conversation?" in text_of(question)
    answer = lena.post(f"/conversations/{public_id}/erase?flag=crisis")
    assert answer.headers["location"] == "/conversations?flag=crisis&done=erased"
    assert "The conversation is erased" in text_of(lena.get(answer.headers["location"]))
    assert lena.get(f"/conversations/{public_id}").status_code == 404
    assert lena.post(f"/conversations/{public_id}/erase").status_code == 404

    def left(session: Session) -> list[int]:
        columns = (
            Message.conversation_id,
            Understanding.conversation_id,
            Flag.conversation_id,
            Note.conversation_id,
            Review.conversation_id,
        )
        return [
            session.scalar(select(func.count()).where(column == key)) or 0 for column in columns
        ]

    assert console.store.read_now(left) == [0] * 5
    entry = console.store.read_now(
        lambda s: s.scalars(
            select(AuditEntry).where(
                AuditEntry.subject == public_id, AuditEntry.action == "conversation.erased"
            )
        ).one()
    )
    assert (entry.actor, entry.details) == ("lena", {"messages": 7})
    # The chat process will have the bot forget it, too.
    assert console.store.read_now(lambda s: s.get(PendingErasure, public_id)) is not None
    # From the database's files it is taken by a job of the chat process: tests/web/test_forgetting.


def test_old_notes_end_with_the_text_they_are_about(console: StaffProcess, rita: Browser) -> None:
    old, fresh = add_conversation(console), add_conversation(console)
    for public_id in (old, fresh):
        rita.post(f"/conversations/{public_id}/notes", {"note": "a note"})

    def age(session: Session) -> None:
        session.execute(
            update(Conversation)
            .where(Conversation.public_id == old)
            .values(last_message_at=utc_now() - timedelta(days=91))
        )

    console.store.write_now(age)
    assert console.store.write_now(notes.erase_old_notes, 90) == 1
    assert console.store.write_now(notes.erase_old_notes, 90) == 0

    def count(session: Session, public_id: str) -> int:
        conversation = transcript.find(session, public_id)
        assert conversation is not None
        return len(transcript.read(session, conversation).notes)

    assert console.store.read_now(count, old) == 0
    assert console.store.read_now(count, fresh) == 1
