"""From a visitor who was misunderstood to a line of training data, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.processes import RunningHelpline
from scripts.setup import ROOT
from tests.browser.conftest import NewPage
from tests.browser.staff import SIZES, account, check, rows, signed_in

# What staff may need for a correction, from the start page on
MOST_CLICKS_AND_KEYS = 8


class Hands:
    """Clicks and presses keys, and counts them."""

    def __init__(self, page: Page) -> None:
        """Begin at none."""
        self.page = page
        self.count = 0

    def click(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)


def misunderstood(helpline: RunningHelpline, text: str) -> None:
    """Be a visitor whom the bot does not understand."""
    with httpx2.Client(base_url=helpline.chat_url, trust_env=False) as visitor:
        opened = visitor.post("/api/v1/conversations").json()["conversation"]
        bearer = {"Authorization": f"Bearer {opened['token']}"}
        answer = visitor.post("/api/v1/messages", json={"text": text}, headers=bearer).json()
    assert answer["messages"][0]["kind"] == "clarify", answer


def test_from_the_visitor_to_the_diff(new_page: NewPage, helpline: RunningHelpline) -> None:
    text = "it does whatever it wants with me today, that thing"
    misunderstood(helpline, text)

    page = signed_in(
        new_page, f"{helpline.staff_url}/", "rosa", account(helpline, "rosa", "reviewer")
    )
    hands = Hands(page)
    hands.click(page.get_by_role("link", name="Not understood"))
    page.wait_for_url(lambda at: "not_understood" in at)
    hands.press("j")
    hands.press("Enter")
    expect(page.locator(".visitor")).to_contain_text(text)
    second = page.locator("button[data-key='2']")
    intent = second.get_attribute("value")
    label = second.inner_text().removesuffix("2").strip()
    hands.press("2")
    expect(page.locator(".done")).to_contain_text("Corrected.")
    expect(page.locator(".correction")).to_contain_text(label)
    assert hands.count <= MOST_CLICKS_AND_KEYS
    print(f"a correction by key: {hands.count} clicks and keys")

    lead = signed_in(
        new_page, f"{helpline.staff_url}/corrections", "lara", account(helpline, "lara", "lead")
    )
    expect(lead.locator(".corrections > li").first).to_contain_text(text)
    lead.keyboard.press("a")
    expect(lead.locator(".done")).to_have_text("Approved.")
    lead.get_by_role("main").get_by_role("link", name="Export", exact=True).click()
    diff = lead.get_by_role("region", name="Preview")
    expect(diff).to_contain_text(f"+    - {text}")
    expect(diff).to_contain_text(f'+    intent: "{intent}"')
    with lead.expect_download() as download:
        lead.get_by_role("link", name="Download as a patch").click()
    patch = Path(download.value.path()).read_text()
    assert f"+    - {text}\n" in patch
    changed = re.findall(r"^\+\+\+ b/(.*)$", patch, re.M)
    assert changed[0] == "knowledge/corrections.yml" and len(changed) == 2
    section = (ROOT / changed[1]).read_text().partition(f"intent: {intent}\n")[2]
    assert section, "the line goes to the file that holds the intent"


def _open_first(page: Page) -> None:
    rows(page).first.click()
    expect(page.locator(".facts")).to_be_visible()


def test_any_topic_is_found_by_typing_and_by_keyboard_alone(sign_in: NewPage) -> None:
    page = sign_in("rita", "/conversations?flag=not_understood")
    _open_first(page)
    hands = Hands(page)
    hands.press("s")
    field = page.get_by_role("combobox", name="Another topic")
    expect(field).to_be_focused()
    # The label does not hold the word, but what the topic covers does.
    for letter in "cramps":
        page.keyboard.type(letter)
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    expect(options.first).to_contain_text("Help with stiffness and spasms")
    expect(page.get_by_text("1 topics")).to_be_attached()
    check(page)
    hands.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    hands.press("Enter")
    expect(field).to_have_value("Help with stiffness and spasms")
    hands.press("Enter")
    expect(page.locator(".done")).to_contain_text("Corrected.")
    expect(page.locator(".correction").first).to_contain_text("Help with stiffness and spasms")
    page.locator(".correction").first.get_by_role("button", name="Withdraw").click()
    expect(page.locator(".correction").first).to_contain_text("Withdrawn")


def test_a_key_corrects_nothing_that_is_out_of_sight(sign_in: NewPage) -> None:
    page = sign_in("rita", "/conversations?queue=not_understood&shortest=5")
    # Further down, where no other test corrects anything
    rows(page).nth(6).click()
    expect(page.locator(".facts")).to_be_visible()
    expect(page.locator(".correction")).to_have_count(0)
    first = page.locator("button[data-key='1']")
    page.set_viewport_size({"width": 1280, "height": 400})
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(first).not_to_be_in_viewport()
    page.keyboard.press("1")
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport()
    expect(page.locator(".correction")).to_have_count(0)
    page.keyboard.press("1")
    expect(page.locator(".done")).to_contain_text("Corrected.")
    expect(page.locator(".correction")).to_have_count(1)


def test_a_lead_decides_row_by_row_by_key(sign_in: NewPage) -> None:
    rita = sign_in("rita", "/conversations?queue=not_understood")
    _open_first(rita)
    for _ in range(3):
        here = rita.url.split("?")[0]
        rita.get_by_role("button", name="Should have asked back").click()
        expect(rita.locator(".done")).to_contain_text("Corrected.")
        rita.keyboard.press("d")
        expect(rita).not_to_have_url(re.compile(re.escape(here)))

    page = sign_in("lena", "/corrections")
    listed = page.locator(".corrections > li")
    before = [row.get_attribute("id") for row in listed.all()]
    assert len(before) >= 3
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".done")).to_have_text("Approved.")
    assert [row.get_attribute("id") for row in listed.all()] == before[:1] + before[2:]
    # The work goes on where it was, not at the top
    expect(listed.nth(1).locator("[data-row]")).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.type("Look at the turn before")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_have_text("Sent back, with your note.")
    assert [row.get_attribute("id") for row in listed.all()] == before[:1] + before[3:]


def test_what_is_no_topic_is_not_sent(sign_in: NewPage) -> None:
    page = sign_in("rita", "/conversations?flag=not_understood")
    _open_first(page)
    at = page.url
    field = page.get_by_role("combobox", name="Another topic")
    field.fill("zzz")
    expect(page.get_by_text("No topic fits")).to_be_attached()
    field.press("Enter")
    assert page.url == at
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)


def test_with_the_keys_switched_off_a_digit_corrects_nothing(
    new_page: NewPage, console: RunningHelpline
) -> None:
    password = account(console, "vito", "reviewer")
    page = signed_in(new_page, f"{console.staff_url}/account", "vito", password)
    page.get_by_label("Use single-letter keys").uncheck()
    page.get_by_role("button", name="Save").click()
    page.goto(f"{console.staff_url}/conversations?flag=not_understood")
    _open_first(page)
    expect(page.locator(".correcting kbd:visible")).to_have_count(0)
    before = page.locator(".correction").count()
    for key in "123gs":
        page.keyboard.press(key)
    expect(page.locator(".correction")).to_have_count(before)
    expect(page.get_by_role("heading", name="What did the visitor mean?")).to_be_visible()


def test_without_script_the_list_does(sign_in: NewPage) -> None:
    page = sign_in("rita", "/conversations?flag=handoff", java_script_enabled=False)
    _open_first(page)
    page.get_by_label("Another topic").select_option("symptom_fatigue")
    page.get_by_role("button", name="Correct to this topic").click()
    corrected = page.locator(".correction").filter(has_text="Help with tiredness")
    expect(corrected).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [("wide", "light"), ("small", "dark")])
def test_nobody_is_shut_out(
    sign_in: NewPage, console: RunningHelpline, size: str, scheme: str
) -> None:
    width, height = SIZES[size]
    options = {"width": width, "height": height, "color_scheme": scheme}
    rita = sign_in("rita", "/conversations?flag=thumbs_down", **options)
    _open_first(rita)
    rita.get_by_role("button", name="Should have asked back").click()
    rita.goto(f"{console.staff_url}/conversations?flag=not_understood")
    _open_first(rita)
    rita.get_by_role("button", name="Crisis").click()
    expect(rita.locator(".correction").first).to_be_visible()
    check(rita)
    rita.get_by_text("What each topic covers").click()
    check(rita)

    page = sign_in("lena", "/corrections", **options)
    check(page)
    page.get_by_role("button", name="Send back").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Write a note")
    check(page)
    page.get_by_role("button", name="Approve for test").first.click()
    expect(page.locator(".done")).to_have_text("Approved.")
    for address in ("/corrections?state=approved", "/export", "/content", "/content?show=overdue"):
        page.goto(f"{console.staff_url}{address}")
        check(page)
    page.goto(f"{console.staff_url}/content/answer?name=utter_what_is_spms")
    page.get_by_text("Hide it at once").click()
    check(page)
    page.get_by_label("Why must nobody see it?").fill("A figure is wrong")
    page.get_by_role("button", name="Hide it", exact=True).click()
    expect(page.locator(".done")).to_contain_text("Hidden.")
    check(page)
    page.get_by_role("button", name="Show it again").click()
    expect(page.locator(".done")).to_contain_text("Visitors see it again")
    page.goto(f"{console.staff_url}/content/answer?name=treatment/siponimod")
    check(page)
    page.goto(f"{console.staff_url}/content/answer?name=utter_crisis")
    check(page)

    admin = sign_in("ada", "/settings", **options)
    check(admin)
    admin.get_by_label("Addresses of the sites").fill("example.org")
    admin.get_by_role("button", name="Save: Sites that may embed the widget").click()
    expect(admin.get_by_text("is not the address of a site")).to_be_visible()
    check(admin)
