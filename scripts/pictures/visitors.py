"""The pictures of what visitors see: widget, page, form."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

from scripts.pictures.picture import Picture

DESKTOP = ViewportSize(width=1200, height=760)
TALL = ViewportSize(width=600, height=1240)
PHONE = ViewportSize(width=390, height=780)
QUESTION = "What is secondary progressive MS?"


def ask_in_widget(page: Page) -> None:
    """Open the chat and wait for an answer."""
    page.get_by_role("button", name="Questions about SPMS?").click()
    ask(page)


def ask(page: Page) -> None:
    """Ask in the open chat and wait for an answer."""
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


PICTURES = {
    "demo-desktop": Picture("/demo", DESKTOP),
    "widget-desktop": Picture("/demo", DESKTOP, ask_in_widget),
    "widget-phone": Picture("/demo", PHONE, ask_in_widget),
    "widget-phone-dark": Picture("/demo", PHONE, ask_in_widget, {"color_scheme": "dark"}),
    "widget-options-phone": Picture("/demo", PHONE, show_options),
    "page-desktop": Picture("/", DESKTOP, ask),
    "page-without-javascript": Picture("/", TALL, ask_in_form, {"java_script_enabled": False}),
}
