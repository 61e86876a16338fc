"""The chat page as a browser without JavaScript uses it: forms, and nothing else."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpline.store.models import Conversation, Feedback
from tests.web.conftest import StartChat
from tests.web.running import ChatProcess, free_port, hidden
from tests.web.scripted_bot import ScriptedBot, bot_message, understanding
from tests.web.test_alarms import CRISIS, drop_table

FIELDS = ("token", "start", "key")


class Browser:
    """Sends the form of the page it shows, like a browser without JavaScript."""

    def __init__(self, client: httpx2.Client) -> None:
        """Open the page."""
        self.client = client
        self.answer = client.get("/")
        assert self.answer.status_code == 200
        self.last: dict[str, str] = {}

    @property
    def page(self) -> str:
        """Return the page shown."""
        return self.answer.text

    @property
    def words(self) -> str:
        """Return what somebody reads."""
        return html.unescape(re.sub(r"<[^>]+>", " ", self.page))

    def submit(
        self, *, status: int | None = 200, press: dict[str, str] | None = None, **fields: str
    ) -> None:
        """Send the form with its hidden fields, and these; `press` is from `button`.

        The answer must have `status`, whatever it is with None.
        """
        own = {name: hidden(self.page, name) for name in FIELDS}
        text = re.search(
            r'<textarea[^>]* name="text"[^>]*>\n?(.*?)</textarea>', self.page, re.DOTALL
        )
        assert text is not None
        self.last = {name: value for name, value in own.items() if value is not None}
        self.last |= {"text": html.unescape(text[1]), **fields, **(press or {})}
        self._send(status)

    def reload(self, status: int | None = 200) -> None:
        """Send the last form once more, as a browser does when the page is reloaded."""
        self._send(status)

    def _send(self, status: int | None) -> None:
        headers = {"Sec-Fetch-Site": "same-origin"}
        self.answer = self.client.post("/", data=self.last, headers=headers)
        assert status is None or self.answer.status_code == status, self.words
        assert self.answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in self.answer.headers
        assert "1-800-344-4867" in header(self.page), "the number stands there in every state"

    def button(self, label: str) -> dict[str, str]:
        """Return the field that the button called `label` sends."""
        found = re.search(
            rf'<button[^>]*form="chat" name="(\w+)" value="([^"]*)">{re.escape(label)}<', self.page
        )
        assert found is not None, f"no button {label!r} in: {self.words}"
        return {found[1]: html.unescape(found[2])}


def header(page: str) -> str:
    """Return the page's header."""
    return page[page.index("<header") : page.index("</header>")]


@pytest.fixture
def browser(client: httpx2.Client) -> Browser:
    return Browser(client)


def conversations(chat: ChatProcess) -> int:
    def count(session: Session) -> int:
        return session.scalars(select(func.count()).select_from(Conversation)).one()

    return chat.store.read_now(count)


def test_the_page_shows_greeting_and_form(chat: ChatProcess, browser: Browser) -> None:
    before = conversations(chat)
    again = Browser(browser.client)
    assert "I am" in browser.words and "bot" in browser.words and "90 days" in browser.words
    assert hidden(browser.page, "token") is None
    assert hidden(browser.page, "start") != hidden(again.page, "start")
    assert hidden(browser.page, "key") != hidden(again.page, "key")
    assert conversations(chat) == before, "looking at the page stores nothing"


def test_the_head_of_the_page(client: httpx2.Client) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/html")


def test_a_question_is_answered_on_the_page(browser: Browser, bot: ScriptedBot) -> None:
    browser.submit(text="what is <b>spms</b> & more?")
    assert bot.received[0]["text"] == "what is <b>spms</b> & more?"
    assert "what is &lt;b&gt;spms&lt;/b&gt; &amp; more?" in browser.page
    assert "<li>It often follows relapsing MS.</li>" in browser.page
    assert "Where this comes from (2)" in browser.words
    assert "A society, May 1, 2024" in re.sub(r"\s+,", ",", browser.words)
    assert "Last checked: November 22, 2026" in browser.words
    assert 'href="https://example.org/more"' in browser.page
    assert hidden(browser.page, "start") is None
    token = hidden(browser.page, "token")
    browser.submit(text="and then?")
    assert hidden(browser.page, "token") == token
    assert bot.received[1]["conversation"] == bot.received[0]["conversation"]
    assert browser.words.index("It often follows") < browser.words.index("and then?")


