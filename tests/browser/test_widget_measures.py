"""The widget measured: axe in every state, contrast, targets, large text, hostile pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import FakeChat, status
from tests.browser.measures import CONTRASTS, GAPS, SMALL_TARGETS, set_text_size, violations
from tests.browser.states import COLORS, walk
from tests.browser.widget import Widget


def test_axe_finds_a_mistake_when_there_is_one(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    Widget(page).open()
    page.locator("spms-helpline label[for=question]").evaluate("label => label.remove()")
    assert any(found.startswith("label") for found in violations(page))


@pytest.mark.parametrize(
    ("width", "text"), [(320, 16), (1280, 16), (1280, 32)], ids=["320 px", "1280 px", "200 % text"]
)
def test_axe_finds_nothing_in_any_state(
    new_page: NewPage, chat: FakeChat, width: int, text: int
) -> None:
    """Each state is looked at in light, dark and forced colors before the next one."""
    page = new_page(f"{chat.url}/page", width=width, reduced_motion="reduce")
    set_text_size(page, text)
    states: dict[str, list[str]] = {}
    for state in walk(page, chat):
        for colors, wish in COLORS.items():
            page.emulate_media(**wish)
            states[f"{state}, {colors}"] = violations(page)
    assert len(states) >= 60
    assert {state: found for state, found in states.items() if found} == {}


def test_forced_colors_and_text_size_reach_the_widget(new_page: NewPage, chat: FakeChat) -> None:
    """What the test above stands on: the browser does as it is told."""
    page = new_page(f"{chat.url}/page")
    set_text_size(page, 32)
    widget = Widget(page).open()
    seen = set()
    for wish in COLORS.values():
        page.emulate_media(**wish)
        seen.add(
            widget.field.evaluate(
                """field => JSON.stringify([getComputedStyle(field).backgroundColor,
                     matchMedia('(forced-colors: active)').matches])"""
            )
        )
    assert len(seen) == 3
    opted_out = page.evaluate(
        """() => [...document.querySelector('spms-helpline').shadowRoot.querySelectorAll('*')]
             .filter(one => !(one instanceof SVGElement)
               && getComputedStyle(one).forcedColorAdjust !== 'auto').length"""
    )
    assert opted_out == 0
    assert widget.field.evaluate("field => parseFloat(getComputedStyle(field).fontSize)") == 34


def test_text_has_a_contrast_of_seven_to_one_in_every_state(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page", reduced_motion="reduce")
    measured: dict[str, float] = {}
    for state in walk(page, chat):
        for colors in ("light", "dark"):
            page.emulate_media(**COLORS[colors])
            found = page.evaluate(CONTRASTS)
            measured |= {f"{state}, {colors}: {words}": ratio for words, ratio in found.items()}
    assert len(measured) > 500
    assert {words: ratio for words, ratio in measured.items() if ratio < 7} == {}


def test_a_refusal_has_a_contrast_of_seven_to_one(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    widget.ask("walking")
    chat.faults.append(status(422))
    widget.send("refused")
    expect(widget.notice).to_be_visible()
    for colors in ("light", "dark"):
        page.emulate_media(**COLORS[colors])
        found = page.evaluate(CONTRASTS)
        assert "Fault 422." in found
        assert {words: ratio for words, ratio in found.items() if ratio < 7} == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_targets_are_large_and_apart(new_page: NewPage, chat: FakeChat, width: int) -> None:
    page = new_page(f"{chat.url}/page", width=width)
    small: dict[str, list[str]] = {}
    for state in walk(page, chat):
        small[state] = page.evaluate(SMALL_TARGETS)
        if state == "options":
            at_options = page.evaluate(GAPS)
        elif state == "comment":
            at_answer = page.evaluate(GAPS)
    assert {state: found for state, found in small.items() if found} == {}
    assert len(at_options) >= 3 and len(at_answer) >= 3
    assert min(at_options + at_answer) >= 8


@pytest.mark.parametrize(("width", "height"), [(320, 568), (640, 360), (1280, 800)])
def test_large_text_is_never_cut_off(
    new_page: NewPage, chat: FakeChat, width: int, height: int
) -> None:
    """The browser's own text size doubled, and the widget's at its largest on top of it."""
    page = new_page(f"{chat.url}/page", width=width, height=height)
    set_text_size(page, 32)
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
        for question in ("walking", "balance", "rest"):
            widget.ask(question)
        look = widget.field.evaluate(
            """field => {
              const {fontSize, color, display} = getComputedStyle(field);
              const panel = field.closest('dialog').getBoundingClientRect();
              const root = field.getRootNode();
              const host = getComputedStyle(root.host);
              const older = getComputedStyle(root.querySelector('.bot')).contentVisibility;
              return [fontSize, color, display, panel.width, panel.height, host.opacity, older];
            }"""
        )
        boxes.append(look)
    assert boxes[0] == boxes[1]
