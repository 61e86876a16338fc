"""The whole loop: misunderstood, corrected, exported, trained, compared, switched to, understood,
undone; while another visitor goes on talking and loses nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from content.topics import load_topics
from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, signed_in
from tests.browser.supervised import SupervisedHelpline

QUESTION = "it does whatever it wants with me today, that thing"
# A topic that is answered with a person, not with words
PERSON = "contact_navigator_support"
# Training and comparing on a busy machine
LONG_MS = 900_000


@pytest.fixture(scope="module")
def supervised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupervisedHelpline]:
    with SupervisedHelpline(tmp_path_factory.mktemp("loop")) as running:
        yield running


class Visitor:
    """A visitor with one conversation."""

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

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


class Talking(threading.Thread):
    """A visitor who goes on asking, and keeps what kind of answer came."""

    def __init__(self, url: str) -> None:
        """Open a conversation; `start` begins to ask."""
        super().__init__(daemon=True)
        self.kinds: list[str] = []
        self._visitor = Visitor(url)
        self._enough = threading.Event()

    def run(self) -> None:
        """Ask every third of a second."""
        while not self._enough.wait(0.3):
            self.kinds.append(self._visitor.ask("what is spms?")["kind"])

    def end(self) -> list[str]:
        """Stop asking; return the kinds."""
        self._enough.set()
        self.join(60)
        self._visitor.close()
        return self.kinds


def wait_for_switch(page: Page, sha: str, count: int) -> None:
    """Wait until the page tells that this model is in use and the switch is over."""
    expect(page.get_by_text("In use: model")).to_contain_text(sha, timeout=LONG_MS)
    # Where the table is wide, the cell does not repeat the name of its column
    ended = page.get_by_role("cell", name=re.compile("Switched$"))
    expect(ended).to_have_count(count, timeout=LONG_MS)


def test_the_whole_loop(new_page: NewPage, supervised: SupervisedHelpline) -> None:
    visitor = Visitor(supervised.chat_url)
    assert visitor.ask(QUESTION)["kind"] == "clarify"

    # Corrected by a reviewer, approved and exported by a lead
    password = account(supervised, "rosa", "reviewer")
    rosa = signed_in(new_page, f"{supervised.staff_url}/", "rosa", password)
    rosa.goto(f"{supervised.staff_url}/conversations?queue=not_understood")
    rosa.locator("[data-row]").first.click()
    keys = rosa.locator("button[name='said'][data-key]")
    offered = keys.evaluate_all("all => all.map(one => one.value)")
    intent = next(one for one in offered if one in set(load_topics()) - {PERSON})
    keys.and_(rosa.locator(f"[value='{intent}']")).click()
    expect(rosa.locator(".done")).to_contain_text("Corrected.")
    password = account(supervised, "lara", "lead")
    lara = signed_in(new_page, f"{supervised.staff_url}/corrections", "lara", password)
    lara.keyboard.press("a")
    expect(lara.locator(".done")).to_have_text("Approved.")
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
    changed = lara.get_by_role("link", name=re.compile(re.escape(QUESTION)))
    expect(changed).to_be_visible()
    for size in SIZES.values():
        lara.set_viewport_size({"width": size[0], "height": size[1]})
        check(lara)
    lara.set_viewport_size({"width": 1280, "height": 800})

    # Switched to, while somebody talks
    talking = Talking(supervised.chat_url)
    talking.start()
    lara.get_by_label("Why switch").fill("It learned a correction")
    lara.get_by_role("button", name="Switch to it").click()
    expect(lara.get_by_role("status").first).to_be_visible()
    wait_for_switch(lara, new, 1)
    check(lara)
    understood = visitor.ask(QUESTION)
    assert (understood["kind"], understood["topic"]) == ("answer", intent)
    lara.get_by_role("link", name="Conversations that it answered").click()
    expect(lara.locator("[data-row]").filter(has_text=QUESTION)).to_have_count(1)

    # What staff chose outlives a restart of everything
    assert set(talking.end()) == {"answer"}
    supervised.stop()
    supervised.start()
    assert Visitor(supervised.chat_url).ask(QUESTION)["kind"] == "answer"

    # Undone
    talking = Talking(supervised.chat_url)
    talking.start()
    lara.goto(f"{supervised.staff_url}/models")
    lara.get_by_label("Why", exact=True).fill("Only a test")
    lara.get_by_role("button", name="Undo the switch").click()
    wait_for_switch(lara, old, 2)
    assert visitor.ask(QUESTION)["kind"] == "clarify"
    kinds = talking.end()
    assert set(kinds) == {"answer"}
    assert len(kinds) > 10
    lara.goto(f"{supervised.staff_url}/audit?what=model.switched")
    log = lara.get_by_role("main")
    for words in ("It learned a correction", "Only a test", "lara"):
        expect(log).to_contain_text(words)
    visitor.close()


def test_a_candidate_can_be_cancelled(new_page: NewPage, supervised: SupervisedHelpline) -> None:
    password = account(supervised, "cleo", "lead")
    page = signed_in(new_page, f"{supervised.staff_url}/models", "cleo", password)
    page.get_by_role("button", name="Train a candidate").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".runs > li").first).to_contain_text("Cancelled.", timeout=60_000)
    drafts = list(Path(supervised.checkout / "models" / "candidates").glob(".training-*"))
    assert drafts == []
