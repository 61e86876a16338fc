"""A visitor's way through the real helpline, in the widget on a site's page."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from content.contacts import LAST_RESORT
from scripts.processes import RunningHelpline
from tests.browser.conftest import NewPage
from tests.browser.widget import Widget


def test_question_source_follow_up_hand_off(new_page: NewPage, helpline: RunningHelpline) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    widget = Widget(page).open()

    answer = widget.ask("What is secondary progressive MS?")
    expect(answer).to_have_attribute("data-kind", "answer")
    expect(answer.get_by_text("Last checked on")).to_be_visible()
    answer.locator("summary").click()
    expect(answer.locator("details li").first).to_be_visible()

    follow_up = answer.locator(".choices button").first
    label = follow_up.inner_text()
    follow_up.click()
    expect(widget.replies).to_have_count(3)
    expect(widget.questions.last).to_contain_text(label)
    expect(widget.replies.last).not_to_have_attribute(
        "data-kind", re.compile("unavailable|clarify")
    )

    # The second reply is the summary to take along
    hand_off = widget.ask("I want to talk to a real person", replies=2)
    expect(hand_off).to_have_attribute("data-kind", "handoff")
    expect(hand_off.get_by_role("link", name=f"Call {LAST_RESORT.phone}")).to_be_visible()


def test_a_crisis_is_answered_even_when_the_text_is_too_long(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    widget = Widget(new_page(f"{helpline.chat_url}/demo")).open()
    answer = widget.ask("I want to kill myself. " + "It is all too much. " * 60)
    expect(answer).to_have_attribute("data-kind", "crisis")
    expect(answer.get_by_role("link", name="Call 988")).to_be_visible()


def test_a_text_that_is_too_long_comes_back(new_page: NewPage, helpline: RunningHelpline) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    widget = Widget(page).open()
    text = "I have a question about walking. " * 40
    widget.send(text)
    expect(widget.field).to_have_value(text.strip())
    expect(page.locator("#error")).to_contain_text("At most 1,000")


def test_personal_data_is_left_out_and_the_visitor_is_told(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    widget = Widget(page).open()
    widget.send("My number is 212-555-0123. What is SPMS?")
    expect(widget.replies.last).to_contain_text("For your privacy")
    page.reload()
    expect(widget.questions).to_contain_text("[phone number]")


def test_the_bot_is_down_and_comes_back(new_page: NewPage, helpline: RunningHelpline) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    widget = Widget(page).open()
    helpline.kill("bot")
    try:
        answer = widget.ask("What is SPMS?")
        expect(answer).to_have_attribute("data-kind", "unavailable")
        expect(answer.get_by_role("link", name=re.compile("Call 1-800"))).to_be_visible()
    finally:
        helpline.start("bot")
    answer = widget.ask("What is SPMS?")
    expect(answer).to_have_attribute("data-kind", "answer")


def test_erase_erases_on_the_server(new_page: NewPage, helpline: RunningHelpline) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    widget = Widget(page).open()
    widget.ask("What is SPMS?")
    token = page.evaluate(
        """() => {
          const name = Object.keys(localStorage).find(each => each.endsWith('session'));
          return JSON.parse(localStorage[name]).token;
        }"""
    )
    widget.option("Erase this conversation")
    expect(widget.notice).to_have_text("The conversation is erased.", timeout=12_000)
    status = page.evaluate(
        """async token => (await fetch('/api/v1/messages',
             {headers: {Authorization: `Bearer ${token}`}})).status""",
        token,
    )
    assert status == 401
