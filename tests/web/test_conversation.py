"""A conversation through the API: begin, ask, pick a choice, read, rate, erase."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx2
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.chat.tokens import hash_token
from helpline.store.models import Conversation, Feedback, Flag, Message, Understanding
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ANSWER, SECRET, ScriptedBot, bot_message, understanding


def test_the_greeting_comes_without_the_bot(visitor: Visitor, bot: ScriptedBot) -> None:
    assert visitor.greeting["kind"] == "greeting"
    assert visitor.greeting["from"] == "bot"
    text = visitor.greeting["text"]
    assert "bot" in text and "90 days" in text and "{" not in text
    assert visitor.greeting["contact"]["phone"] == "1-800-344-4867"
    assert visitor.greeting["choices"]
    assert all(choice["id"].startswith("start-") for choice in visitor.greeting["choices"])
    assert bot.received == []


def test_the_token_is_long_and_only_its_hash_is_stored(chat: ChatProcess, visitor: Visitor) -> None:
    def hashes(session: Session) -> list[str]:
        return list(session.scalars(select(Conversation.token_hash)))

    assert len(visitor.token) >= 43
    stored = chat.store.read_now(hashes)
    assert hash_token(visitor.token) in stored
    assert visitor.token not in stored


def test_a_text_is_answered_and_stored_with_its_understanding(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    [answer] = visitor.say("what is spms?")
    told = ANSWER["messages"][0]
    for name in ("kind", "topic", "text", "links", "sources", "checked_on", "contact"):
        assert answer[name] == told[name], name
    assert [choice["label"] for choice in answer["choices"]] == ["Treatments", "About siponimod"]
    assert "answer" not in answer
    assert bot.received == [{"conversation": visitor.id, "text": "what is spms?"}]
    assert bot.authorizations == {f"Bearer {SECRET}"}

    def stored(session: Session) -> Understanding:
        return session.scalars(
            select(Understanding)
            .join(Conversation, Conversation.id == Understanding.conversation_id)
            .where(Conversation.public_id == visitor.id)
        ).one()

    row = chat.store.read_now(stored)
    assert (row.kind, row.topic, row.answer) == ("answer", "what_is_spms", "utter_what_is_spms")
    assert (row.intent, row.confidence, row.margin) == ("what_is_spms", 0.93, 0.89)
    assert row.ranking == ANSWER["understanding"]["ranking"]
    assert (row.nearest_text, row.nearest_score) == ("what is spms", 0.88)
    assert (row.actions, row.policy) == (["utter_what_is_spms"], "RulePolicy")
    assert (row.model, row.bot_milliseconds) == ("model-for-tests", 4.2)
    assert (row.safety_kind, row.safety_rule, row.error) == (None, None, None)
    assert row.milliseconds is not None and row.milliseconds > 0


def test_choices_have_opaque_ids_and_reach_the_bot_as_payload(
    visitor: Visitor, bot: ScriptedBot
) -> None:
    [answer] = visitor.say("what is spms?")
    picked = answer["choices"][1]
    assert "siponimod" not in picked["id"]
    visitor.choose(picked["id"])
    assert bot.received[1] == {
        "conversation": visitor.id,
        "payload": {"intent": "treatment_specific_drug", "entities": {"treatment": "siponimod"}},
    }
    assert visitor.history()[-2]["text"] == "About siponimod"


def test_a_starting_question_can_be_picked(visitor: Visitor, bot: ScriptedBot) -> None:
    start = visitor.greeting["choices"][0]
    visitor.choose(start["id"])
    assert bot.received[0]["payload"]["intent"] == start["id"].removeprefix("start-")


def test_the_conversation_can_be_read_back(visitor: Visitor) -> None:
    first = visitor.say("first question")
    second = visitor.say("second question")
    history = visitor.history()
    assert [message["from"] for message in history] == ["bot", "visitor", "bot", "visitor", "bot"]
    assert history[0] == visitor.greeting
    assert [history[1]["text"], history[3]["text"]] == ["first question", "second question"]
    assert [history[2], history[4]] == first + second
    assert history[1]["kind"] is None


def test_several_messages_of_one_answer_stay_in_order(visitor: Visitor, bot: ScriptedBot) -> None:
    bot.answer = {
        "messages": [bot_message("One."), bot_message("Two."), bot_message("Three.")],
        "understanding": understanding("greet"),
    }
    assert [message["text"] for message in visitor.say("hi")] == ["One.", "Two.", "Three."]


def test_every_message_puts_off_the_end(chat: ChatProcess, visitor: Visitor) -> None:
    def move_back(session: Session) -> None:
        row = _conversation(session, visitor)
        row.expires_at = datetime.now(UTC) + timedelta(minutes=5)

    def end(session: Session) -> datetime:
        return _conversation(session, visitor).expires_at

    opened_until = datetime.fromisoformat(visitor.expires_at)
    assert timedelta(hours=23.9) < opened_until - datetime.now(UTC) <= timedelta(hours=24)
    chat.store.write_now(move_back)
    visitor.say("still here")
    assert chat.store.read_now(end) - datetime.now(UTC) > timedelta(hours=23.9)


def test_lowest_confidence_and_counts_are_kept(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    for confidence in (0.8, 0.3, 0.6):
        bot.answer = {
            "messages": [bot_message("Yes.")],
            "understanding": understanding("greet", confidence=confidence),
        }
        visitor.say("hello")
    row = chat.store.read_now(_conversation, visitor)
    assert (row.lowest_confidence, row.turns, row.messages) == (0.3, 3, 7)


def test_feedback_is_kept_and_the_last_word_counts(
    chat: ChatProcess, visitor: Visitor, client: httpx2.Client
) -> None:
    [answer] = visitor.say("what is spms?")
    assert visitor.rate(answer["id"], False, "too long").status_code == 204
    assert _rating(chat, visitor) == (False, "too long")
    assert "thumbs_down" in flags_of(chat, visitor)
    assert visitor.rate(answer["id"], True).status_code == 204
    assert _rating(chat, visitor) == (True, None)
    assert "thumbs_down" not in flags_of(chat, visitor)


def test_an_answer_in_another_language_names_it(visitor: Visitor, bot: ScriptedBot) -> None:
    english = visitor.say("what is spms?")
    bot.answer = {
        "messages": [bot_message("Lo siento", "smalltalk", answer="utter_other_language_es")],
        "understanding": understanding("nlu_fallback"),
    }
    spanish = visitor.say("tengo esclerosis")
    assert [message["language"] for message in spanish] == ["es"]
    # In several languages at once it is none in particular
    bot.answer["messages"][0]["answer"] = "utter_other_language"
    several = visitor.say("привет")
    assert not any("language" in message for message in english + several)
    read = [message for message in visitor.history() if message["from"] == "bot"]
    assert [message.get("language") for message in read][-2:] == ["es", None]


def test_erasing_ends_the_conversation_everywhere(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    visitor.say("what is spms?")
    assert visitor.erase().status_code == 204
    assert bot.erased == [visitor.id]
    assert visitor.post({"text": "hello?"}).status_code == 401
    assert visitor.client.get("/api/v1/messages", headers=visitor.headers).status_code == 401
    assert visitor.erase().status_code == 401


def _conversation(session: Session, visitor: Visitor) -> Conversation:
    return session.scalars(select(Conversation).where(Conversation.public_id == visitor.id)).one()


def _rating(chat: ChatProcess, visitor: Visitor) -> tuple[bool, str | None]:
    def read(session: Session) -> tuple[bool, str | None]:
        rating = session.scalars(
            select(Feedback).where(Feedback.conversation_id == _conversation(session, visitor).id)
        ).one()
        return rating.helpful, rating.comment

    return chat.store.read_now(read)


def flags_of(chat: ChatProcess, visitor: Visitor) -> set[str]:
    """Return the flags of a visitor's conversation; each stands on a visitor's message."""

    def read(session: Session) -> set[str]:
        rows = session.execute(
            select(Flag.name, Message.author)
            .join(Message, Message.id == Flag.message_id)
            .where(Flag.conversation_id == _conversation(session, visitor).id)
        ).all()
        assert all(row.author == "visitor" for row in rows)
        return {row.name for row in rows}

    return chat.store.read_now(read)
