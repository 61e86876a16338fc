"""What `make shell` prints."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import settings
from scripts import processes, shell, train
from settings import Settings

MESSAGE: dict[str, Any] = {
    "text": "A short answer.\n\n- one\n- two",
    "contact": {
        "name": "MS Navigator",
        "phone": "the number",
        "url": "https://example.org",
        "for": "questions",
        "hours": None,
    },
    "links": [{"label": "Trials", "url": "https://example.org/trials"}],
    "sources": [
        {"title": "A title", "publisher": "A journal", "url": None, "published": "2018"},
    ],
    "checked_on": "2026-11-22",
    "choices": [{"label": "Tell me more", "payload": {"intent": "x", "entities": {}}}],
}


def test_a_message_shows_text_contact_sources_and_choices() -> None:
    text = shell.render(MESSAGE, first_choice=3)
    assert "A short answer.\n\n- one\n- two" in text
    assert "MS Navigator: the number · https://example.org" in text
    assert "Trials: https://example.org/trials" in text
    assert "last checked 2026-11-22" in text
    assert "- A title, A journal, 2018" in text
    assert "[3] Tell me more" in text
    assert "None" not in text


def test_explain_names_intent_nearest_and_action() -> None:
    understanding = {
        "intent": "what_is_spms",
        "confidence": 0.91,
        "ranking": [{"name": "what_is_spms", "confidence": 0.91}],
        "nearest": {"text": "what is spms", "score": 0.5588369369506836},
        "entities": [],
        "safety": None,
        "actions": ["utter_what_is_spms"],
        "policy": "RulePolicy",
        "milliseconds": 7.1,
    }
    text = shell.explain(understanding)
    assert "what_is_spms (0.91)" in text
    assert "'what is spms' (0.56)" in text
    assert "utter_what_is_spms" in text
    assert "Nothing" in shell.explain(None)


@pytest.mark.parametrize("current", [True, False])
def test_a_bot_that_runs_already_may_not_know_what_was_changed(
    current: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "is_ready", lambda _: True)
    monkeypatch.setattr(train, "is_current", lambda: current)
    monkeypatch.setattr(shell, "talk", lambda _url, _secret: None)
    assert shell.main() == 0
    assert ("not in it yet" in capsys.readouterr().out) is not current


class FakeBot:
    """What stands at the bot's address: keeps what it was sent, answers what a test says."""

    def __init__(self) -> None:
        self.status, self.answer = 200, json.dumps(ANSWER).encode()
        self.asked: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        bot = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/webhooks/helpline/messages"
                bot.secrets.append(self.headers["Authorization"])
                bot.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(bot.status)
                self.end_headers()
                self.wfile.write(bot.answer)

            def log_message(self, *_arguments: object) -> None:
                """Keep the test's output clean."""

        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


ANSWER: dict[str, Any] = {
    "messages": [MESSAGE, {**MESSAGE, "text": "The second.", "choices": []}],
    "understanding": {
        "intent": "what_is_spms",
        "confidence": 0.91,
        "ranking": [],
        "nearest": None,
        "entities": [],
        "safety": None,
        "actions": [],
        "policy": None,
        "milliseconds": 7.1,
    },
}


@pytest.fixture
def bot() -> Iterator[FakeBot]:
    fake = FakeBot()
    yield fake
    fake.stop()


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Type these lines, then Ctrl-D."""
    waiting = iter(lines)

    def read(_prompt: str) -> str:
        line = next(waiting, None)
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr("builtins.input", read)


def test_a_conversation_is_asked_line_by_line(
    bot: FakeBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "?", "  what is spms ", "", "1", "?", "7")
    shell.talk(bot.url, "the secret")
    said = capsys.readouterr().out
    assert said.index("Nothing has been understood yet.") < said.index("A short answer.")
    assert "The second." in said
    assert "(Tell me more)" in said
    assert "intent what_is_spms (0.91)" in said
    # A choice goes as its payload; a number that is none, as it was typed
    assert [body.get("text") for body in bot.asked] == ["what is spms", None, "7"]
    assert bot.asked[1]["payload"] == MESSAGE["choices"][0]["payload"]
    assert len({body["conversation"] for body in bot.asked}) == 1
    assert set(bot.secrets) == {"Bearer the secret"}


def test_a_bot_that_refuses_or_talks_nonsense_ends_nothing(
    bot: FakeBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bot.status, bot.answer = 401, b"Send the bot's secret"
    typed(monkeypatch, "hello", "?")
    shell.talk(bot.url, "wrong")
    said = capsys.readouterr().out
    assert "The bot refused (401): Send the bot's secret" in said
    assert "Nothing has been understood yet." in said
    bot.status, bot.answer = 200, b"<html>"
    with pytest.raises(shell.BotError, match="does not answer"):
        shell.ask(bot.url, "x", {})


def test_a_bot_that_is_gone_is_told(bot: FakeBot) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(shell.BotError, match="does not answer"):
            shell.ask(url, "x", {})


def test_ctrl_c_ends_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    shell.talk("http://127.0.0.1:9", "x")


class Started:
    """Stands for a bot that was started for the time being."""

    settings: Settings
    stopped = False

    def __enter__(self) -> Started:
        return self

    def __exit__(self, *_error: object) -> None:
        Started.stopped = True


def test_without_a_bot_one_is_started_and_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr(Started, "settings", settings.load(), raising=False)
    monkeypatch.setattr(processes, "is_ready", lambda _: False)
    monkeypatch.setattr(train, "train", lambda: True)
    monkeypatch.setattr(processes, "running_helpline", lambda _names: Started())
    talked: list[str] = []
    monkeypatch.setattr(shell, "talk", lambda url, _secret: talked.append(url))
    assert shell.main() == 0
    assert talked == [Started.settings.bot_url]
    assert Started.stopped


def test_why_no_bot_can_be_started_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_names: object) -> None:
        raise processes.StartError("bot did not get ready. The end of its output: no memory")

    monkeypatch.setattr(processes, "is_ready", lambda _: False)
    monkeypatch.setattr(processes, "running_helpline", fail)
    monkeypatch.setattr(train, "train", lambda: True)
    assert shell.main() == 1
    assert "no memory" in capsys.readouterr().err
    monkeypatch.setattr(train, "train", lambda: False)
    assert shell.main() == 1
