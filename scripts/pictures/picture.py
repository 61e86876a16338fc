"""One picture of a page: what is opened, how large, and what is done before it is taken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize

from scripts.setup import ROOT

IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]

# A little above the element, in the whole page
PLACE = "(one) => document.querySelector(one).getBoundingClientRect().top + scrollY - 16"


def nothing(_page: Page) -> None:
    """Take the page as it opens."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A page by its path, and what is done on it first.

    `options` are those of the browser; `begins` selects the element at which the picture begins,
    where that is not the top of the page.
    """

    path: str
    size: ViewportSize
    prepare: Callable[[Page], None] = nothing
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    begins: str = ""


@contextmanager
def opened(browser: Browser, url: str, size: ViewportSize, **options: Any) -> Iterator[Page]:
    """A page of its own visitor, without movement, so that each picture is the same."""
    context = browser.new_context(
        viewport=size, reduced_motion="reduce", locale="en-US", timezone_id="UTC", **options
    )
    page = context.new_page()
    page.goto(url)
    yield page
    context.close()


def take(browser: Browser, address: str, picture: Picture, file: Path, **options: Any) -> int:
    """Take one picture of the server at `address`; returns its size in bytes."""
    size = picture.size
    with opened(browser, address + picture.path, size, **picture.options, **options) as page:
        picture.prepare(page)
        page.wait_for_timeout(300)
        # Sending a form scrolls to the answer: the picture begins where it should all the same.
        top = page.evaluate(PLACE, picture.begins) if picture.begins else 0
        shown = FloatRect(x=0, y=top, width=size["width"], height=size["height"])
        page.screenshot(path=file, full_page=True, clip=shown)
    return file.stat().st_size
