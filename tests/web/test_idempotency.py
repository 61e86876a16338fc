"""A request that is sent again is answered again, and runs nothing twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline.chat import written
from helpline.chat.tokens import hash_token
from helpline.chat.turn_runner import OPEN_SECONDS
from helpline.store.errors import TurnTaken
from helpline.store.models import Conversation, IdempotentRequest, Message
from helpline.store.turns import Turn, TurnRequest, begin_turn, finish_turn, keep_open
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ScriptedBot
from tests.web.test_problems import assert_problem


def test_a_repeat_gets_the_first_answer(visitor: Visitor, bot: ScriptedBot) -> None:
    first = visitor.say("what is spms?", key="k1")
    visitor.say("something else", key="k2")
    assert visitor.say("what is spms?", key="k1") == first
    assert len(bot.received) == 2
    assert len(visitor.history()) == 5


def test_a_repeated_choice(visitor: Visitor, bot: ScriptedBot) -> None:
    choice = visitor.greeting["choices"][0]["id"]
    answers = [visitor.post({"choice": choice}, key="k").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(bot.received) == 1


def test_the_same_key_with_another_body(visitor: Visitor, bot: ScriptedBot) -> None:
    visitor.say("what is spms?", key="k")
    assert_problem(visitor.post({"text": "other"}, key="k"), 422, "idempotency-key-reused")
    choice = visitor.greeting["choices"][0]["id"]
    assert_problem(visitor.post({"choice": choice}, key="k"), 422, "idempotency-key-reused")
    assert len(bot.received) == 1


def test_a_key_belongs_to_one_conversation(
    visitor: Visitor, other_visitor: Visitor, bot: ScriptedBot
) -> None:
    visitor.say("mine", key="k")
    other_visitor.say("theirs", key="k")
    assert [message["text"] for message in bot.received] == ["mine", "theirs"]


def test_without_a_key_every_message_counts(visitor: Visitor, bot: ScriptedBot) -> None:
    visitor.say("again")
    visitor.say("again")
    assert len(bot.received) == 2


def test_a_refused_request_leaves_its_key_free(visitor: Visitor) -> None:
    assert_problem(visitor.post({"choice": "nothing"}, key="k"), 422, "unknown-choice")
    assert visitor.say("hello", key="k")[0]["kind"] == "answer"


def test_repeats_wait_while_the_first_still_runs(visitor: Visitor, bot: ScriptedBot) -> None:
    bot.delay = 0.4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visitor.say("what is spms?", key="k"), range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(bot.received) == 1


def test_repeats_wait_in_another_process(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot, chat_with: StartChat
) -> None:
    # Processes of one helpline share their secrets.
    secret = (chat.var_dir / "secrets" / "chat").read_text()
    second = chat_with(database_url=chat.database_url, BOT_TIMEOUT_SECONDS="1", CHAT_SECRET=secret)
    bot.delay = 0.5
    with second.client() as client, ThreadPoolExecutor(6) as pool:
        elsewhere = Visitor.__new__(Visitor)
        elsewhere.client, elsewhere.token = client, visitor.token
        visitors = [visitor, elsewhere] * 3
        answers = list(pool.map(lambda each: each.say("what is spms?", key="k"), visitors))
    assert all(answer == answers[0] for answer in answers)
    assert len(bot.received) == 1


def test_messages_of_one_conversation_are_answered_one_after_the_other(
    visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.delay = 0.15
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda number: visitor.say(f"question {number}"), range(5)))
    history = visitor.history()[1:]
    assert [message["from"] for message in history] == ["visitor", "bot"] * 5
    asked = [message["text"] for message in history if message["from"] == "visitor"]
    assert asked == [message["text"] for message in bot.received]


def test_two_visitors_do_not_wait_for_each_other(
    visitor: Visitor, other_visitor: Visitor, bot: ScriptedBot
) -> None:
    bot.delay = 0.5
    both = threading.Barrier(2)

    def ask(each: Visitor) -> None:
        both.wait(10)
        each.say("hello")

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(ask, each) for each in (visitor, other_visitor)]
        for _ in range(400):
            if len(bot.received) == 2:
                break
            threading.Event().wait(0.01)
        # The bot has both questions while it still thinks about the first one.
        assert len(bot.received) == 2
        assert not running[0].done() and not running[1].done()
        for each in running:
            each.result(10)


def test_a_visitor_who_hangs_up_finds_the_answer(visitor: Visitor, bot: ScriptedBot) -> None:
    bot.delay = 0.5
    with httpx2.Client(base_url=visitor.client.base_url, timeout=0.2, trust_env=False) as impatient:
        try:
            impatient.post(
                "/api/v1/messages",
                json={"text": "what is spms?"},
                headers=visitor.headers | {"Idempotency-Key": "k"},
            )
            raise AssertionError("the answer came too early for this test")
        except httpx2.TimeoutException:
            pass
    assert visitor.say("what is spms?", key="k")[0]["kind"] == "answer"
    assert len(bot.received) == 1


def test_a_turn_that_a_dead_process_left_open_is_taken_over(
    visitor: Visitor, bot: ScriptedBot, chat_with: StartChat
) -> None:
    dying = chat_with(BOT_TIMEOUT_SECONDS="5")
    bot.delay = 3
    with dying.client() as client, ThreadPoolExecutor(1) as pool:
        unlucky = Visitor(client)
        asking = pool.submit(lambda: unlucky.post({"text": "what is spms?"}, key="k"))
        while not bot.received:
            threading.Event().wait(0.02)
        dying.kill()
        assert isinstance(asking.exception(10), httpx2.TransportError)
    bot.reset()
    heir = chat_with(database_url=dying.database_url)
    with heir.client() as client:
        unlucky.client = client
        answer = unlucky.say("what is spms?", key="k")
        assert answer[0]["kind"] == "answer"
        assert unlucky.say("what is spms?", key="k") == answer
        assert [message["from"] for message in unlucky.history()] == ["bot", "visitor", "bot"]
    assert len(bot.received) == 1


def test_a_turn_is_left_to_its_process_however_slow_the_bot(
    visitor: Visitor, bot: ScriptedBot, chat_with: StartChat
) -> None:
    first = chat_with(BOT_TIMEOUT_SECONDS="8", CHAT_SECRET="shared")
    second = chat_with(
        database_url=first.database_url, BOT_TIMEOUT_SECONDS="8", CHAT_SECRET="shared"
    )
    bot.delay = OPEN_SECONDS + 1.5
    with first.client() as client, second.client() as other, ThreadPoolExecutor(2) as pool:
        here, elsewhere = Visitor(client), Visitor.__new__(Visitor)
        elsewhere.client, elsewhere.token = other, here.token
        answers = list(pool.map(lambda each: each.say("what is spms?", key="k"), (here, elsewhere)))
    assert answers[0] == answers[1] and answers[0][0]["kind"] == "answer"
    assert len(bot.received) == 1


def _begin(chat: ChatProcess, visitor: Visitor, seconds: float) -> Turn:
    token = hash_token(visitor.token)
    request = TurnRequest(token, "k", "body", "hello", None, (), seconds, 24)
    turn = chat.store.write_now(begin_turn, request)
    assert isinstance(turn, Turn)
    return turn


def _open_until(chat: ChatProcess, turn: Turn) -> datetime | None:
    query = select(Conversation.turn_open_until).where(Conversation.id == turn.conversation_id)
    return chat.store.read_now(lambda session: session.scalars(query).one())


def test_who_comes_back_too_late_gives_the_answer_of_the_other(
    chat: ChatProcess, visitor: Visitor
) -> None:
    late, heir = _begin(chat, visitor, seconds=0), _begin(chat, visitor, seconds=9)
    answer = [written.unavailable()]
    with pytest.raises(TurnTaken):
        chat.store.write_now(finish_turn, late, answer, {}, [])
    stored = chat.store.write_now(finish_turn, heir, answer, {}, [])
    assert chat.store.write_now(finish_turn, late, answer, {}, []) == stored
    assert [message["from"] for message in visitor.history()] == ["bot", "visitor", "bot"]


def test_a_turn_that_is_kept_open_lasts_longer(chat: ChatProcess, visitor: Visitor) -> None:
    turn = _begin(chat, visitor, seconds=5)
    turn.ends.append(turn.ends[0] + timedelta(seconds=60))
    chat.store.write_now(keep_open, turn)
    assert _open_until(chat, turn) == turn.ends[1]
    chat.store.write_now(finish_turn, turn, [written.unavailable()], {}, [])
    assert _open_until(chat, turn) is None


def test_keeping_a_turn_open_that_has_ended_opens_nothing(
    chat: ChatProcess, visitor: Visitor
) -> None:
    turn = _begin(chat, visitor, seconds=5)
    chat.store.write_now(finish_turn, turn, [written.unavailable()], {}, [])
    # Was on its way when the answer was stored
    turn.ends.append(turn.ends[0] + timedelta(seconds=60))
    chat.store.write_now(keep_open, turn)
    assert _open_until(chat, turn) is None
    assert visitor.say("and now?", key="next")[0]["kind"] == "answer"


def test_keeping_a_turn_open_leaves_one_that_was_taken_over(
    chat: ChatProcess, visitor: Visitor
) -> None:
    late, heir = _begin(chat, visitor, seconds=0), _begin(chat, visitor, seconds=9)
    late.ends.append(heir.ends[0] + timedelta(seconds=60))
    chat.store.write_now(keep_open, late)
    assert _open_until(chat, heir) == heir.ends[0]


def test_the_key_is_kept_with_a_keyed_hash_of_the_body(chat: ChatProcess, visitor: Visitor) -> None:
    import hashlib

    visitor.say("what is spms?", key="a-key-for-this-test")

    def read(session: Session) -> tuple[str, int]:
        kept = session.scalars(
            select(IdempotentRequest).where(IdempotentRequest.key == "a-key-for-this-test")
        ).one()
        answers = session.scalars(
            select(func.count())
            .select_from(Message)
            .where(
                Message.conversation_id == kept.conversation_id,
                Message.turn == kept.turn,
                Message.author == "bot",
            )
        ).one()
        return kept.body_hash, answers

    body_hash, answers = chat.store.read_now(read)
    assert answers == 1
    assert body_hash != hashlib.sha256(b'{"text": "what is spms?"}').hexdigest()
