"""Every state that the widget can be in, one after the other, for tests and pictures alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from playwright.sync_api import Page, expect

from tests.browser.fake_chat import FakeChat, hang_up, slow
from tests.browser.widget import Widget

# How a device asks for its colors.
COLORS: dict[str, dict[Literal["color_scheme", "forced_colors"], Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}


def walk(page: Page, chat: FakeChat) -> Iterator[str]:
    """Bring the widget on `page` from state to state; yields the name of each."""
    widget = Widget(page)
    expect(widget.launcher).to_be_visible()
    yield "closed"
    widget.open()
    yield "open"
    answer = widget.ask("How can I walk better?")
    yield "answer"
    answer.get_by_text("Sources (2)").click()
    yield "sources"
    answer.get_by_role("button", name="No", exact=True).click()
    expect(answer.get_by_role("button", name="Send comment")).to_be_visible()
    answer.get_by_role("button", name="Send comment").scroll_into_view_if_needed()
    yield "comment"
    widget.choice("Exercise and rehabilitation").click()
    expect(widget.replies).to_have_count(3)
    yield "choice"
    widget.ask("unclear")
    yield "clarify"
    widget.ask("crisis")
    yield "crisis"
    widget.ask("a person")
    yield "hand-off"
    widget.ask("down")
    yield "unavailable"
    chat.faults.append(slow(2))
    widget.send("slow")
    expect(page.locator(".typing")).to_be_visible()
    yield "waiting"
    expect(widget.replies).to_have_count(8)
    chat.faults.extend([hang_up] * 500)
    widget.send("What is new in research?")
    expect(widget.notice).to_contain_text("No connection just now")
    expect(page.locator(".typing")).to_be_hidden()
    yield "offline"
    widget.notice.get_by_role("button", name="Take it back").click()
    chat.faults.clear()
    widget.field.fill("a" * 990)
    yield "count"
    widget.field.fill("a" * 1010)
    yield "error"
    widget.field.fill("")
    widget.open_options()
    yield "options"
    for label in ("Very large", "Stronger contrast"):
        widget.options.get_by_label(label).check()
    yield "options, very large, strong"
    page.keyboard.press("Escape")
    yield "very large, strong"
    widget.open_options()
    widget.options.get_by_label("Normal").check()
    widget.options.get_by_label("Stronger contrast").uncheck()
    page.clock.install()
    widget.options.get_by_role("button", name="Erase").click()
    expect(widget.notice).to_contain_text("erased in 10 seconds")
    yield "undo"
    page.clock.fast_forward(10_100)
    expect(widget.notice).to_have_text("The conversation is erased.")
    yield "erased"
    page.get_by_role("button", name="Close").click()
    chat.faults.append(slow(1))
    widget.open()
    widget.send("walking")
    page.get_by_role("button", name="Close").click()
    page.clock.fast_forward(1000)
    expect(page.get_by_text("1 new reply").first).to_be_visible()
    yield "unread"
