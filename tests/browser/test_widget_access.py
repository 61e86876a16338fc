"""The widget for people who use a keyboard or a screen reader, or who bear no movement."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import FakeChat, slow
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


def test_a_small_screen_is_filled_and_the_page_behind_cannot_be_reached(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page", width=390, height=700)
    widget = Widget(page).open()
    box = widget.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 700}
    stops = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        stops.add(widget.focused())
    assert "Another page" not in stops
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(widget.panel).to_be_visible()
    box = widget.panel.bounding_box()
    assert box is not None and box["width"] < 600
    page.get_by_role("link", name="Another page").focus()
    assert widget.focused() == "Another page"


def test_screen_readers_hear_the_answer_once_and_the_number_of_choices(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    expect(widget.log).to_have_attribute("aria-live", "off")
    page.evaluate(
        """() => {
          window.heard = [];
          const region = document.querySelector('spms-helpline').shadowRoot
            .querySelector('dialog [role=status][aria-atomic=false]');
          const note = (name, nodes) => nodes.forEach(
            node => heard.push({[name]: node.textContent, at: Date.now()}));
          new MutationObserver(changes => changes.forEach(change => {
            note('text', change.addedNodes);
            note('gone', change.removedNodes);
          })).observe(region, {childList: true});
        }"""
    )
    widget.ask("walking")
    page.wait_for_timeout(1300)
    heard = page.evaluate("() => window.heard")
    [said] = [one for one in heard if "This answers" in one.get("text", "")]
    assert said["text"].endswith("3 suggested replies.")
    assert "rest. cooling." in said["text"]
    [gone] = [one for one in heard if "This answers" in one.get("gone", "")]
    assert 800 <= gone["at"] - said["at"] <= 3000
    expect(page.locator("dialog [role=status][aria-atomic=false] > *")).to_have_count(0)


def test_the_log_in_the_accessibility_tree(new_page: NewPage, chat: FakeChat) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    expect(widget.log).to_have_count(1)
    answer = widget.ask("walking")
    expect(widget.questions).to_contain_text("You asked:")
    expect(answer).to_match_aria_snapshot(
        """
        - text: "The helpline answered:"
        - paragraph: "This answers: walking."
        - paragraph: "Three things help:"
        - list:
          - listitem: rest
          - listitem: cooling
          - listitem: a stick <b>no HTML</b>
        - list:
          - listitem:
            - link "A page about walking (opens in a new tab)"
        - group: Sources (2)
        - paragraph: Last checked on November 22, 2026
        - list "3 suggested replies":
          - listitem:
            - button "Help with stiffness and spasms"
          - listitem:
            - button "Exercise and rehabilitation"
          - listitem:
            - button "Talk to a person"
        - group "Was this helpful?":
          - text: Was this helpful?
          - button "Yes"
          - button "No"
        """
    )


def test_no_movement_when_the_device_asks_for_it(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page", reduced_motion="reduce")
    widget = Widget(page).open()
    chat.faults.append(slow(2))
    widget.send("walking")
    expect(page.get_by_text("Looking for an answer").first).to_be_visible()
    running = page.evaluate(
        "() => document.querySelector('spms-helpline').shadowRoot.getAnimations().length"
    )
    assert running == 0
    expect(widget.replies).to_have_count(2)
