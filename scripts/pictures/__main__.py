"""`make pictures`: take the pictures of README and docs anew, into docs/images/.

    python -m scripts.pictures                    all of them
    python -m scripts.pictures staff-inbox        some of them
    python -m scripts.pictures imports            which folder imports which; starts nothing

Starts a whole helpline of its own with made-up conversations and looks at it with Chromium.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.pictures import imports, staff, visitors
from scripts.pictures.picture import ARGUMENTS, CHROMIUM, IMAGES, take
from scripts.processes import running_helpline

MOST_BYTES = 120_000
# Pages that many people see at once are worth more
MOST_BYTES_OF_VISITORS = 200_000
NAMES = (*visitors.PICTURES, *staff.PICTURES, imports.NAME)


def file_of(name: str) -> Path:
    """Where a picture is kept."""
    return IMAGES / (f"{name}.svg" if name == imports.NAME else f"{name}.png")


def take_pages(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Take these pictures of pages; yields the name and size in bytes of each."""
    of_staff = [name for name in names if name in staff.PICTURES]
    processes = ("chat", "actions", "bot", *(("staff",) if of_staff else ()))
    with running_helpline(processes) as helpline, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in names:
            if name in visitors.PICTURES:
                picture = visitors.PICTURES[name]
                yield name, take(browser, helpline.chat_url, picture, file_of(name))
        if of_staff:
            signed_in = staff.prepare(helpline, browser)
        for name in of_staff:
            who, picture = staff.PICTURES[name]
            url, file, state = helpline.staff_url, file_of(name), signed_in[who]
            yield name, take(browser, url, picture, file, storage_state=state)
        browser.close()


def main(names: Sequence[str]) -> int:
    """Take the named pictures, or all; returns the exit code."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"No such picture: {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    wanted = names or NAMES
    if imports.NAME in wanted:
        file_of(imports.NAME).write_text(imports.draw(), "utf-8")
        print(file_of(imports.NAME).name)
    pages = [name for name in wanted if name != imports.NAME]
    too_large = []
    for name, size in take_pages(pages) if pages else ():
        print(f"{file_of(name).name}  {size / 1000:.0f} KB", flush=True)
        if size > (MOST_BYTES if name in staff.PICTURES else MOST_BYTES_OF_VISITORS):
            too_large.append(name)
    if too_large:
        print(f"Too large, show less of the page: {', '.join(too_large)}")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
