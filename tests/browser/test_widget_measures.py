"""The widget measured: axe in every state, contrast, targets, large text, hostile pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import FakeChat, hang_up, slow, status
from tests.browser.measures import CONTRASTS, SMALL_TARGETS, violations
from tests.browser.widget import Widget


def test_axe_finds_a_mistake_when_there_is_one(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    Widget(page).open()
    page.locator("spms-helpline label[for=question]").evaluate("label => label.remove()")
    assert any(found.startswith("label") for found in violations(page))


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(
    new_page: NewPage, chat: FakeChat, colors: Any, width: int
) -> None:
    page = new_page(f"{chat.url}/page", width=width, color_scheme=colors, reduced_motion="reduce")
    widget = Widget(page)
    expect(widget.launcher).to_be_visible()
    states: dict[str, list[str]] = {"closed": violations(page)}
    widget.open()
    states["open"] = violations(page)
    answer = widget.ask("walking")
    states["answer"] = violations(page)
    answer.get_by_text("Sources (2)").click()
    answer.get_by_role("button", name="No", exact=True).click()
    expect(answer.get_by_role("button", name="Send comment")).to_be_visible()
    states["sources and comment"] = violations(page)
    widget.ask("unclear")
    states["clarify"] = violations(page)
    widget.ask("crisis")
    states["crisis"] = violations(page)
    widget.ask("a person")
    states["hand-off"] = violations(page)
    widget.ask("down")
    states["bot down"] = violations(page)
    chat.faults.append(slow(2))
    widget.send("slow")
    expect(page.get_by_text("Looking for an answer").first).to_be_visible()
    states["waiting"] = violations(page)
    expect(widget.replies).to_have_count(7)
    chat.faults.extend([hang_up] * 30)
    widget.send("offline")
    expect(widget.notice).to_contain_text("No connection just now")
    states["offline"] = violations(page)
    widget.notice.get_by_role("button", name="Take it back").click()
    chat.faults.clear()
    widget.field.fill("a" * 1001)
    states["error"] = violations(page)
    widget.open_options()
    states["options"] = violations(page)
    for label in ("Very large", "Stronger contrast"):
        widget.options.get_by_label(label).check()
    states["options, very large, strong"] = violations(page)
    widget.options.get_by_role("button", name="Erase").click()
    expect(widget.notice).to_contain_text("erased in 10 seconds")
    states["erased, very large, strong"] = violations(page)
    assert {state: found for state, found in states.items() if found} == {}


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_text_has_a_contrast_of_seven_to_one(
    new_page: NewPage, chat: FakeChat, colors: Any, strong: bool
) -> None:
    page = new_page(f"{chat.url}/page", color_scheme=colors, reduced_motion="reduce")
    widget = Widget(page).open()
    if strong:
        widget.open_options().get_by_label("Stronger contrast").check()
        page.keyboard.press("Escape")
    answer = widget.ask("walking")
    answer.get_by_text("Sources (2)").click()
    answer.get_by_role("button", name="No", exact=True).click()
    expect(answer.get_by_role("button", name="Send comment")).to_be_visible()
    widget.ask("a person")
    widget.ask("crisis")
    chat.faults.append(status(422))
    widget.send("refused")
    expect(widget.notice).to_be_visible()
    measured = page.evaluate(CONTRASTS)
    widget.open_options()
    measured |= page.evaluate(CONTRASTS)
    assert len(measured) > 20
    assert {words: ratio for words, ratio in measured.items() if ratio < 7} == {}


def test_targets_are_large_and_apart(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page", width=320)
    widget = Widget(page)
    expect(widget.launcher).to_be_visible()
    assert page.evaluate(SMALL_TARGETS) == []
    widget.open()
    answer = widget.ask("walking")
    answer.get_by_text("Sources (2)").click()
    answer.get_by_role("button", name="No", exact=True).click()
    expect(answer.get_by_role("button", name="Send comment")).to_be_visible()
    widget.ask("a person")
    assert page.evaluate(SMALL_TARGETS) == []
    widget.open_options()
    assert page.evaluate(SMALL_TARGETS) == []
    gaps = page.evaluate(
        """() => {
          const shadow = document.querySelector('spms-helpline').shadowRoot;
          return [...shadow.querySelectorAll('.choices, .actions, .rate')]
            .map(one => getComputedStyle(one)).filter(({display}) => display === 'flex')
            .map(({rowGap, columnGap}) => Math.min(parseFloat(rowGap), parseFloat(columnGap)));
        }"""
    )
    assert gaps and min(gaps) >= 8


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 360), (1280, 800)])
def test_large_text_is_never_cut_off(
    new_page: NewPage, chat: FakeChat, width: int, height: int
) -> None:
    """The browser's own text size doubled, and the widget's at its largest on top of it."""
    page = new_page(f"{chat.url}/page", width=width, height=height)
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.reload()
    widget = Widget(page).open()
    assert widget.field.evaluate("field => parseFloat(getComputedStyle(field).fontSize)") >= 32
    widget.ask("walking")
    wide = page.evaluate(
        """() => [...document.querySelector('spms-helpline').shadowRoot
            .querySelectorAll('dialog *')]
          .filter(one => one.checkVisibility() && !one.closest('.hidden')
            && one.getBoundingClientRect().right > innerWidth + 1)
          .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    # Every part can be scrolled to and used.
    for part in (widget.field, page.get_by_role("link", name=re.compile("1-800")).first):
        part.scroll_into_view_if_needed()
        expect(part).to_be_in_viewport()


def test_a_page_with_hostile_style_does_not_reach_the_widget(
    new_page: NewPage, chat: FakeChat
) -> None:
    boxes = []
    for css in ("plain", "hostile"):
        page = new_page(f"{chat.url}/page?css={css}&theme=light")
        widget = Widget(page).open()
        widget.ask("walking")
        look = widget.field.evaluate(
            """field => {
              const {fontSize, color, display} = getComputedStyle(field);
              const panel = field.closest('dialog').getBoundingClientRect();
              const host = getComputedStyle(field.getRootNode().host);
              return [fontSize, color, display, panel.width, panel.height, host.opacity];
            }"""
        )
        boxes.append(look)
    assert boxes[0] == boxes[1]
