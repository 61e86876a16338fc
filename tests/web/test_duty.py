"""The person on duty is told of a crisis, an emergency and abuse: without text, and beside it."""

from __future__ import annotations

import dataclasses
import re
import smtplib
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

import settings
from helpline.chat import duty
from helpline.chat.duty import send_mail
from helpline.chat.metrics import Metrics
from tests.web.conftest import StartChat
from tests.web.duty_receivers import MailServer, WebhookReceiver, wait_for
from tests.web.running import ROOT, ChatProcess, Visitor, free_port
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding
from tests.web.test_alarms import CRISIS, SAID, drop_table

Open = Callable[..., WebhookReceiver]


@pytest.fixture
def webhook() -> Iterator[Open]:
    opened: list[WebhookReceiver] = []

    def make(*statuses: int, delay: float = 0.0) -> WebhookReceiver:
        opened.append(WebhookReceiver(*statuses, delay=delay))
        return opened[-1]

    yield make
    for each in opened:
        each.stop()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    yield server
    server.stop()


def count(chat: ChatProcess, channel: str, outcome: str) -> float:
    with chat.client() as client:
        text = client.get("/metrics").text
    name = f'helpline_duty_notices_total{{channel="{channel}",outcome="{outcome}"}}'
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_webhook_and_mail_name_kind_and_conversation_only(
    chat_with: StartChat, webhook: Open, mail_server: MailServer
) -> None:
    hook = webhook()
    chat = chat_with(
        DUTY_WEBHOOK_URL=hook.url,
        DUTY_EMAIL="duty@society.example",
        DUTY_EMAIL_FROM="helpline@society.example",
        SMTP_URL=mail_server.url,
        STAFF_URL="https://staff.society.example/",
    )
    with chat.client() as client:
        visitors = {}
        Visitor(client).say("what is spms?")
        for kind, said, _ in SAID:
            visitors[kind] = Visitor(client)
            visitors[kind].say(said)
        wait_for(lambda: len(hook.bodies) == 3 and len(mail_server.mails) == 3, "the notices")
    for body in hook.bodies:
        assert set(body) == {"event", "kind", "at", "conversation"}
        link = f"https://staff.society.example/conversations/{visitors[body['kind']].id}"
        assert body["conversation"] == link
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", body["at"])
    assert {body["kind"] for body in hook.bodies} == {"crisis", "emergency", "abuse"}
    mails = {str(mail["subject"]): mail for mail in mail_server.mails}
    mail = mails["SPMS Helpline: a visitor may be in a crisis"]
    assert (mail["to"], mail["from"]) == ("duty@society.example", "helpline@society.example")
    assert visitors["crisis"].id in str(mail.get_payload())
    sent = str(hook.bodies) + "".join(str(mail) for mail in mail_server.mails)
    for _, said, _ in SAID:
        assert said not in sent
    assert count(chat, "webhook", "sent") == count(chat, "email", "sent") == 3


def test_a_notice_of_a_kind_comes_once_for_a_while(chat_with: StartChat, webhook: Open) -> None:
    hook = webhook()
    chat = chat_with(DUTY_WEBHOOK_URL=hook.url)
    with chat.client() as client:
        visitor = Visitor(client)
        for said in (CRISIS, CRISIS, "my husband hits me", CRISIS):
            visitor.say(said)
        Visitor(client).say(CRISIS)
        wait_for(lambda: len(hook.bodies) >= 3, "the notices")
    chat.stop()
    assert sorted(body["kind"] for body in hook.bodies) == ["abuse", "crisis", "crisis"]


def test_the_bots_own_alarm_and_a_comment_are_told_too(
    chat_with: StartChat, webhook: Open, bot: ScriptedBot
) -> None:
    hook = webhook()
    chat = chat_with(DUTY_WEBHOOK_URL=hook.url)
    with chat.client() as client:
        writer, seen = Visitor(client), Visitor(client)
        [answer] = writer.say("what is spms?")
        writer.rate(answer["id"], False, CRISIS)
        bot.answer = {
            "messages": [bot_message("Please call or text 988.", "crisis", answer="utter_crisis")],
            "understanding": understanding("crisis"),
        }
        seen.say("a sentence that only the model understands")
        wait_for(lambda: len(hook.bodies) == 2, "the notices")
    ids = {body["conversation"].rpartition("/")[2] for body in hook.bodies}
    assert ids == {writer.id, seen.id}


