"""Staff hide one answer, or change a setting: running chat processes follow within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.store.hidden_answers import HidingError, hide, is_hidden, show
from helpline.store.models import Flag, Message
from helpline.store.stored_settings import store_setting
from tests.postgres import PostgresServer
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor, start_chat
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding

NAME = "utter_what_is_spms"


def eventually(holds: Callable[[], bool], chat: ChatProcess) -> None:
    """Wait until a running process noticed."""
    give_up = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up, chat.log
        time.sleep(0.1)


def kind_of(visitor: Visitor) -> str:
    kind: str = visitor.say("what is spms?")[0]["kind"]
    return kind


def check_hiding(processes: list[ChatProcess]) -> None:
    """Hide an answer in the store that the processes share, and show it again."""
    first = processes[0]
    visitors = []
    for chat in processes:
        with chat.client() as client:
            visitor = Visitor(client)
            assert kind_of(visitor) == "answer"
    first.store.write_now(hide, NAME, "a wrong figure", "lena")
    for chat in processes:
        client = chat.client()
        visitor = Visitor(client)
        visitors.append(visitor)
        eventually(lambda visitor=visitor: kind_of(visitor) == "handoff", chat)  # type: ignore[misc]
        [answer] = visitor.say("what is spms?")
        assert answer["topic"] == "contact_navigator_support"
        assert answer["contact"]["phone"] == "1-800-344-4867" and "1-800-344-4867" in answer["text"]
        assert "SPMS is a form" not in str(answer)
        assert "answer" not in answer and "figure" not in str(answer)
        assert visitor.history()[-1] == answer
        crisis = visitor.say("I want to kill myself")
        assert crisis[0]["kind"] == "crisis"

    def kept(session: Session) -> tuple[set[str | None], set[str]]:
        names = set(session.scalars(select(Message.answer).where(Message.kind == "handoff")))
        return names, set(session.scalars(select(Flag.name)))

    names, flags = first.store.read_now(kept)
    assert names == {f"hidden/{NAME}"} and "handoff" in flags
    assert first.store.write_now(show, NAME, "lena") is True
    for visitor, chat in zip(visitors, processes, strict=True):
        eventually(lambda visitor=visitor: kind_of(visitor) == "answer", chat)  # type: ignore[misc]
        visitor.client.close()


def test_two_processes_notice(chat_with: StartChat) -> None:
    first = chat_with()
    check_hiding([first, chat_with(database_url=first.database_url)])


def test_the_same_on_postgresql(tmp_path: Path, bot: ScriptedBot, postgres: PostgresServer) -> None:
    chat = start_chat(tmp_path, bot.url, database_url=postgres.new_database())
    try:
        check_hiding([chat])
    finally:
        chat.stop()


def test_of_several_messages_the_hidden_ones_become_one_hand_off(
    chat_with: StartChat, bot: ScriptedBot
) -> None:
    chat = chat_with()
    chat.store.write_now(hide, "siponimod/side_effects", "old", "lena")
    bot.answer = {
        "messages": [
            bot_message("A", answer="siponimod/side_effects"),
            bot_message("B", answer="siponimod,ocrelizumab/side_effects"),
            bot_message("C", answer="siponimod/approval"),
        ],
        "understanding": understanding("treatment_specific_drug"),
    }
    with chat.client() as client:
        visitor = Visitor(client)
        eventually(lambda: kind_of(visitor) == "handoff", chat)
        kinds = [(one["kind"], one["text"][:1]) for one in visitor.say("side effects?")]
        assert kinds == [("handoff", "A"), ("answer", "C")], "the hand-off begins with “An”"


def test_the_same_choice_leads_to_the_hand_off(chat_with: StartChat) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        choice = visitor.say("what is spms?")[0]["choices"][0]["id"]
        chat.store.write_now(hide, NAME, "a wrong figure", "lena")
        eventually(lambda: kind_of(visitor) == "handoff", chat)
        assert visitor.choose(choice)[0]["kind"] == "handoff"


@pytest.mark.parametrize(
    "name", ["utter_crisis", "utter_crisis_someone_else", "utter_emergency", "utter_hand_off"]
)
def test_answers_for_people_in_need_are_never_hidden(name: str, chat: ChatProcess) -> None:
    with pytest.raises(HidingError, match="people in danger"):
        chat.store.write_now(hide, name, "x", "lena")
    # Not even where somebody writes into the table by hand.
    assert not is_hidden(name, {name})
    assert is_hidden(NAME, {NAME}) and not is_hidden(None, {NAME})


def test_retention_and_sites_are_followed_without_a_restart(chat_with: StartChat) -> None:
    chat = chat_with(EMBED_ORIGINS="https://old.example", RETENTION_DAYS="60")
    with chat.client() as client:

        def allowed(origin: str) -> bool:
            answer = client.post("/api/v1/conversations", headers={"Origin": origin})
            framed = origin in answer.headers["content-security-policy"]
            assert ("access-control-allow-origin" in answer.headers) == framed
            return framed

        assert "60 days" in Visitor(client).greeting["text"]
        assert allowed("https://old.example") and not allowed("https://new.example")
        chat.store.write_now(store_setting, "embed_origins", "https://new.example", "ada")
        chat.store.write_now(store_setting, "retention_days", "30", "ada")
        eventually(lambda: allowed("https://new.example"), chat)
        assert not allowed("https://old.example")
        assert "30 days" in Visitor(client).greeting["text"]
        assert "30 days" in client.get("/").text
        chat.store.write_now(store_setting, "embed_origins", None, "ada")
        eventually(lambda: allowed("https://old.example"), chat)
