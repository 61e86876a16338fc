"""`make bench-widget`: how soon the widget shows that it was touched, and how much it weighs.

A phone's screen and a processor slowed down four times by the browser itself; the server is a small
one that answers at once and is not slowed down, so that nothing but the widget is measured. What is
measured is what web pages call interaction to next paint: from the touch or key to the next picture
on the screen, as the browser's event timing tells it (in steps of 8 ms), and where that time went.
"""

from __future__ import annotations

import gzip
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from bench import machine
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.fake_chat import FakeChat, message
from tests.browser.widget import Widget

SLOWDOWN = 4
ROUNDS = 5
TURNS = 12
BUDGET_MS = 100
# Between two things that a visitor does: longer than any movement of the chat, an answer included.
PAUSE_S = 1.2
PHONE = ViewportSize(width=390, height=780)
WINDOW = {"width": 800, "height": 1200}
# Between two keys, as somebody types who types well.
KEY_MS = 120
BUILT = Path(__file__).parents[1] / "web" / "widget" / "dist" / "spms-helpline.js"
BUDGET_BYTES = 15_000
# Built bundles of their npm packages, gzip, as measured for this project in November 2026.
PEERS = {"deep-chat 2.4.2": 110_637, "rasa-webchat 1.0.1": 211_077}
QUESTION = "What is SPMS?"
# As long as the middle one of our answers, with as many sources and choices as most have.
ANSWER = message(
    "answer",
    "Doctors look at how much changed over a longer time, and at what came with it. "
    "There is no single test for it, and the word says little about what you can do today.\n\n"
    "They go by:\n- what you tell them, over at least half a year\n- how you walk and move\n"
    "- pictures of the brain, beside the earlier ones\n\nYour own team knows your case.",
    sources=[
        {
            "title": f"How progression is found, part {number}",
            "publisher": "An MS society",
            "url": f"https://example.org/{number}",
            "published": "2025-10",
        }
        for number in range(4)
    ],
    checked_on="2026-11-22",
    choices=[
        {"id": f"choice-{number}", "label": label}
        for number, label in enumerate(
            ["Treatments for SPMS", "Walking and balance", "Research today", "Talk to a person"]
        )
    ],
)

OBSERVE = """() => {
  const host = document.querySelector('spms-helpline');
  window.timings = [];
  window.shift = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    const {interactionId, name, startTime, processingStart, processingEnd, duration} = entry;
    if (interactionId) timings.push([interactionId, name, processingStart - startTime,
      processingEnd - processingStart, duration]);
  })).observe({type: 'event', durationThreshold: 16});
  // Every shift counts here, also one that follows a touch and that browsers therefore forgive.
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    const ofPage = entry.sources.some(({node}) => node && !host.contains(node)
      && node.getRootNode() === document);
    if (ofPage) shift += entry.value;
  })).observe({type: 'layout-shift'});
}"""


@dataclass(frozen=True)
class Interaction:
    """One touch or key, in milliseconds."""

    event: str
    delay: float
    processing: float
    total: float

    @property
    def presentation(self) -> float:
        """From the end of our code to the picture: style, layout and painting."""
        return max(0.0, self.total - self.delay - self.processing)


Step = Callable[[Widget], None]


def _tap(label: str) -> Step:
    return lambda widget: widget.page.get_by_role("button", name=label, exact=True).last.tap()


def _tap_at(selector: str) -> Step:
    return lambda widget: widget.host.locator(selector).last.tap()


def _press(key: str) -> Step:
    return lambda widget: widget.page.keyboard.press(key)


def _type(widget: Widget) -> None:
    widget.field.tap()
    widget.page.keyboard.type(QUESTION, delay=KEY_MS)


# What a visitor does, in an order in which each is possible.
STEPS: dict[str, Step] = {
    "open the chat": _tap_at(".launcher"),
    "type a question": _type,
    "send it": _tap("Send"),
    "type another": _type,
    "send it with Enter": _press("Enter"),
    "unfold the sources": _tap_at("summary"),
    "say that it did not help": _tap("No"),
    "press a choice": _tap_at(".choices button"),
    "open the options": _tap("Options"),
    "make the text very large": _tap_at(".pick >> text=Very large"),
    "make the text normal": _tap_at(".pick >> text=Normal"),
    "dark colors": _tap_at(".pick >> text=Dark"),
    "stronger contrast": _tap_at(".pick >> text=Stronger contrast"),
    "back to the conversation": _tap("Back to the conversation"),
    "open the options again": _tap("Options"),
    "erase": _tap("Erase this conversation"),
    "undo": _tap("Undo"),
    "close the chat": _tap("Close"),
}


