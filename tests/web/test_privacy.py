"""What a visitor types stays in the house: redacted, not logged, erased in time and on request."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from helpline.chat import turn_runner
from helpline.chat.tokens import hash_token
from helpline.privacy.erasure import erase_by_id
from helpline.privacy.redaction import Redacted
from helpline.privacy.retention import erase_batch
from helpline.privacy.retention import main as run_retention
from helpline.store.conversations import find_conversation
from helpline.store.models import (
    AuditEntry,
    Choice,
    Conversation,
    Feedback,
    Flag,
    IdempotentRequest,
    Message,
    PendingErasure,
    Understanding,
)
from tests.stores import everything_kept
from tests.web.conftest import StartChat
from tests.web.duty_receivers import wait_for
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ANSWER, ScriptedBot, understanding

PHONE = "212-555-0187"
EMAIL = "jo.planted@mail.example"
SSN = "536-22-8726"
CARD = "4111 1111 1111 1111"
PLANTED = (PHONE, EMAIL, SSN, CARD)


def all_kept(chat: ChatProcess) -> bytes:
    """Return all that a helpline keeps, in its folder and in its store."""
    return b"".join(everything_kept(chat.var_dir, chat.database_url).values())


@pytest.mark.parametrize("planted", PLANTED)
def test_the_visitor_is_told_in_one_line(visitor: Visitor, bot: ScriptedBot, planted: str) -> None:
    answer, notice = visitor.say(f"My number is {planted}. What is SPMS?")
    assert answer["kind"] == "answer"
    assert notice["text"].startswith("For your privacy") and "\n" not in notice["text"]
    assert bot.received[0]["text"].startswith("My number is ...")
    assert planted not in str(visitor.history())
    assert "[" in visitor.history()[1]["text"]


def test_nothing_is_kept_when_redaction_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> Redacted:
        raise RuntimeError("a word list is gone")

    monkeypatch.setattr(turn_runner, "redact", broken)
    checked = turn_runner.check_text(f"I want to kill myself, call {PHONE}")
    assert (checked.text, checked.redacted) == ("[message]", ("message",))
    assert checked.alarm is not None and checked.alarm.kind == "crisis"


def test_planted_data_is_nowhere(chat_with: StartChat, bot: ScriptedBot) -> None:
    chat = chat_with(LOG_LEVEL="DEBUG")
    with chat.client() as client:
        visitor = Visitor(client)
        [answer] = visitor.say("what is spms?")
        for planted in PLANTED:
            visitor.say(f"call me: {planted} please", key=f"key-{len(planted)}-{hash(planted)}")
            visitor.rate(answer["id"], True, f"write to {planted}")
        bot.raw = b"garbage"
        visitor.say(f"and again {PHONE}")
        client.get("/metrics")
    chat.stop()
    found = all_kept(chat) + str(bot.received).encode()
    assert b"what is spms?" in found, "the search looks in the right place"
    for planted in PLANTED:
        assert planted.encode() not in found


def test_logs_hold_no_text_token_or_address(chat_with: StartChat, bot: ScriptedBot) -> None:
    chat = chat_with(LOG_LEVEL="DEBUG")
    with chat.client() as client:
        visitor = Visitor(client)
        visitor.say("a very particular question")
        visitor.post({"choice": "a-particular-choice"})
        client.get("/a-particular-address")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert client.post("/", content=b"text=particular\xff", headers=form).status_code == 200
        client.request("GET", "/a-particular-address", content=b"particular")
        bot.drop_connection = True
        visitor.say("another particular question")
    chat.stop()
    assert '"route": "api.send_message"' in chat.log
    for secret in ("particular", visitor.token, "127.0.0.1", "utter_"):
        assert secret not in chat.log.replace("http://127.0.0.1", ""), secret


def test_no_address_is_stored(chat_with: StartChat) -> None:
    chat = chat_with(TRUSTED_PROXIES="1", RATE_LIMITS="true")
    with chat.client(headers={"X-Forwarded-For": "203.0.113.77"}) as client:
        Visitor(client).say("what is spms?")
    chat.stop()
    assert b"203.0.113.77" not in all_kept(chat)


def test_erasing_takes_the_text_out_of_files_and_store(
    chat_with: StartChat, bot: ScriptedBot
) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        [answer] = visitor.say("my very own words", key="k")
        visitor.rate(answer["id"], False, "my very own comment")
        assert b"my very own" in all_kept(chat)
        visitor.erase()
        # The files follow: the visitor does not wait for them.
        give_up = time.monotonic() + 30
        while b"my very own" in all_kept(chat):
            assert time.monotonic() < give_up
            time.sleep(0.05)

    def left(session: Session) -> AuditEntry:
        for model in (Message, Understanding, Choice, Feedback, Flag, IdempotentRequest):
            assert session.scalars(select(model)).all() == []
        assert session.scalars(select(Conversation)).all() == []
        assert session.scalars(select(PendingErasure)).all() == []
        return session.scalars(
            select(AuditEntry).where(AuditEntry.action == "conversation.erased")
        ).one()

    entry = chat.store.read_now(left)
    assert (entry.actor, entry.subject) == ("visitor", visitor.id)
    assert entry.details == {"messages": 3}
    assert datetime.now(UTC) - entry.at < timedelta(minutes=1)


def test_erasing_while_the_bot_still_thinks(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    """Another process erases while the turn is open: the answer is not stored any more."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    bot.delay = 0.6
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(lambda: visitor.post({"text": "what is spms?"}))
        while not bot.received:
            threading.Event().wait(0.01)
        chat.store.write_now(erase_by_id, visitor.id, "a reviewer")
        assert asking.result(10).status_code == 401

    def pending(session: Session) -> PendingErasure | None:
        return session.get(PendingErasure, visitor.id)

    # The bot is asked again once the open turn must be over.
    waiting = chat.store.read_now(pending)
    assert waiting is not None and waiting.not_before > datetime.now(UTC)


