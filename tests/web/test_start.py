"""Starting: the page is there before the heavy parts, and wrong settings are named."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from helpline.privacy.retention import erase_batch
from tests.postgres import PostgresServer
from tests.web.running import ROOT, Visitor, free_port, launch_chat, start_chat
from tests.web.scripted_bot import SECRET, ScriptedBot
from tests.web.test_page import Browser
from tests.web.test_privacy import grow_older

ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}"}


def test_the_page_needs_neither_database_nor_http_client() -> None:
    """They take about a second to import: that happens while the page is already served."""
    heavy = "{'sqlalchemy', 'alembic', 'aiohttp', 'phonenumbers', 'psycopg'}"
    code = f"import sys, helpline.chat.app; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


def test_the_page_is_there_first_and_a_question_waits_for_the_rest(
    tmp_path: Path, bot: ScriptedBot
) -> None:
    chat = launch_chat(tmp_path, bot.url)
    try:
        with httpx2.Client(base_url=chat.url, timeout=20, trust_env=False) as client:
            give_up = time.monotonic() + 60
            while True:
                try:
                    browser = Browser(client)
                    break
                except httpx2.TransportError:
                    assert time.monotonic() < give_up, chat.log
                    time.sleep(0.01)
            assert "1-800-344-4867" in browser.words
            # On a machine that is very busy the wait may end first; then the question is kept.
            browser.submit(status=None, text="what is spms?")
            while browser.answer.status_code == 503 and time.monotonic() < give_up:
                assert "what is spms?</textarea>" in browser.page
                browser.submit(status=None)
            assert "It often follows" in browser.words
    finally:
        chat.stop()


def test_without_a_database_the_page_shows_the_number(tmp_path: Path, bot: ScriptedBot) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    chat = launch_chat(tmp_path, bot.url, database_url=nowhere)
    try:
        with httpx2.Client(base_url=chat.url, timeout=20, trust_env=False) as client:
            give_up = time.monotonic() + 30
            while "trying again" not in chat.log:
                assert time.monotonic() < give_up, chat.log
                time.sleep(0.1)
            browser = Browser(client)
            assert "still loading" in browser.words
            browser.submit(status=503, text="what is spms?")
            assert "what is spms?</textarea>" in browser.page
            # Somebody in danger is told whom to call all the same
            browser.submit(text="i want to kill myself")
            assert "988" in browser.words
            # The widget's way too: an alarm is answered, anything else can be sent again
            headers = {"Authorization": "Bearer token-of-an-earlier-conversation"}
            for text, status in (("i want to kill myself", 200), ("what is spms?", 503)):
                answer = client.post("/api/v1/messages", json={"text": text}, headers=headers)
                assert answer.status_code == status
                assert ("988" in answer.text) is (status == 200)
            ready = client.get("/readyz")
            assert ready.status_code == 503 and "store" in ready.json()["missing"]
    finally:
        chat.stop()


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    for name, value in (("LOG_LEVEL", "loud"), ("CHAT_PORT", "eighty"), ("RATE_LIMITS", "maybe")):
        ended = subprocess.run(
            [sys.executable, "-m", "helpline.chat"],
            env=ENVIRONMENT | {"VAR_DIR": str(tmp_path), name: value},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert ended.returncode == 2
        assert name in ended.stderr and "Traceback" not in ended.stderr


def test_a_conversation_survives_a_restart(tmp_path: Path, bot: ScriptedBot) -> None:
    first = start_chat(tmp_path, bot.url, BOT_SECRET=SECRET)
    with first.client() as client:
        visitor = Visitor(client)
        [answer] = visitor.say("what is spms?", key="k")
    first.stop()
    second = start_chat(tmp_path, bot.url)
    with second.client() as client:
        visitor.client = client
        assert visitor.say("what is spms?", key="k") == [answer]
        assert visitor.choose(answer["choices"][0]["id"])[0]["kind"] == "answer"
        assert len(visitor.history()) == 5
    second.stop()


def test_the_same_on_postgresql(tmp_path: Path, bot: ScriptedBot, postgres: PostgresServer) -> None:
    chat = start_chat(tmp_path, bot.url, database_url=postgres.new_database())
    with chat.client() as client:
        visitor, other = Visitor(client), Visitor(client)
        [answer] = visitor.say("what is spms?", key="k")
        with ThreadPoolExecutor(4) as pool:
            repeats = list(pool.map(lambda _: visitor.say("what is spms?", key="k"), range(4)))
        assert repeats == [[answer]] * 4
        visitor.choose(answer["choices"][1]["id"])
        assert visitor.rate(answer["id"], False, "too long").status_code == 204
        assert len(visitor.history()) == 5
        assert len(bot.received) == 2
        other.say("hello")
        chat.store.write_now(grow_older, other, 91)
        assert chat.store.write_now(erase_batch, 90, 24).texts == 3
        assert other.history() == []
        assert visitor.erase().status_code == 204
        assert visitor.post({"text": "hello"}).status_code == 401
        assert other.say("still here")[0]["kind"] == "answer"
    chat.stop()