def slowest(entries: Iterable[tuple[int, str, float, float, float]]) -> Interaction:
    """Of several touches or keys; nothing that is quicker than 16 ms has an entry."""
    found = [Interaction(name, delay, work, total) for _, name, delay, work, total in entries]
    return max(found, key=lambda one: one.total, default=Interaction("-", 0.0, 0.0, 16.0))


def one_visit(page: Page, address: str) -> tuple[dict[str, Interaction], float]:
    """The slowest interaction of each step, in a conversation of some length, and the layout shift
    of the page around the chat."""
    page.goto(f"{address}/page")
    widget = Widget(page).open()
    for turn in range(TURNS):
        widget.ask(f"{QUESTION} ({turn})")
    _tap("Close")(widget)
    expect(widget.panel).to_be_hidden()
    browser = page.context.new_cdp_session(page)
    # The browser's own bar takes from its window, and the page's last lines lie outside it: what
    # changes there is never painted, and the wait for its picture never ends.
    window = browser.send("Browser.getWindowForTarget")["windowId"]
    browser.send("Browser.setWindowBounds", {"windowId": window, "bounds": WINDOW})
    browser.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.evaluate(OBSERVE)
    found = {}
    for name, step in STEPS.items():
        step(widget)
        # Nothing is asked of the page meanwhile: that would be work for it, too.
        time.sleep(PAUSE_S)
        found[name] = slowest(page.evaluate("() => window.timings.splice(0)"))
    return found, float(page.evaluate("() => window.shift"))


def visits(browser: Browser) -> tuple[list[dict[str, Interaction]], float]:
    """Several visits, each of a visitor of its own, and the largest layout shift."""
    found: list[dict[str, Interaction]] = []
    shifts: list[float] = []
    for _ in range(ROUNDS):
        with FakeChat(lambda _: {**ANSWER, "id": str(time.monotonic_ns())}) as chat:
            phone = browser.new_context(viewport=PHONE, has_touch=True, locale="en-US")
            interactions, shift = one_visit(phone.new_page(), chat.url)
            found.append(interactions)
            shifts.append(shift)
            phone.close()
    return found, max(shifts)


def report(found: list[dict[str, Interaction]], shift: float) -> None:
    """Print the tables of docs/performance.md."""
    print(
        f"\n| from touch to next paint, ms, {len(found)} visits | middle | worst | of which: ",
        end="",
    )
    print("delay + our code + layout and painting |\n| --- | --- | --- | --- |")
    for name in STEPS:
        times = sorted((visit[name] for visit in found), key=lambda one: one.total)
        worst = times[-1]
        parts = f"{worst.delay:.0f} + {worst.processing:.0f} + {worst.presentation:.0f}"
        print(f"| {name} | {times[len(times) // 2].total:.0f} | {worst.total:.0f} | {parts} |")
    slowest_of_all = max(one.total for visit in found for one in visit.values())
    print(f"| **the slowest of all** (budget {BUDGET_MS}) | | {slowest_of_all:.0f} | |")
    print(f"\nLayout shift of the page around the chat: {shift:.4f}")
    size = len(gzip.compress(BUILT.read_bytes(), 9))
    print("\n| size with gzip, bytes | | times ours |\n| --- | --- | --- |")
    print(f"| the widget (budget {BUDGET_BYTES:,}) | {size:,} | 1 |")
    for name, bytes_ in PEERS.items():
        print(f"| {name} | {bytes_:,} | {bytes_ / size:.1f} |")


def main() -> int:
    """Measure and print."""
    print(f"[bench] {machine.describe()}", flush=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        print(f"[bench] Chromium {browser.version}, processor slowed down {SLOWDOWN} times")
        report(*visits(browser))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
