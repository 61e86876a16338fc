"""The staff console in a real browser: by mouse, by keyboard, small, dark, and without script."""

from __future__ import annotations

import re

import httpx2
import pytest
from playwright.sync_api import expect

from scripts.processes import RunningHelpline
from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, rows, signed_in


def test_what_a_visitor_asked_is_found_read_and_marked(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    question = "What is secondary progressive MS, my neurologist used that word?"
    with httpx2.Client(base_url=helpline.chat_url, trust_env=False) as visitor:
        opened = visitor.post("/api/v1/conversations").json()["conversation"]
        bearer = {"Authorization": f"Bearer {opened['token']}"}
        answer = visitor.post("/api/v1/messages", json={"text": question}, headers=bearer).json()
    said = next(one for one in answer["messages"] if one["from"] == "bot")

    page = signed_in(new_page, helpline.staff_url, "olga", account(helpline, "olga"))
    page.get_by_text("More filters").click()
    page.get_by_label("Kind of answer").select_option(label="Answer")
    page.get_by_label("Review", exact=True).select_option(label="New")
    page.get_by_role("button", name="Apply the filters").click()
    page.get_by_role("link", name=question).first.click()

    visitor_said = page.locator(".visitor")
    expect(visitor_said).to_contain_text(question)
    for line in said["text"].split("\n\n")[0].splitlines():
        expect(page.locator(".turn-body .bot").first).to_contain_text(line.removeprefix("- "))
    insight = page.get_by_role("complementary", name="How turn 1 was understood")
    expect(insight).to_contain_text(re.compile(r"Understood as\s*What SPMS is"))
    expect(insight.get_by_role("row")).to_have_count(6)
    expect(insight).to_contain_text("Nearest example")
    expect(insight).to_contain_text(re.compile(r"Time\s*\d+ ms"))

    page.get_by_role("button", name="Reviewed", exact=False).first.click()
    expect(page.get_by_role("status").first).to_have_text("Marked as reviewed.")
    expect(page.locator(".facts")).to_contain_text("Reviewed by olga")
    page.get_by_label("New note").fill("The answer fits.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#notes li")).to_contain_text("The answer fits.")
    page.get_by_role("link", name="Who read and changed this").click()
    rows = page.get_by_role("row")
    for what in ("Read a conversation", "Marked a conversation", "Wrote a note"):
        expect(rows.filter(has_text=what).filter(has_text="olga").first).to_be_visible()


