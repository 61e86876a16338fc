"""The widget without a mouse: every function by keyboard, and where the focus is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import PHONE, FakeChat, hang_up
from tests.browser.widget import Widget


def test_a_whole_conversation_by_keyboard(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page)
    expect(widget.launcher).to_be_visible()
    keys = page.keyboard
    while "Ask here" not in widget.focused():
        keys.press("Tab")
    keys.press("Enter")
    assert widget.focused() == "Your question"
    keys.type("walking")
    keys.press("Shift+Enter")
    keys.type("and stairs")
    keys.press("Enter")
    expect(widget.replies).to_have_count(2)
    assert chat.texts == ["walking\nand stairs"]
    assert widget.focused() == "Your question", "an answer does not move the focus"

    while widget.focused() != "Talk to a person":
        keys.press("Shift+Tab")
    keys.press("Space")
    expect(widget.replies).to_have_count(3)
    assert widget.focused() == "Your question", "after a quick reply one can write at once"

    keys.press("Shift+Tab")
    keys.press("Escape")
    assert widget.focused() == "Your question"
    widget.open_options()
    assert widget.focused() == "Back to the conversation"
    keys.press("Escape")
    assert widget.focused() == "Options"
    keys.press("Escape")
    keys.press("Escape")
    expect(widget.panel).to_be_hidden()
    assert "Ask here" in widget.focused()


def go(widget: Widget, words: str, key: str = "Tab") -> None:
    """Press a key until the focus is on what has these words."""
    for _ in range(80):
        if words in widget.focused():
            return
        widget.page.keyboard.press(key)
    raise AssertionError(f"{words!r} cannot be reached with {key}")


def test_every_function_by_keyboard(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page("about:blank", reduced_motion="reduce")
    page.context.add_init_script("window.print = () => { top.printed = true; };")
    page.goto(f"{chat.url}/page")
    widget, keys = Widget(page), page.keyboard
    expect(widget.launcher).to_be_visible()

    def option(words: str) -> None:
        go(widget, "Options", "Shift+Tab")
        keys.press("Enter")
        go(widget, words)

    go(widget, "Ask here")
    keys.press("Enter")
    go(widget, "Research today", "Shift+Tab")
    keys.press("Enter")
    expect(widget.replies).to_have_count(2)

    # What an answer rests on, and whether it helped.
    answer = widget.replies.last
    go(widget, "Sources (2)", "Shift+Tab")
    keys.press("Enter")
    go(widget, "Walking and MS")
    go(widget, "No")
    keys.press("Space")
    expect(answer.get_by_role("button", name="Send comment")).to_be_visible()
    go(widget, "What would have helped you more?")
    keys.type("About stairs")
    keys.press("Enter")
    expect(answer.get_by_role("button", name="Send comment")).to_be_hidden()
    assert chat.feedback[-1]["comment"] == "About stairs"

    # A message that cannot be sent: taken back, sent again, tried at once.
    go(widget, "Your question")
    chat.faults.extend([hang_up] * 50)
    keys.type("stairs")
    keys.press("Enter")
    expect(widget.notice).to_be_visible()
    go(widget, "Take it back", "Shift+Tab")
    keys.press("Enter")
    assert widget.focused() == "Your question"
    expect(widget.field).to_have_value("stairs")
    keys.press("Enter")
    expect(widget.notice).to_be_visible()
    go(widget, "Try now", "Shift+Tab")
    chat.faults.clear()
    keys.press("Enter")
    expect(widget.replies).to_have_count(3)
    assert widget.focused() == "Your question", "the focus does not fall off with the button"

    # How the chat looks.
    option("Normal")
    keys.press("ArrowDown")
    expect(widget.options.get_by_label("Large", exact=True)).to_be_checked()
    go(widget, "As on this device")
    keys.press("ArrowDown")
    expect(widget.options.get_by_label("Light")).to_be_checked()
    for words in ("Stronger contrast", "No movement", "Leave no trace"):
        go(widget, words)
        keys.press("Space")
        expect(widget.options.get_by_label(words)).to_be_checked()

    # The conversation: taken along, begun again, erased, and brought back both times.
    go(widget, "Save as a text file", "Shift+Tab")
    with page.expect_download():
        keys.press("Enter")
    go(widget, "Print")
    keys.press("Enter")
    assert page.evaluate("() => window.printed")
    keys.press("Escape")
    for words in ("Start again", "Erase this conversation"):
        option(words)
        keys.press("Enter")
        expect(widget.questions).to_have_count(0)
        go(widget, "Undo")
        keys.press("Enter")
        expect(widget.questions).to_have_count(2)
        assert widget.focused() == "Your question"

    # A person, from anywhere; and out.
    go(widget, PHONE, "Shift+Tab")
    go(widget, "Contact page")
    go(widget, "Close", "Shift+Tab")
    keys.press("Enter")
    expect(widget.panel).to_be_hidden()
    assert "Ask here" in widget.focused()


def test_a_reply_to_another_tab_does_not_move_what_is_being_read(
    new_page: NewPage, chat: FakeChat
) -> None:
    first = new_page(f"{chat.url}/page", reduced_motion="reduce")
    reader = Widget(first).open()
    for question in ("walking", "stairs", "sleep"):
        reader.ask(question)
    second = first.context.new_page()
    second.goto(f"{chat.url}/page2")
    writer = Widget(second).open()
    expect(writer.replies).to_have_count(4)
    reader.log.evaluate("log => log.scrollTo(0, 0)")
    writer.ask("work")
    expect(reader.replies).to_have_count(5)
    assert reader.log.evaluate("log => log.scrollTop") == 0
    reader.log.focus()
    first.keyboard.press("Shift+Tab")
    assert reader.focused() == "Show the new reply"
    first.keyboard.press("Enter")
    expect(reader.replies.last).to_be_in_viewport()
    assert reader.focused() == "Conversation"


def test_page_up_and_down_scroll_from_the_empty_field(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page", reduced_motion="reduce")
    widget = Widget(page).open()
    for question in ("walking", "stairs", "sleep"):
        widget.ask(question)
    top = widget.log.evaluate("log => log.scrollTop")
    page.keyboard.press("PageUp")
    assert widget.log.evaluate("log => log.scrollTop") < top
    page.keyboard.press("PageDown")
    assert widget.log.evaluate("log => log.scrollTop") == pytest.approx(top, abs=2)
    widget.field.fill("typed")
    page.keyboard.press("PageUp")
    assert widget.log.evaluate("log => log.scrollTop") == pytest.approx(top, abs=2)