def test_staff_can_erase_by_id(chat: ChatProcess, visitor: Visitor) -> None:
    visitor.say("what is spms?")
    assert chat.store.write_now(erase_by_id, visitor.id, "a reviewer") == 3
    assert chat.store.write_now(erase_by_id, visitor.id, "a reviewer") is None
    assert visitor.post({"text": "hello"}).status_code == 401


def test_the_bot_is_told_what_staff_erase(chat_with: StartChat, bot: ScriptedBot) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        visitor.say("my very own words")
        chat.store.write_now(erase_by_id, visitor.id, "a reviewer")
        assert visitor.post({"text": "hello"}).status_code == 401
        # A job of the chat process, every few seconds
        wait_for(lambda: visitor.id in bot.erased, "the bot was told", 60)

    def entry(session: Session) -> AuditEntry:
        return session.scalars(
            select(AuditEntry).where(AuditEntry.action == "conversation.erased")
        ).one()

    left = chat.store.read_now(entry)
    assert (left.actor, left.subject) == ("a reviewer", visitor.id)
    assert left.details == {"messages": 3}


def grow_older(session: Session, visitor: Visitor, days: float) -> None:
    """Move everything a visitor wrote so far into the past."""
    conversation = find_conversation(session, hash_token(visitor.token), ended_too=True)
    then = datetime.now(UTC) - timedelta(days=days)
    for model in (Message, Feedback, Understanding):
        session.execute(
            update(model).where(model.conversation_id == conversation.id).values(at=then)
        )


def test_old_text_is_erased_and_counts_stay(
    chat: ChatProcess, visitor: Visitor, other_visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.answer = {
        **ANSWER,
        "understanding": understanding(
            "what_is_spms", entities=[{"entity": "treatment", "value": "siponimod"}]
        ),
    }
    [answer] = visitor.say("what is spms?")
    visitor.rate(answer["id"], True, "a comment")
    other_visitor.say("a younger question")
    chat.store.write_now(grow_older, visitor, 91)
    chat.store.write_now(grow_older, other_visitor, 89)
    done = chat.store.write_now(erase_batch, 90, 24)
    assert (done.texts, done.comments) == (3, 1)

    def left(session: Session) -> None:
        conversation = find_conversation(session, hash_token(visitor.token))
        messages = session.scalars(
            select(Message).where(Message.conversation_id == conversation.id)
        ).all()
        assert len(messages) == conversation.messages == 3
        for message in messages:
            assert (message.text, message.links, message.sources) == (None, None, None)
        understood = session.scalars(
            select(Understanding).where(Understanding.conversation_id == conversation.id)
        ).one()
        assert (understood.topic, understood.intent) == ("what_is_spms", "what_is_spms")
        assert understood.entities is None
        rating = session.scalars(
            select(Feedback).where(Feedback.conversation_id == conversation.id)
        ).one()
        assert (rating.helpful, rating.comment) == (True, None)
        entry = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.action == "text.erased")
            .order_by(AuditEntry.id.desc())
        ).first()
        assert entry is not None and entry.details is not None
        assert (entry.actor, entry.details["messages"]) == ("retention", 3)

    chat.store.read_now(left)
    assert visitor.history() == []
    assert len(other_visitor.history()) == 3
    assert chat.store.write_now(erase_batch, 90, 24).rows == 0


def test_the_retention_command(
    chat_with: StartChat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        visitor.say("words to be forgotten")
    chat.store.write_now(grow_older, visitor, 8)
    monkeypatch.setenv("DATABASE_URL", chat.database_url)
    monkeypatch.setenv("RETENTION_DAYS", "7")
    assert run_retention() == 0
    assert "text of 3 messages" in capsys.readouterr().out
    chat.stop()
    assert b"to be forgotten" not in all_kept(chat)


def test_conversations_nobody_wrote_in_go_when_they_end(
    chat: ChatProcess, visitor: Visitor, other_visitor: Visitor
) -> None:
    def end(session: Session) -> None:
        for each in (visitor, other_visitor):
            session.execute(
                update(Conversation)
                .where(Conversation.public_id == each.id)
                .values(expires_at=datetime.now(UTC) - timedelta(hours=1))
            )

    def kept(session: Session) -> set[str]:
        return set(session.scalars(select(Conversation.public_id)))

    other_visitor.say("hello")
    chat.store.write_now(end)
    chat.store.write_now(erase_batch, 90, 24)
    assert visitor.id not in chat.store.read_now(kept)
    assert other_visitor.id in chat.store.read_now(kept)
