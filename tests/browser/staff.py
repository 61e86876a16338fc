"""The staff console for the browser tests: accounts, signing in, and who may be shut out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page

from scripts.processes import RunningHelpline, run_in_web
from tests.browser.measures import AXE, violations
from tests.browser.supervised import SupervisedHelpline

Helpline = RunningHelpline | SupervisedHelpline

if TYPE_CHECKING:
    from tests.browser.conftest import NewPage

# Text has 7:1 here: a rule of level AAA that axe leaves out unless asked.
ENHANCED_CONTRAST = {
    "runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
# Links within text and headings, hidden helpers, and the checkbox, whose label is 48 px high too
SMALL_TARGETS = """() => [
    ...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter(one => one.checkVisibility() && one.type !== 'hidden' && !one.matches(
        '.skip, .hidden, [data-row], h2 a, p a:not(.button), li a:not(.queues a), [type=checkbox]'))
    .map(one => ({words: one.textContent.trim() || one.name,
                  height: one.getBoundingClientRect().height}))
    .filter(({height}) => height < 47.5)
    .map(({words, height}) => `${words}: ${height}`)"""
SIZES = {"wide": (1280, 800), "small": (320, 640)}


def account(helpline: Helpline, name: str, role: str = "lead") -> str:
    """Make an account; return its password."""
    printed = run_in_web(helpline.environment, "helpline.staff.accounts", "add", name, role)
    return dict(line.split() for line in printed.splitlines())["password"]


def signed_in(new_page: NewPage, url: str, name: str, password: str, **options: object) -> Page:
    """Open a page of the console, signed in."""
    page = new_page(url, **options)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda at: "/sign-in" not in at)
    return page


def rows(page: Page) -> Locator:
    """Return the links that lead from a list to what its rows are about."""
    return page.locator("[data-row]")


def check(page: Page) -> None:
    """See that nobody is shut out of the page as it stands."""
    # Further down a button may lie half under the bar that stays: nobody presses it there
    page.evaluate("scrollTo(0, 0)")
    found = violations(page)
    assert found == [], found
    contrast = AXE.run(page, options=ENHANCED_CONTRAST).response["violations"]
    assert [node["target"] for one in contrast for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    small = page.evaluate(SMALL_TARGETS)
    assert small == [], small
