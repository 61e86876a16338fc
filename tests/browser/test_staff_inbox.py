"""Queues, search, claims, tags, and the staff page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.processes import RunningHelpline
from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, rows, signed_in


def test_a_queue_is_emptied_by_one_key(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations?queue=error")
    queue = page.get_by_role("link", name=re.compile("^Errors"))
    before = int(re.findall(r"\d+", queue.inner_text())[0])
    assert before > 3
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".facts")).to_contain_text("In review by you")
    for _ in range(3):
        at = page.url
        page.keyboard.press("d")
        page.wait_for_url(re.compile(rf"^(?!{re.escape(at)}$)"))
        status = page.get_by_role("status").first
        expect(status).to_contain_text("Marked as reviewed.")
        # Told beside the turn that is next, not at the far end of the page
        expect(status).to_be_in_viewport()
        expect(
            page.locator(".turn", has=page.locator(".tag", has_text="Error")).first.locator(
                "header"
            )
        ).to_be_in_viewport()
    page.keyboard.press("b")
    expect(queue).to_have_text(re.compile(rf"Errors\s*{before - 3}\b"))
    assert rows(page).count() == before - 3


def test_words_are_searched_for_by_key(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations")
    page.keyboard.press("/")
    expect(page.get_by_label("Words of a visitor")).to_be_focused()
    page.keyboard.type('"cannot find" tired')
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations?q=*")
    assert rows(page).count() > 5
    expect(page.locator("tbody tr").first).to_contain_text("tired and cannot find")
    page.get_by_role("link", name=re.compile("^Handed off")).click()
    expect(page.get_by_label("Words of a visitor")).to_have_value("")


def test_two_people_do_not_do_the_same_one(
    sign_in: NewPage,
    new_page: NewPage,
    console: RunningHelpline,
) -> None:
    first = sign_in("lena", "/conversations?queue=unreviewed")
    rows(first).nth(4).click()
    expect(first.locator(".facts")).to_contain_text("In review by you")
    other = signed_in(new_page, first.url, "omar", account(console, "omar"))
    expect(other.get_by_text("lena has been reviewing this conversation")).to_be_visible()
    check(other)
    other.keyboard.press("d")
    alert = other.get_by_role("alert")
    expect(alert).to_contain_text("Your mark “Reviewed” was not saved")
    check(other)
    there = other.url
    alert.get_by_role("link", name="Leave it, go to the next").click()
    other.wait_for_url(lambda at: at != there)
    expect(other.locator(".facts")).to_contain_text("In review by you")
    other.goto(first.url)
    other.get_by_role("button", name="Take it over").click()
    expect(other.get_by_role("status").first).to_have_text("You took the conversation over.")
    first.keyboard.press("r")
    expect(first.get_by_role("alert")).to_contain_text("omar has been reviewing")


@pytest.mark.parametrize(("size", "scheme"), [("wide", "dark"), ("small", "light")])
def test_nobody_is_shut_out_of_the_staff_page(
    sign_in: NewPage,
    new_page: NewPage,
    size: str,
    scheme: str,
) -> None:
    width, height = SIZES[size]
    options = {"width": width, "height": height, "color_scheme": scheme}
    page = sign_in("ada", "/staff", **options)
    check(page)
    page.get_by_label("Name").fill(f"guest{size}")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link", exact=True)
    expect(link).to_have_value(re.compile(r"/password/"))
    check(page)
    page.get_by_label("Name").fill(f"guest{size}")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_contain_text("There is an account")
    check(page)
    page.get_by_role("button", name=f"Password link for guest{size}").click()
    address = link.input_value()

    guest = new_page(address, **options)
    check(guest)
    guest.get_by_role("textbox", name="Password once more").fill("x")
    guest.get_by_role("textbox", name=re.compile("^Password At")).fill("x")
    guest.get_by_role("button", name="Set the password").click()
    expect(guest.get_by_role("alert")).to_contain_text("too short")
    check(guest)
    for name in ("Password once more", re.compile("^Password At")):
        guest.get_by_role("textbox", name=name).fill("a few words to remember")
    guest.get_by_role("button", name="Set the password").click()
    expect(guest.get_by_role("status")).to_contain_text("Your password is set")
    guest.goto(address)
    expect(guest.get_by_role("heading", level=1)).to_contain_text("cannot be used")
    check(guest)


def test_a_tag_is_put_on_and_taken_off_by_keyboard(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations?kind=answer")
    rows(page).nth(2).click()
    expect(page.locator(".facts")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_label("New tag")).to_be_focused()
    page.keyboard.type("good wording")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("The tag is saved.")
    check(page)
    page.get_by_role("button", name="Take off the tag good wording").press("Enter")
    expect(page.get_by_role("status").first).to_have_text("The tag is taken off.")


def test_the_link_is_copied(sign_in: NewPage) -> None:
    page = sign_in("lena", "/conversations", permissions=["clipboard-read", "clipboard-write"])
    rows(page).first.click()
    expect(page.locator(".facts")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("link", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"http://[^/]+/conversations/[0-9a-f]{32}", copied)
