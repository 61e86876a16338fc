"""Takes the pictures of README and docs: `.venvs/tools/bin/python -m scripts.screenshots`.

Starts a whole helpline of its own and looks at it with Chromium; the pictures go to docs/images/.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize, sync_playwright

from scripts.processes import running_helpline
from scripts.setup import ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 200_000
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
DESKTOP = ViewportSize(width=1200, height=760)
TALL = ViewportSize(width=600, height=1240)
PHONE = ViewportSize(width=390, height=780)
QUESTION = "What is secondary progressive MS?"


@contextmanager
def opened(browser: Browser, url: str, size: ViewportSize, **options: Any) -> Iterator[Page]:
    """A page of its own visitor, without movement, so that each picture is the same."""
    context = browser.new_context(
        viewport=size,
        reduced_motion="reduce",
        locale="en-US",
        **options,
    )
    page = context.new_page()
    page.goto(url)
    yield page
    context.close()


def ask_in_widget(page: Page) -> None:
    """Open the chat and wait for an answer."""
    page.get_by_role("button", name="Questions about SPMS?").click()
    _ask(page)


def _ask(page: Page) -> None:
    page.get_by_role("textbox", name="Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("spms-helpline .bot[data-kind=answer]").wait_for()


def ask_in_form(page: Page) -> None:
    """Send the form of the page without JavaScript."""
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Send").click()
    page.locator("#latest").wait_for()


def show_options(page: Page) -> None:
    """Open the chat and its options."""
    page.get_by_role("button", name="Questions about SPMS?").click()
    page.get_by_role("button", name="Options", exact=True).click()


def nothing(_page: Page) -> None:
    """Take the page as it opens."""


# name: path, size, options of the browser, what is done first
Picture = tuple[str, ViewportSize, dict[str, Any], Callable[[Page], None]]
PICTURES: dict[str, Picture] = {
    "demo-desktop": ("/demo", DESKTOP, {}, nothing),
    "widget-desktop": ("/demo", DESKTOP, {}, ask_in_widget),
    "widget-phone": ("/demo", PHONE, {}, ask_in_widget),
    "widget-phone-dark": ("/demo", PHONE, {"color_scheme": "dark"}, ask_in_widget),
    "widget-options-phone": ("/demo", PHONE, {}, show_options),
    "page-desktop": ("/", DESKTOP, {}, _ask),
    "page-without-javascript": ("/", TALL, {"java_script_enabled": False}, ask_in_form),
}


def take(browser: Browser, chat_url: str, folder: Path, name: str) -> int:
    """Take one picture; returns its size in bytes."""
    path, size, options, prepare = PICTURES[name]
    with opened(browser, chat_url + path, size, **options) as page:
        prepare(page)
        page.wait_for_timeout(300)
        file = folder / f"{name}.png"
        # Sending a form scrolls to the answer: the picture begins at the top all the same.
        top = FloatRect(x=0, y=0, width=size["width"], height=size["height"])
        page.screenshot(path=file, full_page=True, clip=top)
    return file.stat().st_size


def main(names: list[str]) -> int:
    """Take the named pictures, or all."""
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        print(f"No such picture: {', '.join(unknown)}. There are: {', '.join(PICTURES)}.")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    too_large = []
    with running_helpline(("chat", "actions", "bot")) as helpline, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in names or PICTURES:
            size = take(browser, helpline.chat_url, IMAGES, name)
            print(f"{name}.png  {size / 1000:.0f} KB")
            if size > MOST_BYTES:
                too_large.append(name)
        browser.close()
    if too_large:
        print(f"Larger than {MOST_BYTES / 1000:.0f} KB: {', '.join(too_large)}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
