"""Options: how the chat looks, starting again, erasing, taking the conversation along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import FakeChat
from tests.browser.widget import Widget


def stored(page: Page) -> dict[str, str]:
    """All that the browser keeps."""
    kept: dict[str, str] = page.evaluate(
        "() => ({...localStorage, ...Object.fromEntries(Object.entries(sessionStorage))})"
    )
    return kept


def text_size(page: Page) -> float:
    field = page.locator("spms-helpline #question")
    return float(field.evaluate("field => parseFloat(getComputedStyle(field).fontSize)"))


def test_text_size_colors_contrast_and_movement_are_chosen_and_remembered(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    before = text_size(page)
    options = widget.open_options()
    options.get_by_label("Very large").check()
    options.get_by_label("Dark").check()
    options.get_by_label("Stronger contrast").check()
    options.get_by_label("No movement").check()
    for again in (False, True):
        if again:
            page.reload()
            expect(widget.log).to_be_visible()
        assert text_size(page) > before * 1.5
        background = page.locator(".frame").evaluate(
            "frame => getComputedStyle(frame).backgroundColor"
        )
        assert background == "rgb(0, 0, 0)"
        expect(page.locator(".root")).to_have_class(re.compile("dark strong still"))


def test_behind_the_options_the_conversation_stays_as_it_was_out_of_reach(
    new_page: NewPage, chat: FakeChat
) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    for number in range(4):
        widget.ask(f"walking {number}")
    log = widget.log.element_handle()
    assert log is not None
    scrolled = "log => { log.scrollTop = 200; return log.scrollTop; }"
    assert log.evaluate(scrolled) == 200
    widget.open_options()
    expect(widget.log).to_have_count(0)  # as screen readers have it
    expect(widget.field).to_have_count(0)
    reached = set()
    for _ in range(40):
        widget.page.keyboard.press("Tab")
        reached.add(widget.focused())
    assert "Leave no trace" in reached
    assert not reached & {"Your question", "Send", "Conversation", "Exercise and rehabilitation"}
    widget.options.get_by_role("button", name="Back to the conversation").click()
    expect(widget.log).to_be_visible()
    assert log.evaluate("log => log.scrollTop") == 200
    assert widget.focused() == "Options"


@pytest.mark.parametrize(("width", "height"), [(320, 568), (375, 667)])
def test_very_large_text_on_a_small_phone_leaves_room_to_read(
    new_page: NewPage, chat: FakeChat, width: int, height: int
) -> None:
    page = new_page(f"{chat.url}/page", width, height, reduced_motion="reduce")
    widget = Widget(page).open()
    widget.open_options().get_by_label("Very large").check()
    page.keyboard.press("Escape")
    answer = widget.ask("walking").bounding_box()
    person = page.locator("spms-helpline .help").bounding_box()
    field = page.locator("spms-helpline .composer").bounding_box()
    assert answer is not None and person is not None and field is not None
    above = max(answer["y"], person["y"] + person["height"])
    below = min(answer["y"] + answer["height"], field["y"], height)
    assert below - above > height / 2
    assert above - answer["y"] <= 0, "the answer begins below the line to a person"


def test_erase_can_be_undone_for_ten_seconds(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    page.clock.install()
    widget.ask("walking")
    widget.option("Erase this conversation")
    expect(widget.questions).to_have_count(0)
    expect(widget.notice).to_contain_text("erased in 10 seconds")
    assert widget.focused() == "Undo"
    page.clock.run_for(9000)
    page.keyboard.press("Enter")
    expect(widget.questions).to_have_text(re.compile("walking"))
    page.clock.run_for(20_000)
    assert chat.erased == []

    widget.option("Erase this conversation")
    page.clock.run_for(10_100)
    expect(widget.notice).to_have_text("The conversation is erased.")
    assert widget.focused() == "Your question", "the focus does not fall off with the button"
    assert len(chat.erased) == 1
    assert not any("session" in name for name in stored(page))


def test_closing_the_page_in_the_ten_seconds_erases(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    widget.option("Erase this conversation")
    expect(widget.notice).to_be_visible()
    page.goto("about:blank")
    page.wait_for_timeout(300)
    assert len(chat.erased) == 1


def test_start_again_and_undo(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    widget.option("Start again")
    expect(widget.notice).to_contain_text("This is a new conversation.")
    expect(widget.replies).to_have_count(1)
    page.keyboard.press("Enter")
    expect(widget.questions).to_have_text(re.compile("walking"))
    widget.option("Start again")
    expect(widget.notice).to_contain_text("This is a new conversation.")
    widget.ask("stairs")
    assert len({token for token, _, _ in chat.taken}) == 2
    assert chat.erased == []


def test_leave_no_trace_keeps_nothing_and_erases_at_the_end(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    assert any("session" in name for name in stored(page))
    widget.open_options().get_by_label("Leave no trace").check()
    page.keyboard.press("Escape")
    widget.ask("stairs")
    assert [name.split()[-1] for name in stored(page)] == ["traceless"]
    page.get_by_role("link", name="Another page").click()
    page.wait_for_url("**/page2")
    widget.open()
    expect(widget.replies).to_have_count(1)
    assert len(chat.erased) == 1
    expect(widget.open_options().get_by_label("Leave no trace")).to_be_checked()


def test_save_as_a_text_file(new_page: NewPage, chat: FakeChat, tmp_path: Path) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    options = widget.open_options()
    with page.expect_download() as download:
        options.get_by_role("button", name="Save as a text file").click()
    assert download.value.suggested_filename == "spms-helpline-conversation.txt"
    file = tmp_path / "saved.txt"
    download.value.save_as(file)
    text = file.read_text("utf-8")
    assert re.search(r"You \(.*\)\nwalking\n", text)
    assert "SPMS Helpline (" in text
    assert "Walking and MS, An MS society, https://example.org/source" in text
    assert "Last checked on November 22, 2026" in text


def test_print_prints_the_conversation_alone(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    page.context.add_init_script("window.print = () => { top.printed = document.body.innerText; };")
    page.reload()
    widget = Widget(page).open()
    widget.ask("walking")
    widget.option("Print")
    printed = page.evaluate("() => window.printed")
    assert "SPMS Helpline" in printed and "walking" in printed
    assert "A page of a site" not in printed
