"""A conversation as a page."""

from __future__ import annotations

import html
import re

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from helpline.staff import words
from helpline.store.models import (
    VISITOR,
    Conversation,
    Flag,
    Message,
    Understanding,
)
from tests.staff.conversations import add_conversation, key_of
from tests.staff.running import Browser, StaffProcess, text_of

# Of the factory: twelve turns with it hold an answer, a choice, a hand-off and a timeout.
SEED_WITH_EVERYTHING = 1011
ATTACK = "<script>alert('x')</script> & \"<b>bold</b>\" {{ 7 * 7 }}"


def test_a_transcript_shows_messages_and_how_they_were_understood(
    console: StaffProcess, rita: Browser
) -> None:
    public_id = add_conversation(console, turns=12, seed=SEED_WITH_EVERYTHING)
    page = rita.get(f"/conversations/{public_id}")
    assert page.status_code == 200
    shown = html.unescape(text_of(page))

    def check(session: Session) -> None:
        key = key_of(session, public_id)
        messages = session.scalars(select(Message).where(Message.conversation_id == key)).all()
        assert len(messages) == 25
        for message in messages:
            for block in words.blocks(message.text or ""):
                for line in block.lines:
                    assert line in shown
        turns = session.scalars(
            select(Understanding).where(Understanding.conversation_id == key)
        ).all()
        for turn in turns:
            if turn.intent is None:
                assert "not known: the bot did not answer" in shown
                assert f"Error {turn.error}" in shown
                continue
            label = words.intent_label(turn.intent)
            assert f"Understood as {label} , {words.percent(turn.confidence)}" in shown
            for one in (turn.ranking or [])[:5]:
                row = f"{words.intent_label(one['name'])} {words.percent(one['confidence'])}"
                assert row in shown
            nearest = f"“{turn.nearest_text}”, {words.percent(turn.nearest_score)} alike"
            assert nearest in shown
            assert f"Lead {words.percent(turn.margin)} over the second" in shown
            assert f"Time {words.milliseconds(turn.milliseconds)}" in shown
            assert f"Decided by {turn.policy}" in shown
            assert f"Model {turn.model}" in shown
        flags = session.scalars(select(Flag).where(Flag.conversation_id == key)).all()
        assert flags
        for flag in flags:
            assert words.flag_label(flag.name) in shown

    console.store.read_now(check)
    assert "last checked 2026-11-22" in shown
    assert "1-800-344-4867" in shown
    assert "A page made up for tests" in shown
    assert "Offered:" in shown
    assert "picked a choice" in shown


def test_a_crisis_and_an_entity_are_named(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)

    def change(session: Session) -> None:
        key = key_of(session, public_id)
        session.execute(
            update(Understanding)
            .where(Understanding.conversation_id == key)
            .values(
                safety_kind="crisis",
                safety_rule="wish_to_die",
                entities=[{"entity": "treatment", "value": "siponimod", "start": 0}],
            )
        )
        session.execute(
            update(Message)
            .where(Message.conversation_id == key, Message.author == VISITOR)
            .values(redacted=["phone number", "name"])
        )

    console.store.write_now(change)
    shown = text_of(rita.get(f"/conversations/{public_id}"))
    assert "Safety Crisis (wish_to_die)" in shown
    assert "Found in the text treatment: siponimod" in shown
    assert "Left out for privacy: phone number, name" in shown


def test_a_visitor_cannot_write_code_into_the_console(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)

    def attack(session: Session) -> None:
        key = key_of(session, public_id)
        session.execute(
            update(Message)
            .where(Message.conversation_id == key)
            .values(
                text=ATTACK,
                redacted=[ATTACK],
                links=[{"label": ATTACK, "url": "javascript:alert(1)"}],
                sources=[
                    {
                        "title": ATTACK,
                        "publisher": ATTACK,
                        "url": "data:text/html,x",
                        "published": "",
                    }
                ],
                contact={"name": ATTACK, "phone": None, "url": "javascript:x", "hours": None},
            )
        )
        session.execute(
            update(Understanding)
            .where(Understanding.conversation_id == key)
            .values(nearest_text=ATTACK, entities=[{"entity": ATTACK, "value": ATTACK}])
        )

    console.store.write_now(attack)
    for address in ("/conversations", "/conversations?below=100", f"/conversations/{public_id}"):
        page = rita.get(address).text
        assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<b>bold</b>" not in page
        assert "javascript:" not in re.sub(r"&lt;.*?&gt;", "", page)
        assert "data:text" not in page
        assert "{{ 7 * 7 }}" in page
    console.store.write_now(
        lambda session: (
            session.execute(delete(Conversation).where(Conversation.public_id == public_id))
            and None
        )
    )


def test_erased_text_is_told(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)

    def erase(session: Session) -> None:
        session.execute(
            update(Message)
            .where(Message.conversation_id == key_of(session, public_id))
            .values(text=None)
        )

    console.store.write_now(erase)
    assert "Text erased after the retention time" in text_of(rita.get("/conversations"))
    page = text_of(rita.get(f"/conversations/{public_id}"))
    assert "Text erased after the retention time" in page
    assert "Understood as" in page
