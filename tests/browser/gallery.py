"""Pictures of every state of the widget, to look at: `python -m tests.browser.gallery FOLDER`.

Phone and desktop, in light, dark and forced colors. The pictures of README and docs are taken by
`make pictures` instead, with the real helpline.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.fake_chat import FakeChat
from tests.browser.states import COLORS, walk

SIZES = {
    "phone": ViewportSize(width=390, height=780),
    "small": ViewportSize(width=320, height=568),
    "desktop": ViewportSize(width=1280, height=800),
}


def take(browser: Browser, folder: Path, size: str) -> int:
    """Take the pictures of one size; returns how many."""
    taken = 0
    with FakeChat() as chat:
        context = browser.new_context(viewport=SIZES[size], reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{chat.url}/page")
        for state in walk(page, chat):
            for colors, wish in COLORS.items():
                page.emulate_media(**wish)
                page.screenshot(path=folder / f"{state.replace(', ', '-')}-{size}-{colors}.png")
                taken += 1
        context.close()
    return taken


def main(folder: Path) -> int:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for size in SIZES:
            print(f"{size}: {take(browser, folder, size)} pictures")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/widget")))