def test_a_queue_is_worked_through_by_keyboard(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations?flag=crisis")
    listed = rows(page)
    addresses = [row.get_attribute("href") for row in listed.all()]
    assert len(addresses) >= 2
    keys = page.keyboard
    keys.press("j")
    expect(listed.nth(0)).to_be_focused()
    keys.press("j")
    expect(listed.nth(1)).to_be_focused()
    keys.press("k")
    expect(listed.nth(0)).to_be_focused()
    keys.press("Enter")

    def expect_conversation(number: int) -> None:
        identity = str(addresses[number]).split("?")[0]
        page.wait_for_url(lambda at: identity in at)

    expect_conversation(0)
    keys.press("j")
    expect_conversation(1)
    keys.press("k")
    expect_conversation(0)
    keys.press("r")
    expect(page.get_by_role("status").first).to_have_text("Marked as reviewed.")
    keys.press("u")
    expect(page.get_by_role("status").first).to_have_text("Marked as not reviewed.")
    keys.press("l")
    expect(page.get_by_role("status").first).to_have_text("Marked for later.")
    keys.press("d")
    expect_conversation(1)
    expect(page.get_by_role("status").first).to_contain_text("Marked as reviewed.")
    keys.press("z")
    expect_conversation(0)
    expect(page.locator(".facts")).to_contain_text("Reviewed by lena")
    keys.press("j")
    expect_conversation(1)

    keys.press("n")
    note = page.get_by_label("New note")
    expect(note).to_be_focused()
    keys.type("jkrdlub? are letters here")
    expect(note).to_have_value("jkrdlub? are letters here")
    note.blur()
    keys.press("b")
    page.wait_for_url(lambda at: at.endswith("/conversations?flag=crisis"))
    expect(listed.first).to_be_visible()


def test_question_mark_shows_the_keys(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("cell", name="next row", exact=True)).to_be_in_viewport()
    page.keyboard.press("j")
    expect(rows(page).first).not_to_be_focused()
    check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Keys").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_with_the_keys_switched_off_a_letter_does_nothing(
    new_page: NewPage, console: RunningHelpline
) -> None:
    page = signed_in(new_page, f"{console.staff_url}/account", "vera", account(console, "vera"))
    page.get_by_label("Use single-letter keys").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
    page.goto(f"{console.staff_url}/conversations")
    rows(page).first.click()
    expect(page.locator("kbd:visible")).to_have_count(0)
    at = page.url
    for key in "jkrdlubxtnce/?":
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".facts")).to_contain_text("In review by you")
    assert page.url == at


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("small", "dark")])
def test_nobody_is_shut_out_of_any_page(
    sign_in: NewPage, new_page: NewPage, console: RunningHelpline, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    options = {"width": width, "height": height, "color_scheme": scheme}
    out = new_page(f"{console.staff_url}/sign-in", **options)
    check(out)
    out.get_by_label("Name").fill("nobody")
    out.get_by_label("Password").fill("wrong")
    out.get_by_role("button", name="Sign in").click()
    expect(out.get_by_role("alert")).to_contain_text("not right")
    check(out)

    page = sign_in("lena", "/conversations", **options)
    check(page)
    for address in (
        "/conversations?kind=clarify&below=30",
        "/conversations?below=lots&from=2026-11-02&to=2026-11-01",
        "/conversations?topic=gone",
        "/audit",
        "/audit?who=lena",
        "/conversations?queue=crisis",
        "/conversations?queue=later",
        "/conversations?q=nothinglikeit",
        "/conversations?q=%3F",
        "/account",
        "/keys",
        "/kill-switch",
        "/nothing",
    ):
        page.goto(f"{console.staff_url}{address}")
        check(page)
    page.goto(f"{console.staff_url}/conversations?flag=handoff")
    rows(page).nth(2).click()
    page.wait_for_load_state()
    check(page)
    for more in page.locator("summary:visible").all()[:3]:
        more.click()
    check(page)
    page.get_by_label("New note").fill(" ")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("alert")).to_contain_text("The note is empty")
    check(page)
    page.get_by_role("link", name="Erase…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase this conversation?")
    check(page)


def test_everything_works_without_script(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations", java_script_enabled=False)
    page.get_by_role("link", name="Handed off").click()
    # Further down, where nobody else's review has begun
    rows(page).nth(5).click()
    expect(page.locator(".visitor").first).to_be_visible()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_role("status").first).to_have_text("Marked for later.")
    page.get_by_role("button", name="Reviewed, next").click()
    expect(page.get_by_role("status").first).to_contain_text("Marked as reviewed. Back to that one")
    # What is reviewed has left the queue: this is its next one
    expect(page.locator(".visitor").first).to_be_visible()
    page.get_by_label("New note").fill("Written without script")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#notes li")).to_contain_text("Written without script")
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status").first).to_have_text("You are signed out.")


def test_the_skip_link_leads_past_the_header(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="All", exact=True)).to_be_focused()


def test_the_focus_is_never_under_the_bar(sign_in: NewPage) -> None:
    """The bar sticks to the top of a long transcript (WCAG 2.4.11)."""
    page = sign_in("lena", "/conversations?below=40")
    rows(page).nth(1).click()
    bar = page.locator(".bar")
    page.get_by_label("New note").focus()
    page.wait_for_function("scrollY > 300")
    for _ in range(25):
        page.keyboard.press("Shift+Tab")
        under = page.evaluate(
            """() => {
              const one = document.activeElement;
              const bar = document.querySelector('.bar');
              if (!one || bar.contains(one) || one.closest('.top')) return null;
              const box = one.getBoundingClientRect();
              return box.top < bar.getBoundingClientRect().bottom - 1
                && box.bottom > bar.getBoundingClientRect().top ? one.outerHTML : null;
            }"""
        )
        assert under is None
    expect(bar).to_be_visible()


def test_a_session_that_ended_brings_a_note_along(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations")
    rows(page).first.click()
    page.get_by_label("New note").fill("Half an hour's work")
    page.context.clear_cookies(name="helpline_staff")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("Your note was not saved yet")).to_be_visible()
    check(page)
