"""The widget for people who use a screen reader or a phone, or who bear no movement."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.fake_chat import PHONE, FakeChat, hang_up, slow
from tests.browser.states import walk
from tests.browser.widget import Widget


def test_an_on_screen_keyboard_leaves_header_and_field_in_sight(
    new_page: NewPage, chat: FakeChat
) -> None:
    """Simulated: Chromium on a desktop has no such keyboard, so the visual viewport is played."""
    page = new_page(f"{chat.url}/page", width=390, height=700, has_touch=True)
    widget = Widget(page).open()
    play = """([height, offsetTop, scale]) => {
      for (const [name, value] of Object.entries({height, offsetTop, scale}))
        Object.defineProperty(visualViewport, name, {get: () => value, configurable: true});
      visualViewport.dispatchEvent(new Event('resize'));
    }"""
    page.evaluate(play, [380, 40, 1])
    assert widget.panel.bounding_box() == {"x": 0, "y": 40, "width": 390, "height": 380}
    for part in (page.locator(".help"), widget.field):
        box = part.bounding_box()
        assert box is not None and box["y"] >= 40 and box["y"] + box["height"] <= 420
    page.evaluate(play, [350, 100, 2])
    box = widget.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 700}, "zoomed in, nothing moves"


def test_no_field_is_so_small_that_a_phone_zooms_in(new_page: NewPage, chat: FakeChat) -> None:
    """iOS zooms into a field whose text is under 16 px when it is touched."""
    page = new_page(f"{chat.url}/page", width=390, height=700, has_touch=True)
    widget = Widget(page).open()
    widget.ask("walking").get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("button", name="Send comment")).to_be_visible()
    sizes = page.evaluate(
        """() => [...document.querySelector('spms-helpline').shadowRoot
             .querySelectorAll('textarea, input')]
           .map(one => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert len(sizes) > 2 and min(sizes) >= 16


def test_a_small_screen_is_filled_and_the_page_behind_cannot_be_reached(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page", width=390, height=700)
    widget = Widget(page).open()
    box = widget.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 700}
    stops = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        stops.add(widget.focused())
    assert "Another page" not in stops
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(widget.panel).to_be_visible()
    box = widget.panel.bounding_box()
    assert box is not None and box["width"] < 600
    page.get_by_role("link", name="Another page").focus()
    assert widget.focused() == "Another page"


def test_screen_readers_hear_the_answer_once_and_the_number_of_choices(
    new_page: NewPage, chat: FakeChat
) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    expect(widget.log).to_have_attribute("aria-live", "off")
    page.evaluate(
        """() => {
          window.heard = [];
          const region = document.querySelector('spms-helpline').shadowRoot
            .querySelector('dialog [role=status][aria-atomic=false]');
          const note = (name, nodes) => nodes.forEach(
            node => heard.push({[name]: node.textContent, at: Date.now()}));
          new MutationObserver(changes => changes.forEach(change => {
            note('text', change.addedNodes);
            note('gone', change.removedNodes);
          })).observe(region, {childList: true});
        }"""
    )
    widget.ask("walking")
    page.wait_for_timeout(1300)
    heard = page.evaluate("() => window.heard")
    [said] = [one for one in heard if "This answers" in one.get("text", "")]
    assert said["text"].endswith("3 suggested replies.")
    assert "rest. cooling." in said["text"]
    [gone] = [one for one in heard if "This answers" in one.get("gone", "")]
    assert 800 <= gone["at"] - said["at"] <= 3000
    expect(page.locator("dialog [role=status][aria-atomic=false] > *")).to_have_count(0)


def test_the_log_in_the_accessibility_tree(new_page: NewPage, chat: FakeChat) -> None:
    widget = Widget(new_page(f"{chat.url}/page")).open()
    expect(widget.log).to_have_count(1)
    answer = widget.ask("walking")
    expect(widget.questions).to_contain_text("You asked:")
    expect(answer).to_match_aria_snapshot(
        """
        - text: "The helpline answered:"
        - paragraph: "This answers: walking."
        - paragraph: "Three things help:"
        - list:
          - listitem: rest
          - listitem: cooling
          - listitem: a stick <b>no HTML</b>
        - list:
          - listitem:
            - link "A page about walking (opens in a new tab)"
        - group: Sources (2)
        - paragraph: Last checked on November 22, 2026
        - list "3 suggested replies":
          - listitem:
            - button "Help with stiffness and spasms"
          - listitem:
            - button "Exercise and rehabilitation"
          - listitem:
            - button "Talk to a person"
        - group "Was this helpful?":
          - text: Was this helpful?
          - button "Yes"
          - button "No"
        """
    )


def test_each_state_of_the_log_in_the_accessibility_tree(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page")
    widget = Widget(page).open()
    expect(widget.log).to_match_aria_snapshot(
        """
        - log "Conversation":
          - text: "The helpline answered:"
          - paragraph: /Hello. I am the SPMS Helpline, a bot/
          - paragraph: /Nobody reads along/
          - paragraph: /To talk to a person/
          - list "4 suggested replies":
            - listitem:
              - button "What SPMS is"
            - listitem:
              - button "Treatments for SPMS"
            - listitem:
              - button "Research today"
            - listitem:
              - button "Just diagnosed"
          - paragraph:
            - strong: MS Navigator, National MS Society
          - paragraph: /Answers, support/
          - paragraph:
            - link "Call 1-800-344-4867"
            - link "Website (opens in a new tab)"
        """
    )
    widget.ask("unclear")
    widget.choice("Exercise and rehabilitation").click()
    expect(widget.replies).to_have_count(3)
    expect(widget.replies.nth(1)).to_match_aria_snapshot(
        """
        - text: "The helpline answered:"
        - paragraph: "Which of these do you mean?"
        - list "3 suggested replies":
          - listitem:
            - button "Help with stiffness and spasms"
          - listitem:
            - 'button "Chosen: Exercise and rehabilitation"'
          - listitem:
            - button "Talk to a person"
        """
    )
    widget.replies.last.get_by_text("Sources (2)").click()
    expect(widget.replies.last.locator(".basis")).to_match_aria_snapshot(
        """
        - group:
          - text: Sources (2)
          - list:
            - listitem:
              - link "Walking and MS (opens in a new tab)"
              - text: An MS society, October 2025
            - listitem: A book A publisher
        - paragraph: Last checked on November 22, 2026
        """
    )
    expect(widget.ask("crisis")).to_match_aria_snapshot(
        """
        - text: "The helpline answered:"
        - paragraph:
          - text: You matter. Call
          - link "988"
          - text: now.
        - paragraph:
          - strong: Lifeline
        - paragraph: Call or text. · day and night
        - paragraph:
          - link "Call 988"
          - link "Website (opens in a new tab)"
        """
    )
    chat.faults.extend([hang_up] * 50)
    widget.send("stairs")
    expect(widget.questions.last).to_match_aria_snapshot(
        """
        - text: "You asked:"
        - paragraph: stairs
        - paragraph:
          - text: /No connection just now/
          - link "1-800-344-4867"
          - text: .
        - paragraph:
          - button "Try now"
          - button "Take it back"
        """
    )
    widget.option("Erase this conversation")
    expect(widget.notice).to_match_aria_snapshot(
        """
        - paragraph: This conversation will be erased in 10 seconds.
        - paragraph:
          - button "Undo"
        """
    )


def test_the_line_to_a_person_stands_in_every_state_of_the_chat(
    new_page: NewPage, chat: FakeChat
) -> None:
    """In the same place, whole, and never scrolled away."""
    page = new_page(f"{chat.url}/page", width=320, height=568, reduced_motion="reduce")
    line = page.locator(".help")
    places = set()
    for state in walk(page, chat):
        if state in ("closed", "unread"):
            continue
        for part in (line.get_by_role("link", name=PHONE), line.get_by_text("Contact page")):
            expect(part).to_be_in_viewport(ratio=1)
        if "very large" not in state:
            places.add(str(line.bounding_box()))
    assert len(places) == 1


def test_no_movement_when_the_device_asks_for_it(new_page: NewPage, chat: FakeChat) -> None:
    page = new_page(f"{chat.url}/page", reduced_motion="reduce")
    widget = Widget(page).open()
    chat.faults.append(slow(2))
    widget.send("walking")
    expect(page.get_by_text("Looking for an answer").first).to_be_visible()
    running = page.evaluate(
        "() => document.querySelector('spms-helpline').shadowRoot.getAnimations().length"
    )
    assert running == 0
    expect(widget.replies).to_have_count(2)