def test_a_choice_is_a_button_and_keeps_what_was_being_written(
    browser: Browser, bot: ScriptedBot
) -> None:
    browser.submit(press=browser.button("What SPMS is"))
    assert bot.received[0]["payload"]["intent"] == "what_is_spms"
    browser.submit(text="half a thou", press=browser.button("About siponimod"))
    assert bot.received[1]["payload"]["entities"] == {"treatment": "siponimod"}
    assert "half a thou</textarea>" in browser.page


def test_reloading_sends_nothing_twice(
    chat: ChatProcess, browser: Browser, bot: ScriptedBot
) -> None:
    before = conversations(chat)
    browser.submit(text="what is spms?")
    first = hidden(browser.page, "token")
    browser.reload()
    assert hidden(browser.page, "token") == first
    assert len(bot.received) == 1
    assert conversations(chat) == before + 1
    browser.submit(text="and then?")
    browser.reload()
    assert len(bot.received) == 2
    assert browser.words.count("and then?") == 1


def test_rating_an_answer(chat: ChatProcess, browser: Browser) -> None:
    browser.submit(text="what is spms?")
    browser.submit(text="a draft", press=browser.button("Yes"))
    assert "glad that it helped" in browser.words
    assert "a draft</textarea>" in browser.page
    browser.submit(text="again")
    browser.submit(press=browser.button("No"))
    assert "We will look at this answer" in browser.words
    browser.submit(comment="About stairs", press=browser.button("Send comment"))
    assert "We will look at this answer" in browser.words
    assert "What would have helped you more?" not in browser.words
    comments = chat.store.read_now(lambda session: session.scalars(select(Feedback.comment)).all())
    assert "About stairs" in comments


def test_an_empty_question(browser: Browser, bot: ScriptedBot) -> None:
    browser.submit(status=422, text="   ")
    assert "Write your question first" in browser.words
    assert 'aria-invalid="true"' in browser.page
    assert 'aria-describedby="error hint"' in browser.page
    assert "<title>Error: " in browser.page
    browser.submit(text="what is spms?")
    browser.submit(status=422, text="")
    assert "Write your question first" in browser.words and "It often follows" in browser.words
    assert len(bot.received) == 1


def test_a_question_that_is_too_long_is_not_lost(browser: Browser) -> None:
    browser.submit(status=422, text="long " * 300)
    assert "1,499 characters" in browser.words and "1,000" in browser.words
    assert ("long " * 300).strip() in browser.page


def test_erasing_asks_first(chat: ChatProcess, browser: Browser, bot: ScriptedBot) -> None:
    browser.submit(text="what is spms?")
    browser.submit(press=browser.button("Erase this conversation"))
    assert "cannot be brought back" in browser.words
    browser.submit(press=browser.button("No, keep it"))
    assert "It often follows" in browser.words
    browser.submit(press=browser.button("Erase this conversation"))
    browser.submit(press=browser.button("Yes, erase it"))
    assert "was erased" in browser.words and "It often follows" not in browser.words
    assert hidden(browser.page, "token") is None
    assert bot.erased == [bot.received[0]["conversation"]]


def test_an_erased_conversation_does_not_come_back(
    chat: ChatProcess, browser: Browser, bot: ScriptedBot
) -> None:
    """The next person at a shared computer goes back and lets the browser send the form again."""
    browser.submit(text="my secret question")
    first = dict(browser.last)
    browser.submit(press=browser.button("Erase this conversation"))
    browser.submit(press=browser.button("Yes, erase it"))
    before = conversations(chat)
    browser.last = first
    browser.reload()
    assert "has ended" in browser.words
    assert conversations(chat) == before
    assert len(bot.received) == 1


def test_a_conversation_that_is_gone_keeps_the_question(browser: Browser) -> None:
    browser.submit(text="what is spms?")
    browser.last["token"] = "x" * 43
    browser.last["text"] = "my question"
    browser.reload()
    assert "has ended" in browser.words and "my question</textarea>" in browser.page
    browser.submit()
    assert "It often follows" in browser.words


@pytest.mark.parametrize("start", ["", "short", "x" * 42, "x" * 44, "ä" * 43])
def test_a_start_that_is_not_ours_begins_nothing(
    chat: ChatProcess, browser: Browser, start: str
) -> None:
    before = conversations(chat)
    browser.submit(text="hello", start=start)
    assert "has ended" in browser.words and "hello</textarea>" in browser.page
    assert conversations(chat) == before


def test_a_crisis_on_the_page(browser: Browser, bot: ScriptedBot) -> None:
    bot.drop_connection = True
    browser.submit(text=CRISIS)
    assert 'class="message bot urgent"' in browser.page
    assert 'href="tel:988"' in browser.page


