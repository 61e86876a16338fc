"""A browser, a page that fails the test on any script error, and servers to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from scripts.processes import RunningHelpline, running_helpline
from tests.browser.fake_chat import FakeChat

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens pages, each a visitor of its own; what a script or the policy complains of fails."""
    contexts = []
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", hear)

    def hear(message: ConsoleMessage) -> None:
        # A request that fails on purpose is in the console, too; the test looks at its effect.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def create(url: str, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("page", listen)
        contexts.append(context)
        page = context.new_page()
        page.goto(url)
        return page

    yield create
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def chat() -> Iterator[FakeChat]:
    """The small server whose faults a test decides."""
    with FakeChat() as server:
        yield server


@pytest.fixture(scope="session")
def helpline() -> Iterator[RunningHelpline]:
    """The real thing: every process, started once."""
    with running_helpline(overrides={"RATE_LIMITS": "false"}) as running:
        yield running