def test_it_is_told_even_if_the_store_is_broken(chat_with: StartChat, webhook: Open) -> None:
    hook = webhook()
    chat = chat_with(DUTY_WEBHOOK_URL=hook.url)
    with chat.client() as client:
        visitor = Visitor(client)
        drop_table(chat, "message")
        visitor.say(CRISIS)
        wait_for(lambda: len(hook.bodies) == 1, "the notice")
    assert hook.bodies[0]["conversation"].endswith("/conversations?flag=crisis")


def test_a_receiver_that_refuses_is_tried_again(chat_with: StartChat, webhook: Open) -> None:
    hook = webhook(500)
    chat = chat_with(DUTY_WEBHOOK_URL=hook.url)
    with chat.client() as client:
        Visitor(client).say(CRISIS)
        wait_for(lambda: len(hook.bodies) == 2, "the second attempt")
        wait_for(lambda: count(chat, "webhook", "sent") == 1, "the count")
    assert hook.bodies[0] == hook.bodies[1]
    assert count(chat, "webhook", "retried") == 1
    assert "duty notice was not sent" in chat.log
    assert "hook-secret" not in chat.log and CRISIS not in chat.log


def test_receivers_that_hang_or_are_away_keep_nobody_waiting(
    chat_with: StartChat, webhook: Open
) -> None:
    hook = webhook(delay=8.0)
    chat = chat_with(
        DUTY_WEBHOOK_URL=hook.url,
        DUTY_EMAIL="duty@society.example",
        SMTP_URL=f"smtp://user:mail-secret@127.0.0.1:{free_port()}",
    )
    with chat.client() as client:
        # The first message of a process waits for what it loads, which is another matter
        Visitor(client).say("what is spms?")
        for _ in range(5):
            visitor = Visitor(client)
            started = time.monotonic()
            assert visitor.say(CRISIS)[0]["kind"] == "crisis"
            assert time.monotonic() - started < 6.0, "slow machines included"
        wait_for(lambda: count(chat, "email", "retried") >= 5, "the failed attempts")
        assert hook.bodies == [], "the answers came before the notices"
    assert "mail-secret" not in chat.log


def test_a_password_is_not_sent_where_anybody_could_read_it(mail_server: MailServer) -> None:
    mail = EmailMessage()
    mail["From"] = mail["To"] = "duty@society.example"
    mail.set_content("a notice")
    with pytest.raises(smtplib.SMTPNotSupportedError, match="the password is not sent"):
        send_mail(mail_server.url.replace("//", "//user:mail-secret@"), mail)
    assert mail_server.mails == []
    send_mail(mail_server.url, mail)
    assert len(mail_server.mails) == 1


async def test_more_notices_than_can_wait_are_dropped_and_told(
    webhook: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = webhook(delay=0.5)
    values = dataclasses.replace(settings.load(), duty_webhook_url=hook.url)
    metrics = Metrics()
    monkeypatch.setattr(duty, "MOST_PENDING", 2)
    notifier = duty.DutyNotifier(values, metrics)
    for conversation in ("one", "two", "three", "one"):
        notifier.tell("crisis", conversation)
    await notifier.close()
    # The third found no place; the first conversation was told of already
    assert sorted(body["conversation"].rpartition("/")[2] for body in hook.bodies) == ["one", "two"]
    labels = {"channel": "webhook", "outcome": "dropped"}
    assert metrics.registry.get_sample_value("helpline_duty_notices_total", labels) == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"DUTY_WEBHOOK_URL": "ftp://society.example"}, "DUTY_WEBHOOK_URL must be"),
        ({"DUTY_EMAIL": "duty@society.example"}, "DUTY_EMAIL needs SMTP_URL"),
        ({"DUTY_EMAIL": "duty", "SMTP_URL": "smtp://host"}, "must be an e-mail address"),
        ({"SMTP_URL": "mail.society.example"}, "SMTP_URL must begin"),
    ],
)
def test_wrong_settings_are_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    values: dict[str, str],
    says: str,
) -> None:
    from helpline.chat.__main__ import main

    monkeypatch.chdir(ROOT)
    # It would take the log of this process, which is the tests', for the rest of the run
    monkeypatch.setattr("helpline.shared.logs.configure", lambda _level: None)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert main() == 2
    assert says in capsys.readouterr().err
