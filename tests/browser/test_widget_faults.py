"""The network at its worst: nothing is lost, nothing is sent twice, nothing stays blank."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import PHONE, FakeChat, hang_up, hang_up_after, slow, status
from tests.browser.widget import Widget


def open_chat(new_page: NewPage, chat: FakeChat) -> tuple[Page, Widget]:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("first")
    return page, widget


def test_offline_while_sending(new_page: NewPage, chat: FakeChat) -> None:
    page, widget = open_chat(new_page, chat)
    page.context.set_offline(True)
    widget.send("second")
    expect(widget.notice).to_contain_text("Your message is safe here")
    expect(widget.notice.get_by_role("link", name=PHONE)).to_be_visible()
    expect(page.locator(".help").get_by_role("link", name=PHONE)).to_be_visible()
    assert chat.texts == ["first"]
    page.context.set_offline(False)
    expect(widget.replies).to_have_count(3)
    expect(widget.notice).to_have_count(0)
    assert chat.texts == ["first", "second"]


def test_an_answer_lost_on_its_way_is_fetched_again_not_asked_again(
    new_page: NewPage, chat: FakeChat
) -> None:
    _, widget = open_chat(new_page, chat)
    chat.faults.append(hang_up_after)
    widget.ask("second")
    assert chat.texts == ["first", "second"]
    expect(widget.questions).to_have_count(2)


def test_the_server_fails_and_recovers(new_page: NewPage, chat: FakeChat) -> None:
    _, widget = open_chat(new_page, chat)
    chat.faults.extend([status(500), status(502)])
    widget.send("second")
    expect(widget.notice).to_contain_text("The helpline does not answer just now")
    widget.notice.get_by_role("button", name="Try now").click()
    expect(widget.replies).to_have_count(3)
    assert chat.texts == ["first", "second"]


def test_too_many_messages(new_page: NewPage, chat: FakeChat) -> None:
    _, widget = open_chat(new_page, chat)
    chat.faults.append(status(429, Retry_After="1"))
    widget.send("second")
    expect(widget.notice).to_contain_text("Many messages at once")
    expect(widget.replies).to_have_count(3)
    expect(widget.notice).to_have_count(0)


def test_a_slow_answer_is_waited_for_and_told_in_words(new_page: NewPage, chat: FakeChat) -> None:
    page, widget = open_chat(new_page, chat)
    chat.faults.append(slow(20))
    widget.send("second")
    expect(page.locator(".typing")).to_be_visible()
    expect(widget.notice).to_contain_text("longer than usual", timeout=15_000)
    expect(widget.replies).to_have_count(3, timeout=20_000)
    expect(widget.notice).to_have_count(0)
    expect(page.locator(".typing")).to_be_hidden()
    assert chat.texts == ["first", "second"]


def test_the_sign_of_waiting_does_not_flicker(new_page: NewPage, chat: FakeChat) -> None:
    page, widget = open_chat(new_page, chat)
    page.evaluate(
        """() => {
          window.shown = [];
          const sign = document.querySelector('spms-helpline').shadowRoot.querySelector('.typing');
          new MutationObserver(() => shown.push([sign.hidden, performance.now()]))
            .observe(sign, {attributes: true});
        }"""
    )
    widget.ask("quick")
    assert page.evaluate("() => window.shown.filter(([hidden]) => !hidden)") == []
    chat.faults.append(slow(0.6))
    widget.ask("a little slow")
    changes = page.evaluate("() => window.shown")
    [appeared] = [at for is_hidden, at in changes if not is_hidden]
    gone = next(at for is_hidden, at in changes if is_hidden and at > appeared)
    assert gone - appeared >= 600


def test_reload_while_waiting(new_page: NewPage, chat: FakeChat) -> None:
    page, widget = open_chat(new_page, chat)
    chat.faults.append(slow(1.5))
    widget.send("second")
    page.wait_for_timeout(200)
    page.reload()
    expect(widget.replies).to_have_count(3)
    page.wait_for_timeout(1800)
    expect(widget.replies).to_have_count(3)
    expect(widget.questions).to_have_count(2)
    assert chat.texts == ["first", "second"]


def test_a_message_taken_back_returns_to_the_field(new_page: NewPage, chat: FakeChat) -> None:
    page, widget = open_chat(new_page, chat)
    chat.faults.extend([hang_up] * 4)
    widget.send("second")
    widget.notice.get_by_role("button", name="Take it back").click()
    expect(widget.field).to_have_value("second")
    expect(widget.questions).to_have_count(1)
    assert widget.focused() == "Your question"
    chat.faults.clear()
    page.wait_for_timeout(1500)
    assert chat.texts == ["first"]


def test_a_refused_message_returns_to_the_field_with_the_reason(
    new_page: NewPage, chat: FakeChat
) -> None:
    page, widget = open_chat(new_page, chat)
    chat.faults.append(status(422))
    widget.send("second")
    expect(widget.field).to_have_value("second")
    expect(page.locator("#error")).to_have_text("Fault 422.")
    expect(widget.notice).to_contain_text("Fault 422.")
    expect(widget.questions).to_have_count(1)


def test_two_tabs_that_begin_at_once_open_one_conversation(
    new_page: NewPage, chat: FakeChat
) -> None:
    first = new_page(f"{chat.url}/page")
    second = first.context.new_page()
    second.goto(f"{chat.url}/page2")
    tabs = [Widget(first).open(), Widget(second).open()]
    chat.faults.extend([slow(1), hang_up_after])
    tabs[0].send("from the first")
    tabs[1].send("from the second")
    for tab in tabs:
        expect(tab.replies).to_have_count(3, timeout=20_000)
        expect(tab.questions).to_have_count(2)
    assert sorted(chat.texts) == ["from the first", "from the second"]
    assert len(chat.conversations) == 1


def test_messages_written_while_waiting_go_out_in_order(new_page: NewPage, chat: FakeChat) -> None:
    _, widget = open_chat(new_page, chat)
    chat.faults.append(slow(1))
    for text in ("second", "third", "fourth"):
        widget.send(text)
    expect(widget.replies).to_have_count(5)
    assert chat.texts == ["first", "second", "third", "fourth"]


def test_the_helpline_is_away_from_the_start(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    page.route("**/api/**", lambda route: route.abort())
    widget = Widget(page).open()
    expect(widget.replies).to_have_count(1)
    expect(page.locator(".help").get_by_role("link", name=PHONE)).to_be_visible()
    widget.send("Hello")
    expect(widget.notice).to_contain_text("No connection just now")
    page.unroute("**/api/**")
    widget.notice.get_by_role("button", name="Try now").click()
    expect(widget.replies).to_have_count(2)


def test_a_browser_without_storage(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page("about:blank")
    page.context.add_init_script(
        """const get = () => { throw new DOMException("no", "SecurityError"); };
           for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, {get});"""
    )
    page.goto(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("first")
    widget.ask("second")
    assert len(chat.conversations) == 1
