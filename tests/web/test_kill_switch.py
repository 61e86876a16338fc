"""The kill switch: staff stop the bot's answers at once, and nobody in danger notices."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpline.store.models import AuditEntry, Understanding
from tests.web.conftest import StartChat
from tests.web.running import ROOT, ChatProcess, Visitor
from tests.web.scripted_bot import ScriptedBot


def switch(chat: ChatProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "helpline.chat.kill_switch", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}",
            "DATABASE_URL": chat.database_url,
            "VAR_DIR": str(chat.var_dir),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def wait_until(chat: ChatProcess, answers: str) -> float:
    """Wait until the process noticed; return the seconds."""
    started = time.monotonic()
    with chat.client() as client:
        while client.get("/readyz").json()["answers"] != answers:
            assert time.monotonic() - started < 20, chat.log
            time.sleep(0.05)
    return time.monotonic() - started


def test_on_and_off_without_a_restart(chat_with: StartChat, bot: ScriptedBot) -> None:
    chat = chat_with()
    with chat.client() as client:
        visitor = Visitor(client)
        assert visitor.say("what is spms?")[0]["kind"] == "answer"

        said = switch(chat, "on", "--reason", "a wrong dose was shown", "--by", "lena")
        assert said.returncode == 0, said.stderr
        assert re.search(r"stopped since .* by lena: a wrong dose was shown", said.stdout)
        wait_until(chat, "stopped")
        asked = len(bot.received)
        [answer] = visitor.say("and which treatments are there?")
        assert answer["kind"] == "unavailable"
        assert answer["contact"]["phone"] == "1-800-344-4867"
        assert "911" in answer["text"] and "988" in answer["text"]
        [chosen] = visitor.choose(visitor.greeting["choices"][0]["id"])
        assert chosen["kind"] == "unavailable"
        crisis, _ = visitor.say("I want to kill myself")
        assert crisis["kind"] == "crisis" and "988" in crisis["text"]
        assert len(bot.received) == asked, "the bot is not even asked"
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["answers"]) == (200, "stopped")
        assert "wrong dose" not in ready.text, "the reason is for staff"
        assert "helpline_answers_stopped 1.0" in client.get("/metrics").text

        assert switch(chat, "off", "--by", "lena").returncode == 0
        wait_until(chat, "on")
        assert visitor.say("what is spms?")[0]["kind"] == "answer"
        assert "helpline_answers_stopped 0.0" in client.get("/metrics").text

    def entries(session: Session) -> list[tuple[str, str, dict[str, str] | None]]:
        rows = session.scalars(
            select(AuditEntry).where(AuditEntry.action.like("answers.%")).order_by(AuditEntry.id)
        )
        return [(row.actor, row.action, row.details) for row in rows]

    assert chat.store.read_now(entries) == [
        ("lena", "answers.stopped", {"reason": "a wrong dose was shown"}),
        ("lena", "answers.resumed", None),
    ]

    def errors(session: Session) -> list[str | None]:
        return list(session.scalars(select(Understanding.error).order_by(Understanding.message_id)))

    assert chat.store.read_now(errors) == [None, "stopped", "stopped", "stopped", None]


def test_a_process_that_starts_later_is_stopped_from_its_first_answer(
    chat_with: StartChat, bot: ScriptedBot
) -> None:
    first = chat_with()
    assert switch(first, "on", "--reason", "a trial", "--by", "lena").returncode == 0
    second = chat_with(database_url=first.database_url)
    with second.client() as client:
        assert Visitor(client).say("what is spms?")[0]["kind"] == "unavailable"
    assert bot.received == []


def test_an_answer_that_is_under_way_is_held_back(chat_with: StartChat, bot: ScriptedBot) -> None:
    from concurrent.futures import ThreadPoolExecutor

    chat = chat_with()
    bot.delay = 6.0  # the command and the next look at the store come in between
    with chat.client() as client, ThreadPoolExecutor(1) as pool:
        visitor = Visitor(client)
        asking = pool.submit(visitor.say, "what is spms?")
        while not bot.received:
            time.sleep(0.01)
        assert switch(chat, "on", "--reason", "a trial", "--by", "lena").returncode == 0
        assert asking.result(20)[0]["kind"] == "unavailable"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("on", "--by", "lena"), "--reason"),
        (("on", "--reason", "  ", "--by", "lena"), "Say why"),
        (("on", "--reason", "x" * 501, "--by", "lena"), "at most 500 characters"),
        (("on", "--reason", "x", "--by", " "), "Say who you are"),
        (("off",), "--by"),
    ],
)
def test_what_is_missing_is_said(chat: ChatProcess, arguments: tuple[str, ...], says: str) -> None:
    refused = switch(chat, *arguments)
    assert refused.returncode == 2
    assert says in refused.stderr and "Traceback" not in refused.stderr
    assert "The bot answers." in switch(chat, "show").stdout