def test_the_page_while_the_bot_is_loading_and_away(chat_with: StartChat, bot: ScriptedBot) -> None:
    chat = chat_with(bot_url=f"http://127.0.0.1:{free_port()}")
    with chat.client() as client:
        browser = Browser(client)
        assert "still loading" in browser.words
        browser.submit(text="what is spms?")
        assert "cannot answer right now" in browser.words
        assert "what is spms?</textarea>" in browser.page, "asking again is one press"


def test_the_page_says_when_the_bot_is_away(client: httpx2.Client, bot: ScriptedBot) -> None:
    bot.stop()
    try:
        assert client.get("/readyz").status_code == 503
        assert "cannot answer right now" in Browser(client).words
    finally:
        bot.start()
    assert client.get("/readyz").status_code == 200
    assert "cannot answer right now" not in Browser(client).words


def test_the_page_when_the_store_is_broken(chat_with: StartChat) -> None:
    chat = chat_with()
    with chat.client() as client:
        browser = Browser(client)
        drop_table(chat, "conversation")
        browser.submit(status=503, text="my question")
        assert "my question</textarea>" in browser.page
        assert "try again" in browser.words.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_form(
    chat: ChatProcess, client: httpx2.Client, headers: dict[str, str]
) -> None:
    before = conversations(chat)
    form = {"start": hidden(client.get("/").text, "start"), "text": "hello"}
    answer = client.post("/", data=form, headers=headers | {"Accept": "text/html"})
    assert answer.status_code == 403 and "another site" in answer.text
    assert conversations(chat) == before


def test_an_old_browser_tells_its_origin(chat: ChatProcess, client: httpx2.Client) -> None:
    form = {"start": hidden(client.get("/").text, "start"), "text": "hello"}
    answer = client.post("/", data=form, headers={"Origin": chat.url})
    assert answer.status_code == 200


def test_broken_forms(client: httpx2.Client) -> None:
    for content_type in ("application/json", "multipart/form-data", "text/plain", "nonsense"):
        answer = client.post("/", content=b"\xff\x00{", headers={"Content-Type": content_type})
        assert answer.status_code in (200, 400), content_type
        assert "1-800-344-4867" in answer.text


def test_the_page_is_sound_html(browser: Browser, bot: ScriptedBot) -> None:
    bot.answer = {
        "messages": [
            bot_message("Call.", "handoff", contact=_contact("988, then press 1")),
            bot_message('<script>alert("x")</script>', choices=[_choice('"><b>')]),
        ],
        "understanding": understanding("greet"),
    }
    pages = [browser.page]
    browser.submit(text='"><script>alert(1)</script>')
    pages.append(browser.page)
    browser.submit(press=browser.button("Erase this conversation"))
    pages.append(browser.page)
    for page in pages:
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        for reference in re.findall(r'(?:for|form|aria-labelledby)="([^"]+)"', page):
            assert reference in ids
        for listed in re.findall(r'aria-describedby="([^"]+)"', page):
            assert set(listed.split()) <= set(ids)
        assert 'lang="en"' in page and page.count("<h1>") == 1 and page.count("<main") == 1
        assert 'role="log"' in page and 'href="#text"' in page
        assert "<script>" not in page and "<b>" not in page
        assert " style=" not in page and not re.search(r"\son\w+=", page)
        for target in re.findall(r'<a [^>]*target="_blank"[^>]*>', page):
            assert 'rel="noopener"' in target
    assert "988, then press 1" in pages[1] and "tel:9881" not in pages[1]


def test_another_language_is_named_for_a_voice(client: httpx2.Client, bot: ScriptedBot) -> None:
    bot.answer = {
        "messages": [
            bot_message("Lo siento.\n\n- uno\n- dos", "smalltalk", answer="utter_other_language_es")
        ],
        "understanding": understanding("nlu_fallback"),
    }
    browser = Browser(client)
    browser.submit(text="tengo esclerosis")
    assert '<p class="text" lang="es">Lo siento.</p>' in browser.page
    assert '<ul lang="es">' in browser.page
    assert '<p class="text">tengo esclerosis</p>' in browser.page


def _contact(phone: str) -> dict[str, Any]:
    return {"name": "A line", "phone": phone, "url": None, "for": "Help.", "hours": "day"}


def _choice(label: str) -> dict[str, Any]:
    return {"label": label, "payload": {"intent": "greet", "entities": {}}}
