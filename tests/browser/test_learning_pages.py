"""Statistics, unknown questions and models, for whoever does not use a mouse or large letters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from scripts.processes import RunningHelpline, run_in_web, running_helpline
from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, signed_in

PERIOD = "from=2026-11-01&to=2026-11-22"


@pytest.fixture(scope="module")
def console() -> Iterator[RunningHelpline]:
    """A console alone, with made-up conversations."""
    with running_helpline(("staff",)) as running:
        run_in_web(running.environment, "tests.factories", "60")
        yield running


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("small", "dark")])
def test_nobody_is_shut_out(
    new_page: NewPage, console: RunningHelpline, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    options = {"width": width, "height": height, "color_scheme": scheme}
    password = account(console, f"lena{size}")
    page = signed_in(new_page, f"{console.staff_url}/", f"lena{size}", password, **options)
    for step in ("day", "week", "hour"):
        page.goto(f"{console.staff_url}/statistics?{PERIOD}&by={step}")
        expect(page.get_by_role("img")).to_have_count(3)
        check(page)
    page.goto(f"{console.staff_url}/statistics?from=soon")
    expect(page.get_by_label("First day")).to_have_attribute("aria-invalid", "true")
    check(page)
    page.goto(f"{console.staff_url}/models")
    check(page)

    page.goto(f"{console.staff_url}/questions")
    page.get_by_role("button", name="Group them now").click()
    for _ in range(120):
        if page.locator("[id^=said-]").count():
            break
        page.wait_for_timeout(500)
        page.goto(f"{console.staff_url}/questions")
    check(page)
    title = page.get_by_label("Idea for a topic").first
    title.fill("What the letters stand for")
    title.press("Enter")
    expect(page.locator(".done")).to_have_text("The idea is noted.")
    check(page)
    page.locator("button[value=done]").click()
    expect(page.locator(".done")).to_have_text("The idea is done.")
