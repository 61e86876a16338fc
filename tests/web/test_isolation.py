"""Two visitors cannot see, continue, rate, erase or guess one another's conversation."""

from __future__ import annotations

import httpx2

from tests.web.running import Visitor
from tests.web.scripted_bot import ScriptedBot
from tests.web.test_problems import assert_problem


def test_another_conversations_choice(
    visitor: Visitor, other_visitor: Visitor, bot: ScriptedBot
) -> None:
    [answer] = visitor.say("what is spms?")
    theirs = answer["choices"][0]["id"]
    assert_problem(other_visitor.post({"choice": theirs}), 422, "unknown-choice")
    assert len(bot.received) == 1
    other_visitor.say("the conversation goes on")


def test_another_conversations_message_cannot_be_rated(
    visitor: Visitor, other_visitor: Visitor
) -> None:
    [answer] = visitor.say("what is spms?")
    assert_problem(other_visitor.rate(answer["id"], False), 404, "unknown-message")


def test_each_sees_only_their_own_messages(visitor: Visitor, other_visitor: Visitor) -> None:
    visitor.say("about walking sticks")
    other_visitor.say("about swimming pools")
    assert "swimming" not in str(visitor.history())
    assert "walking" not in str(other_visitor.history())
    shared = {message["id"] for message in visitor.history()} & {
        message["id"] for message in other_visitor.history()
    }
    assert shared == set()


def test_erasing_leaves_the_other_conversation(visitor: Visitor, other_visitor: Visitor) -> None:
    other_visitor.say("hello")
    before = other_visitor.history()
    assert visitor.erase().status_code == 204
    assert other_visitor.history() == before


def test_the_id_is_no_token(visitor: Visitor, client: httpx2.Client) -> None:
    for guess in (visitor.id, visitor.token[:-1], visitor.token + "A", visitor.token.lower()):
        answer = client.get("/api/v1/messages", headers={"Authorization": f"Bearer {guess}"})
        assert_problem(answer, 401, "unknown-conversation")


def test_nothing_of_a_conversation_is_in_an_address_or_a_cookie(
    visitor: Visitor, client: httpx2.Client
) -> None:
    answer = visitor.post({"text": "hello"})
    assert "set-cookie" not in answer.headers
    assert client.get(f"/api/v1/conversations/{visitor.id}").status_code == 404
    assert client.get("/api/v1/messages", params={"token": visitor.token}).status_code == 401
