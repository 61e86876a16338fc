"""The pages that chat serves: full page, form without JavaScript, demo page, embedding."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from content.contacts import LAST_RESORT, contact_dict
from scripts.processes import RunningHelpline, running_helpline, spare_ports
from tests.browser.conftest import NewPage
from tests.browser.fake_chat import FakeChat
from tests.browser.measures import SMALL_TARGETS_OF_PAGE, violations
from tests.browser.widget import Widget

# The first answer of a chat that has just started waits for what is still being loaded.
NO_BOT_MS = 40_000
WIDGET = Path(__file__).parents[2] / "web" / "widget"


def fetch(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


def test_the_widgets_own_greeting_is_the_servers(helpline: RunningHelpline) -> None:
    """Where this fails: copy the words into src/languages/en.json, then `npm run build`."""
    request = urllib.request.Request(
        f"{helpline.chat_url}/api/v1/conversations",
        data=b"{}",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        greeting = json.load(answer)["messages"][0]
    ours = json.loads((WIDGET / "src/languages/en.json").read_text("utf-8"))["greeting"]
    days = str(helpline.settings.retention_days)
    assert ours["text"].replace("{retention_days}", days) == greeting["text"]
    assert ours["choices"] == greeting["choices"]
    contact = json.loads((WIDGET / "src/contact.json").read_text("utf-8"))
    assert contact == greeting["contact"]


def test_the_widgets_contact_is_the_last_resort() -> None:
    contact = json.loads((WIDGET / "src/contact.json").read_text("utf-8"))
    assert contact == contact_dict(LAST_RESORT)
    built = (WIDGET / "dist/spms-helpline.js").read_text("utf-8")
    assert f'"{LAST_RESORT.phone}"' in built


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/demo", "/widget"])
def test_axe_finds_nothing_on_our_pages(
    new_page: NewPage, helpline: RunningHelpline, path: str, colors: Any, width: int
) -> None:
    page = new_page(helpline.chat_url + path, width=width, color_scheme=colors)
    if path == "/":
        expect(Widget(page).field).to_be_visible()
        expect(page.locator("main h1")).to_be_hidden()
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_on_the_page_without_javascript(
    new_page: NewPage, helpline: RunningHelpline, width: int
) -> None:
    page = new_page("about:blank", width=width)
    page.route("**/widget/**", lambda route: route.abort())
    page.goto(helpline.chat_url)
    assert page.evaluate(SMALL_TARGETS_OF_PAGE) == []
    page.get_by_label("Your question").fill("What is SPMS?")
    page.get_by_role("button", name="Send").click()
    page.locator("summary").last.click()
    page.get_by_role("button", name="No, this was not helpful").click()
    expect(page.get_by_label("What would have helped you more?")).to_be_visible()
    page.locator("summary").last.click()
    assert page.evaluate(SMALL_TARGETS_OF_PAGE) == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_without_javascript(
    new_page: NewPage, helpline: RunningHelpline, colors: Any, width: int
) -> None:
    # Scripts of the page do not run; axe itself needs them, so the module alone is kept away.
    page = new_page("about:blank", width=width, color_scheme=colors)
    page.route("**/widget/**", lambda route: route.abort())
    page.goto(helpline.chat_url)
    assert violations(page) == []
    page.get_by_label("Your question").fill("What is SPMS?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#latest, .message").last).to_be_visible()
    assert violations(page) == []


def test_the_full_page_is_the_widget(new_page: NewPage, helpline: RunningHelpline) -> None:
    page = new_page(helpline.chat_url)
    widget = Widget(page)
    expect(page.get_by_role("heading", level=1, name="SPMS Helpline")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("log")).to_be_visible()
    widget.ask("What is SPMS?")
    page.reload()
    expect(widget.replies).to_have_count(2)


def test_what_was_typed_before_the_widget_came_is_kept(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    page = new_page("about:blank")
    held: list[Any] = []
    page.route("**/spms-helpline.js", lambda route: held.append(route))
    page.goto(helpline.chat_url, wait_until="commit")
    field = page.get_by_label("Your question")
    field.fill("half a questi")
    field.focus()
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    widget = Widget(page)
    expect(page.locator("spms-helpline .composer textarea")).to_have_value("half a questi")
    page.wait_for_timeout(100)
    assert widget.focused() == "Your question"


def test_without_javascript_the_page_is_a_form(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    page = new_page(helpline.chat_url, java_script_enabled=False)
    page.get_by_label("Your question").fill("What is SPMS?")
    page.get_by_role("button", name="Send").click()
    answer = page.locator(".message.bot").last
    expect(answer).to_contain_text(re.compile("progressive", re.IGNORECASE))
    expect(answer.get_by_text("Where this comes from")).to_be_visible()
    answer.locator("button.choice").first.click()
    expect(page.locator(".message.visitor")).to_have_count(2)


def test_an_answer_to_the_form_stays_when_javascript_comes_back(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    page = new_page("about:blank")
    page.route("**/widget/**", lambda route: route.abort())
    page.goto(helpline.chat_url)
    page.get_by_label("Your question").fill("What is SPMS?")
    page.unroute("**/widget/**")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.visitor")).to_be_visible()
    expect(page.locator("spms-helpline")).to_have_count(0)


def test_the_demo_page_embeds_the_widget_with_one_tag(
    new_page: NewPage, helpline: RunningHelpline
) -> None:
    page = new_page(f"{helpline.chat_url}/demo")
    scripts = page.locator("script")
    expect(scripts).to_have_count(1)
    expect(scripts).to_have_attribute("integrity", re.compile("^sha384-"))
    widget = Widget(page).open()
    widget.ask("What is SPMS?")
    # Opening the chat moves nothing on the page around it.
    shift = page.evaluate(
        """() => new Promise(resolve => {
          let sum = 0;
          const add = list => list.getEntries().forEach(entry => { sum += entry.value; });
          new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true});
          setTimeout(() => resolve(sum), 100);
        })"""
    )
    assert shift < 0.01


def test_the_servers_tag_works_on_a_strict_page_of_another_site(
    new_page: NewPage,
) -> None:
    """Another origin, CSP without inline code, and the integrity that the server tells."""
    [port] = spare_ports(1)
    site = f"http://127.0.0.1:{port}"
    with running_helpline(("chat",), {"EMBED_ORIGINS": site}) as running:
        tag = fetch(f"{running.chat_url}/widget")["embed"]
        assert re.fullmatch(
            r'<script type="module" src="http://127\.0\.0\.1:\d+/widget/[0-9a-f]{12}/'
            r'spms-helpline\.js" integrity="sha384-[^"]+" crossorigin></script>',
            tag,
        )
        policy = (
            f"default-src 'none'; script-src {running.chat_url}; connect-src {running.chat_url}; "
            "require-trusted-types-for 'script'"
        )
        html = f"<!doctype html><html lang=en><title>Site</title><body><h1>Site</h1>{tag}"
        with site_of_one_page(port, html, policy):
            page = new_page(f"{site}/")
            widget = Widget(page).open()
            widget.send("What is SPMS?")
            # The bot does not run here: the API of the other origin answers with the line to call.
            expect(widget.replies.last).to_have_attribute(
                "data-kind", "unavailable", timeout=NO_BOT_MS
            )
            assert page.context.cookies() == []


def test_a_site_may_put_the_whole_page_in_a_frame(new_page: NewPage) -> None:
    [port] = spare_ports(1)
    site = f"http://127.0.0.1:{port}"
    with running_helpline(("chat",), {"EMBED_ORIGINS": site}) as running:
        html = (
            "<!doctype html><html lang=en><title>Site</title><h1>Site</h1>"
            f'<iframe src="{running.chat_url}/" title="Helpline" width=600 height=560></iframe>'
        )
        policy = f"default-src 'none'; frame-src {running.chat_url}"
        with site_of_one_page(port, html, policy):
            page = new_page(f"{site}/")
            frame = page.frame_locator("iframe")
            # Only the widget has options; the form that it replaces would be sent otherwise.
            expect(frame.get_by_role("button", name="Options", exact=True)).to_be_visible()
            frame.get_by_role("textbox", name="Your question").fill("What is SPMS?")
            frame.get_by_role("button", name="Send", exact=True).click()
            reply = frame.locator("spms-helpline .bot[data-kind=unavailable]")
            expect(reply).to_be_visible(timeout=NO_BOT_MS)
            assert page.context.cookies() == []


def test_the_address_attribute_names_another_server(new_page: NewPage, chat: FakeChat) -> None:
    """The module comes from the page's own server, the answers from the one that is named."""
    with running_helpline(("chat",), {"EMBED_ORIGINS": chat.url}) as running:
        widget = Widget(new_page(f"{chat.url}/page?address={running.chat_url}")).open()
        widget.send("What is SPMS?")
        expect(widget.replies.last).to_have_attribute("data-kind", "unavailable", timeout=NO_BOT_MS)
        assert chat.requests == []


@contextlib.contextmanager
def site_of_one_page(port: int, html: str, policy: str) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Tests want no request log."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_a_changed_module_is_refused(browser: Browser, helpline: RunningHelpline) -> None:
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.route(
        "**/spms-helpline.js",
        lambda route: route.fulfill(
            body="document.body.append('changed')", headers={"Content-Type": "text/javascript"}
        ),
    )
    page.goto(f"{helpline.chat_url}/demo")
    page.wait_for_load_state("networkidle")
    assert "changed" not in page.locator("body").inner_text()
    assert any("integrity" in line for line in refused)
    page.close()
