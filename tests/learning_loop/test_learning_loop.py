"""The whole loop: misunderstood, corrected, exported, trained, compared, switched to, understood,
undone; while another visitor goes on talking and loses nothing.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, rows, signed_in
from tests.browser.supervised import SupervisedHelpline

# What several visitors call the same thing, which no example does
QUESTION = "red battery again and it is only eleven"
ASKED_ALIKE = (
    QUESTION,
    "unplugged again at noon, red battery",
    "red battery by half past ten again",
)
TOPIC = "symptom_fatigue"
# Training and comparing on a busy machine
LONG_MS = 900_000


@pytest.fixture(scope="module")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedHelpline]:
    with SupervisedHelpline(tmp_path_factory.mktemp("loop")) as running:
        yield running


class Visitor:
    """A visitor with one conversation; a context manager that closes the connection."""

    def __init__(self, url: str) -> None:
        """Open the conversation."""
        self._client = httpx2.Client(base_url=url, trust_env=False, timeout=30)
        opened = self._client.post("/api/v1/conversations").json()["conversation"]
        self._client.headers["Authorization"] = f"Bearer {opened['token']}"

    def ask(self, text: str) -> dict[str, Any]:
        """Send a message; return the first one of the answer."""
        answer = self._client.post("/api/v1/messages", json={"text": text})
        assert answer.status_code == 200, answer.text
        first: dict[str, Any] = answer.json()["messages"][0]
        return first

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()


@contextmanager
def talking(url: str) -> Iterator[list[str]]:
    """Have a visitor ask every third of a second meanwhile; the kinds of the answers are kept."""
    kinds: list[str] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.wait(0.3):
            kinds.append(visitor.ask("what is spms?")["kind"])

    with Visitor(url) as visitor, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        try:
            yield kinds
        finally:
            enough.set()
        asking.result(60)


def group_them(page: Page, address: str) -> None:
    """Have the unknown questions grouped, and look until they are."""
    page.get_by_role("button", name="Group them now").click()
    expect(page.locator(".done")).to_contain_text("being grouped")
    give_up = time.monotonic() + LONG_MS / 1000
    while page.get_by_text(re.compile("^Grouped")).count() == 0:
        assert time.monotonic() < give_up, page.get_by_role("main").inner_text()
        time.sleep(1)
        page.goto(address)


def wait_for_switch(page: Page, sha: str, count: int) -> None:
    """Wait until the page tells that this model is in use and the switch is over."""
    expect(page.get_by_text("In use: model")).to_contain_text(sha, timeout=LONG_MS)
    # Where the table is wide, the cell does not repeat the name of its column
    ended = page.get_by_role("cell", name=re.compile("Switched$"))
    expect(ended).to_have_count(count, timeout=LONG_MS)


def asked_anew(helpline: SupervisedHelpline, words: str) -> dict[str, Any]:
    """Return the answer to a new visitor: in a conversation that goes on, what was said counts."""
    with Visitor(helpline.chat_url) as visitor:
        return visitor.ask(words)


def test_the_whole_loop(new_page: NewPage, supervised: SupervisedHelpline) -> None:
    for words in ASKED_ALIKE:
        assert asked_anew(supervised, words)["kind"] == "clarify"

    # Corrected as a group by a reviewer, approved and exported by a lead
    password = account(supervised, "rosa", "reviewer")
    rosa = signed_in(new_page, f"{supervised.staff_url}/questions", "rosa", password)
    group_them(rosa, f"{supervised.staff_url}/questions")
    alike = rosa.get_by_role("listitem").filter(has=rosa.get_by_text("3 messages"))
    for words in ASKED_ALIKE:
        expect(alike.get_by_role("link", name=words)).to_be_visible()
    alike.get_by_label("All of them mean").select_option(TOPIC)
    alike.get_by_role("button", name="Correct the group").click()
    expect(rosa.locator(".done")).to_contain_text("The group is corrected.")
    password = account(supervised, "lara", "lead")
    lara = signed_in(new_page, f"{supervised.staff_url}/corrections", "lara", password)
    expect(rows(lara)).to_have_count(len(ASKED_ALIKE))
    for left in reversed(range(len(ASKED_ALIKE))):
        lara.keyboard.press("a")
        expect(lara.locator(".done")).to_have_text("Approved.")
        expect(rows(lara)).to_have_count(left)
    lara.goto(f"{supervised.staff_url}/export")
    lara.get_by_role("button", name="Write into the files").click()
    expect(lara.locator(".done")).to_contain_text("Written into the files")

    # A candidate, compared
    lara.goto(f"{supervised.staff_url}/models")
    old = lara.get_by_text("In use: model").locator("code").inner_text()
    expect(lara.get_by_text("would learn nothing new")).to_have_count(0)
    lara.get_by_role("button", name="Train a candidate").click()
    expect(lara.get_by_role("progressbar")).to_be_visible()
    check(lara)
    expect(lara.get_by_role("button", name="Train a candidate")).to_be_visible(timeout=LONG_MS)
    lara.locator(".runs a").first.click()
    expect(lara.locator(".verdict")).to_contain_text("held-out messages are understood")
    print(lara.locator(".verdict").inner_text())
    new = lara.locator("h1 code").inner_text()
    for words in ASKED_ALIKE:
        expect(lara.get_by_role("link", name=re.compile(re.escape(words)))).to_be_visible()
    for size in SIZES.values():
        lara.set_viewport_size({"width": size[0], "height": size[1]})
        check(lara)
    lara.set_viewport_size({"width": 1280, "height": 800})

    # Switched to, while somebody talks
    with talking(supervised.chat_url) as kinds:
        lara.get_by_label("Why switch").fill("It learned a correction")
        lara.get_by_role("button", name="Switch to it").click()
        expect(lara.get_by_role("status").first).to_be_visible()
        wait_for_switch(lara, new, 1)
    assert set(kinds) == {"answer"}
    check(lara)
    understood = asked_anew(supervised, QUESTION)
    assert (understood["kind"], understood["topic"]) == ("answer", TOPIC)
    lara.get_by_role("link", name="Conversations that it answered").click()
    expect(rows(lara).filter(has_text=QUESTION)).to_have_count(1)

    # What staff chose outlives a restart of everything
    supervised.stop()
    supervised.start()
    assert asked_anew(supervised, QUESTION)["kind"] == "answer"

    # Undone, while somebody talks
    lara.goto(f"{supervised.staff_url}/models")
    with talking(supervised.chat_url) as kinds:
        lara.get_by_label("Why", exact=True).fill("Only a test")
        lara.get_by_role("button", name="Undo the switch").click()
        wait_for_switch(lara, old, 2)
    assert set(kinds) == {"answer"}
    assert len(kinds) > 10
    assert asked_anew(supervised, QUESTION)["kind"] == "clarify"
    lara.goto(f"{supervised.staff_url}/audit?what=model.switched")
    log = lara.get_by_role("main")
    for words in ("It learned a correction", "Only a test", "lara"):
        expect(log).to_contain_text(words)


def test_a_candidate_can_be_cancelled(new_page: NewPage, supervised: SupervisedHelpline) -> None:
    password = account(supervised, "cleo", "lead")
    page = signed_in(new_page, f"{supervised.staff_url}/models", "cleo", password)
    page.get_by_role("button", name="Train a candidate").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".runs > li").first).to_contain_text("Cancelled.", timeout=60_000)
    drafts = list(Path(supervised.checkout / "models" / "candidates").glob(".training-*"))
    assert drafts == []
