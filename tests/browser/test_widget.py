"""The widget on a site's page: opening, asking, answers, keeping the conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import fake_chat
from tests.browser.conftest import NewPage
from tests.browser.fake_chat import PHONE, FakeChat, slow
from tests.browser.widget import Widget


def test_one_script_tag_brings_a_launcher_that_says_what_it_is(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page)
    expect(widget.launcher).to_be_visible()
    expect(widget.panel).to_be_hidden()
    assert chat.requests == [], "nothing is asked of the server before the first message"
    # Nothing of a closed chat can be reached: the page's own link, the launcher, and out.
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(widget.focused())
    assert stops == ["Another page", "Questions about SPMS? Ask here", ""]


def test_greeting_and_starting_questions_need_no_server(new_page: NewPage, chat: FakeChat) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    expect(widget.replies).to_have_count(1)
    expect(widget.replies.first).to_contain_text("a bot")
    expect(widget.replies.first).to_contain_text("90 days")
    expect(widget.replies.first.get_by_role("button")).to_have_count(4)
    assert chat.requests == []

    widget.choice("What SPMS is").click()
    expect(widget.replies).to_have_count(2)  # the server's greeting is not shown a second time
    assert chat.texts == ["start-what_is_spms"]
    expect(widget.questions).to_have_text(re.compile("What SPMS is"))
    expect(widget.replies.first.get_by_role("button", name="Chosen: What SPMS is")).to_be_visible()


def test_a_greeting_that_staff_changed_replaces_ours(
    new_page: NewPage, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fake_chat.GREETING, "text", "Newer words for {retention_days} days.")
    widget = Widget(new_page(f"{chat.url}/page")).open()
    widget.ask("Hello")
    expect(widget.replies.first).to_contain_text("Newer words for 90 days.")


def test_an_answer_is_text_with_links_sources_date_and_choices(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    answer = widget.ask("How can I walk better?")
    expect(answer.get_by_role("listitem").filter(has_text="cooling")).to_be_visible()
    expect(answer.get_by_text("a stick <b>no HTML</b>")).to_be_visible()
    expect(answer.get_by_role("link", name="A page about walking")).to_have_attribute(
        "target", "_blank"
    )
    expect(answer.get_by_text("Last checked on November 22, 2026")).to_be_visible()
    source = answer.get_by_role("link", name="Walking and MS")
    expect(source).to_be_hidden()
    answer.get_by_text("Sources (2)").click()
    expect(source).to_have_attribute("href", "https://example.org/source")
    expect(answer.get_by_text("An MS society, October 2025")).to_be_visible()
    expect(answer.get_by_text("A book")).to_be_visible()

    widget.choice("Exercise and rehabilitation").click()
    expect(widget.replies).to_have_count(3)
    assert chat.texts[-1] == "choice-b"


@pytest.mark.parametrize(
    ("question", "kind", "phone"),
    [
        ("a crisis", "crisis", "988"),
        ("a person please", "handoff", PHONE),
        ("down", "unavailable", PHONE),
    ],
)
def test_a_contact_is_a_card_with_a_number_to_press(
    new_page: NewPage, chat: FakeChat, question: str, kind: str, phone: str
) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    answer = widget.ask(question)
    expect(answer).to_have_attribute("data-kind", kind)
    link = answer.get_by_role("link", name=f"Call {phone}")
    digits = re.sub(r"\D", "", phone)
    expect(link).to_have_attribute("href", re.compile(rf"^tel:\+?{digits}$"))


def test_helpful_or_not_with_an_optional_line(new_page: NewPage, chat: FakeChat) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    answer = widget.ask("walking")
    answer.get_by_role("button", name="No", exact=True).click()
    expect(answer.get_by_text("Thank you.")).to_be_visible()
    answer.get_by_label("What would have helped you more?").fill("About stairs")
    answer.get_by_role("button", name="Send comment").click()
    expect(answer.get_by_label("What would have helped you more?")).to_be_hidden()
    assert [(one["helpful"], one.get("comment")) for one in chat.feedback] == [
        (False, None),
        (False, "About stairs"),
    ]
    expect(answer.get_by_role("button", name="No", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_the_conversation_goes_on_on_another_page_and_the_chat_stays_open(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    page.get_by_role("link", name="Another page").click()
    page.wait_for_url("**/page2")
    expect(widget.log).to_be_visible()
    expect(widget.replies).to_have_count(2)
    expect(widget.questions).to_have_text(re.compile("walking"))
    assert widget.focused() != "Your question", "the focus stays with the page"
    widget.ask("and stairs?")
    assert len(chat.conversations) == 1


def test_two_tabs_show_one_conversation(new_page: NewPage, chat: FakeChat) -> None:
    first = new_page(f"{chat.url}/page")
    one = Widget(first).open()
    one.ask("walking")
    second = first.context.new_page()
    second.goto(f"{chat.url}/page2")
    two = Widget(second).open()
    expect(two.replies).to_have_count(2)
    two.ask("stairs")
    expect(one.replies).to_have_count(3)
    expect(one.questions.last).to_contain_text("stairs")


def test_a_reply_to_a_closed_chat_is_counted_on_the_launcher(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    chat.faults.append(slow(1))
    widget.send("walking")
    page.get_by_role("button", name="Close").click()
    assert "Ask here" in widget.focused()
    expect(page.get_by_role("button", name=re.compile("1 new reply"))).to_be_visible()
    widget.open()
    expect(widget.launcher).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name=re.compile("new repl"))).to_have_count(0)


@pytest.mark.parametrize("status", [401, 404])
def test_an_ended_conversation_is_told_kindly(
    new_page: NewPage, chat: FakeChat, status: int
) -> None:
    chat.ended_status = status
    widget = Widget(new_page(f"{chat.url}/page")).open()
    widget.ask("walking")
    chat.expire()
    widget.ask("stairs")
    expect(widget.notice).to_contain_text("Your earlier conversation has ended")
    assert chat.texts == ["walking", "stairs"]
    assert len({token for token, _, _ in chat.taken}) == 2


def test_a_conversation_that_ended_overnight_leaves_what_is_being_typed(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    page.reload()
    expect(widget.questions).to_have_count(1)
    chat.expire()
    chat.faults.append(slow(1))
    widget.send("stairs")
    widget.field.press_sequentially("and what about")
    expect(widget.notice).to_contain_text("Your earlier conversation has ended")
    expect(widget.replies.last).to_contain_text("stairs")
    expect(widget.field).to_have_value("and what about")
    assert chat.texts == ["walking", "stairs"]


def test_a_second_press_of_a_trembling_hand_does_nothing(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page)
    widget.launcher.dblclick()
    expect(widget.log).to_be_visible()
    widget.field.fill("walking")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(widget.replies).to_have_count(2)
    expect(page.locator("#error")).to_be_empty()
    widget.choice("Exercise and rehabilitation").dblclick()
    expect(widget.replies).to_have_count(3)
    widget.replies.last.get_by_text("Sources (2)").dblclick()
    expect(widget.replies.last.get_by_role("link", name="Walking and MS")).to_be_visible()
    widget.open_options().get_by_text("Stronger contrast").dblclick()
    expect(widget.options.get_by_label("Stronger contrast")).to_be_checked()
    page.wait_for_timeout(300)
    assert chat.texts == ["walking", "choice-b"]


def test_numbers_in_a_message_call_when_pressed(new_page: NewPage, chat: FakeChat) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    greeting = widget.replies.first.locator(".text")
    expect(greeting).to_contain_text("988")
    expect(greeting.get_by_role("link")).to_have_count(0)
    answer = widget.ask("crisis")
    expect(answer.locator(".text").get_by_role("link", name="988")).to_have_attribute(
        "href", "tel:988"
    )


def test_the_text_limit_is_shown_before_it_is_reached(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.field.fill("a" * 800)
    expect(page.get_by_text("characters left")).to_have_count(0)
    widget.field.fill("😀" * 990)
    expect(page.get_by_text("10 characters left")).to_be_visible()
    widget.field.fill("a" * 1003)
    expect(page.get_by_text("3 characters too long")).to_be_visible()
    expect(widget.field).to_have_attribute("aria-invalid", "true")


def test_an_empty_question_is_told_beside_the_field(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#error")).to_have_text("Write your question first.")
    assert widget.focused() == "Your question"
    assert chat.requests == []


def test_spanish_words_come_from_their_own_file(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page?language=es&position=left")
    launcher = page.get_by_role("button", name="¿Preguntas sobre la EMSP?")
    launcher.click()
    log = page.get_by_role("log", name="Conversación")
    expect(log).to_contain_text("un bot")
    page.get_by_label("Su pregunta").fill("walking")
    page.get_by_label("Su pregunta").press("Enter")
    expect(log).to_contain_text("Última revisión: 22 de noviembre de 2026")
    # The answer is English, and says so to a screen reader's voice.
    expect(log.locator(".bot").last.locator(".text")).to_have_attribute("lang", "en")
    page.get_by_label("Su pregunta").fill("en español")
    page.get_by_label("Su pregunta").press("Enter")
    expect(log).to_contain_text("Solo entiendo inglés.")
    expect(log.locator(".bot").last.locator(".text")).to_have_attribute("lang", "es")
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None and box["x"] < 100


def test_settings_of_the_server_reach_the_widget_as_attributes(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(
        f"{chat.url}/page?retention-days=30&max-characters=50&contact-page=https://example.org/c"
    )
    widget = Widget(page).open()
    expect(widget.replies.first).to_contain_text("30 days")
    expect(page.get_by_role("link", name="Contact page")).to_have_attribute(
        "href", "https://example.org/c"
    )
    widget.field.fill("a" * 52)
    expect(page.get_by_text("2 characters too long")).to_be_visible()
