"""A browser, a page that fails the test on any script error, and servers to look at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from scripts.processes import RunningHelpline, run_in_web, running_helpline
from scripts.setup import ROOT
from tests.browser.fake_chat import FakeChat
from tests.browser.staff import account, signed_in

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


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHelpline]:
    """A console alone, with 200 made-up conversations and content files of its own."""
    checkout = tmp_path_factory.mktemp("checkout")
    for folder in ("data/nlu", "data/responses", "tests/nlu", "knowledge"):
        shutil.copytree(ROOT / folder, checkout / folder)
    with running_helpline(("staff",), overrides={"REPOSITORY_DIR": str(checkout)}) as running:
        run_in_web(running.environment, "tests.factories", "200")
        yield running


@pytest.fixture(scope="module")
def passwords(console: RunningHelpline) -> dict[str, str]:
    """Passwords of a reviewer, a lead and an admin by their names."""
    roles = {"rita": "reviewer", "lena": "lead", "ada": "admin"}
    return {name: account(console, name, role) for name, role in roles.items()}


@pytest.fixture
def sign_in(new_page: NewPage, console: RunningHelpline, passwords: dict[str, str]) -> NewPage:
    """Opens an address of the console, signed in under one of these names."""

    def open_page(name: str, address: str = "/", **options: Any) -> Page:
        url = f"{console.staff_url}{address}"
        return signed_in(new_page, url, name, passwords[name], **options)

    return open_page
