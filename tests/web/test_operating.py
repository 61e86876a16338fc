"""For whoever runs it: stopping without dropping a request, hanging databases, ids, numbers."""

from __future__ import annotations

import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench.scale.stack import wait_until
from tests.postgres import PostgresServer
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, Visitor
from tests.web.scripted_bot import ScriptedBot

NUMBER = "1-800-344-4867"


def test_a_process_that_stops_answers_what_it_has_begun(
    chat_with: StartChat, bot: ScriptedBot
) -> None:
    chat = chat_with()
    with chat.client() as client, ThreadPoolExecutor(4) as pool:
        visitors = [Visitor(client) for _ in range(4)]
        bot.delay = 2.0
        asked = [pool.submit(visitor.say, "what is spms?") for visitor in visitors]
        wait_until(lambda: len(bot.received) == 4, "the bot was asked", 30)
        chat.process.send_signal(signal.SIGTERM)
        assert [each.result(30)[0]["kind"] for each in asked] == ["answer"] * 4
        assert chat.process.wait(30) == 0
    assert '"error"' not in chat.log, chat.log
    again = chat_with(database_url=chat.database_url)
    with again.client() as client:
        for visitor in visitors:
            visitor.client = client
            assert len(visitor.history()) == 3


def test_a_kept_connection_does_not_hold_up_the_end(chat_with: StartChat) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        begun = time.monotonic()
        chat.process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx2.TransportError):
            while time.monotonic() - begun < 60:
                visitor.history()
        assert chat.process.wait(30) == 0


def test_an_idle_connection_does_not_hold_up_the_end(chat_with: StartChat) -> None:
    chat = chat_with()
    with chat.client() as client:
        Visitor(client)
        chat.process.send_signal(signal.SIGTERM)
        # Sanic keeps idle connections for two minutes
        assert chat.process.wait(60) == 0


def test_a_database_that_hangs_leaves_nobody_waiting(
    chat_with: StartChat, bot: ScriptedBot, postgres: PostgresServer
) -> None:
    chat = chat_with(database_url=postgres.new_database())
    with chat.client() as client:
        visitor, other = Visitor(client), Visitor(client)
        with postgres.frozen(), ThreadPoolExecutor(2) as pool:
            begun = time.monotonic()
            crisis = pool.submit(other.say, "i want to kill myself")
            answer = visitor.post({"text": "what is spms?"}, key="k")
            waited = time.monotonic() - begun
            assert answer.status_code == 503 and answer.json()["contact"]["phone"] == NUMBER
            # 10 seconds and what a busy machine adds; without an end it would wait for ever
            assert waited < 30
            [message, *_] = crisis.result(30)
            assert message["kind"] == "crisis" and "988" in message["text"]
            # Told to whoever watches
            assert "helpline_late_answers_total" in client.get("/metrics").text
        assert visitor.say("what is spms?", key="k")[0]["kind"] == "answer"
        asked = [message for message in visitor.history() if message["from"] == "visitor"]
        assert len(asked) == 1


def _lines(chat: ChatProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in chat.log.splitlines() if line.startswith("{")]


def test_a_request_has_one_id_everywhere(
    chat: ChatProcess, visitor: Visitor, bot: ScriptedBot
) -> None:
    answer = visitor.post({"text": "what is spms?"})
    name = answer.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", name)
    assert bot.request_ids[-1] == name
    [line] = [line for line in _lines(chat) if line.get("request") == name]
    assert line["route"] == "api.send_message"
    assert visitor.post({"text": "hello"}).headers["x-request-id"] != name
    # Nobody from outside chooses it
    chosen = "0" * 32
    answer = visitor.client.get("/healthz", headers={"X-Request-ID": chosen})
    assert answer.headers["x-request-id"] != chosen


def test_a_proxy_of_ours_chooses_the_id(chat_with: StartChat) -> None:
    with chat_with(TRUSTED_PROXIES="1").client() as client:
        for given, kept in (("a" * 32, True), ("x" * 32, False), ("a" * 33, False)):
            headers = {"X-Request-ID": given, "X-Forwarded-For": "203.0.113.1"}
            found = client.get("/healthz", headers=headers).headers["x-request-id"]
            assert (found == given) is kept


def test_the_numbers(chat_with: StartChat, bot: ScriptedBot) -> None:
    with chat_with().client() as client:
        visitor = Visitor(client)
        [answer] = visitor.say("what is spms?")
        visitor.choose(answer["choices"][0]["id"])
        visitor.say("i want to kill myself")
        numbers = client.get("/metrics").text
    assert 'helpline_messages_total{way="text"} 2.0' in numbers
    assert 'helpline_messages_total{way="choice"} 1.0' in numbers
    for stage in ("check", "store question", "bot", "store answer"):
        assert f'helpline_stage_seconds_count{{stage="{stage}"}} 3.0' in numbers, stage
    assert 'helpline_answers_total{kind="crisis"} 1.0' in numbers
    assert 'helpline_store_connections{state="in use"}' in numbers
    assert 'helpline_store_connections{state="most"} 8.0' in numbers
    assert "helpline_redis_away 0.0" in numbers


def test_no_log_line_has_what_a_visitor_wrote(
    chat: ChatProcess, visitor: Visitor, tmp_path: Path
) -> None:
    visitor.say("my zanzibar question")
    assert _lines(chat) and "zanzibar" not in chat.log
