"""Queues, search, claims, tags, and the staff page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.processes import RunningHelpline
from tests.browser.conftest import NewPage
from tests.browser.test_staff import (  # noqa: F401  (fixtures)
    SIZES,
    _account,
    _check,
    _rows,
    _run,
    _signed_in,
    console,
    password,
    sign_in,
)


def test_a_queue_is_emptied_by_one_key(sign_in: NewPage) -> None:  # noqa: F811
    page = sign_in("/conversations?queue=error")
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
        expect(page.get_by_role("status").first).to_have_text("Marked as reviewed.")
    page.keyboard.press("b")
    expect(queue).to_have_text(re.compile(rf"Errors\s*{before - 3}\b"))
    assert _rows(page).count() == before - 3


def test_words_are_searched_for_by_key(sign_in: NewPage) -> None:  # noqa: F811
    page = sign_in("/conversations")
    page.keyboard.press("/")
    expect(page.get_by_label("Words of a visitor")).to_be_focused()
    page.keyboard.type('"cannot find" tired')
    page.keyboard.press("Enter")
    page.wait_for_url("**/conversations?q=*")
    assert _rows(page).count() > 5
    expect(page.locator("tbody tr").first).to_contain_text("tired and cannot find")
    page.get_by_role("link", name=re.compile("^Handed off")).click()
    expect(page.get_by_label("Words of a visitor")).to_have_value("")


def test_two_people_do_not_do_the_same_one(
    sign_in: NewPage,  # noqa: F811
    new_page: NewPage,
    console: RunningHelpline,  # noqa: F811
) -> None:
    first = sign_in("/conversations?queue=unreviewed")
    _rows(first).nth(4).click()
    expect(first.locator(".facts")).to_contain_text("In review by you")
    other = _signed_in(new_page, first.url, "omar", _account(console, "omar"))
    expect(other.get_by_text("lena has been reviewing this conversation")).to_be_visible()
    _check(other)
    other.keyboard.press("d")
    alert = other.get_by_role("alert")
    expect(alert).to_contain_text("Your mark «Reviewed» was not saved")
    _check(other)
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
    new_page: NewPage,
    console: RunningHelpline,  # noqa: F811
    size: str,
    scheme: str,
) -> None:
    width, height = SIZES[size]
    options = {"width": width, "height": height, "color_scheme": scheme}
    printed = _run(console, "helpline.staff.accounts", "add", f"ada{size}", "admin")
    secret = dict(line.split() for line in printed.splitlines())["password"]
    page = _signed_in(new_page, f"{console.staff_url}/staff", f"ada{size}", secret, **options)
    _check(page)
    page.get_by_label("Name").fill(f"guest{size}")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link", exact=True)
    expect(link).to_have_value(re.compile(r"/password/"))
    _check(page)
    page.get_by_label("Name").fill(f"guest{size}")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_contain_text("There is an account")
    _check(page)
    page.get_by_role("button", name=f"Password link for guest{size}").click()
    address = link.input_value()

    guest = new_page(address, **options)
    _check(guest)
    guest.get_by_role("textbox", name="Password once more").fill("x")
    guest.get_by_role("textbox", name=re.compile("^Password At")).fill("x")
    guest.get_by_role("button", name="Set the password").click()
    expect(guest.get_by_role("alert")).to_contain_text("too short")
    _check(guest)
    for name in ("Password once more", re.compile("^Password At")):
        guest.get_by_role("textbox", name=name).fill("a few words to remember")
    guest.get_by_role("button", name="Set the password").click()
    expect(guest.get_by_role("status")).to_contain_text("Your password is set")
    guest.goto(address)
    expect(guest.get_by_role("heading", level=1)).to_contain_text("cannot be used")
    _check(guest)


def test_a_tag_is_put_on_and_taken_off_by_keyboard(sign_in: NewPage) -> None:  # noqa: F811
    page = sign_in("/conversations?kind=answer")
    _rows(page).nth(2).click()
    expect(page.locator(".facts")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_label("New tag")).to_be_focused()
    page.keyboard.type("good wording")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("The tag is saved.")
    _check(page)
    page.get_by_role("button", name="Take off the tag good wording").press("Enter")
    expect(page.get_by_role("status").first).to_have_text("The tag is taken off.")


def test_the_link_is_copied(sign_in: NewPage) -> None:  # noqa: F811
    page = sign_in("/conversations", permissions=["clipboard-read", "clipboard-write"])
    _rows(page).first.click()
    expect(page.locator(".facts")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("link", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"http://[^/]+/conversations/[0-9a-f]{32}", copied)
