"""The widget as a test drives it: by what a person sees and hears."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

LAUNCHER = "Questions about SPMS? Ask here"


class Widget:
    """The chat on a page, in a panel or as the page itself."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("spms-helpline")
        self.launcher = page.get_by_role("button", name=LAUNCHER)
        self.panel = page.get_by_role("dialog", name="SPMS Helpline")
        self.log = page.get_by_role("log", name="Conversation")
        self.field = page.get_by_role("textbox", name="Your question")
        self.options = page.get_by_role("region", name="Options")

    def open(self) -> Widget:
        """Press the launcher."""
        self.launcher.click()
        expect(self.log).to_be_visible()
        return self

    def ask(self, text: str, replies: int = 1) -> Locator:
        """Type a question, press Enter; returns the first of its replies once all are there."""
        before = self.replies.count()
        self.send(text)
        expect(self.replies).to_have_count(before + replies)
        return self.replies.nth(before)

    def send(self, text: str) -> None:
        """Type a question and press Enter."""
        self.field.fill(text)
        self.field.press("Enter")

    @property
    def replies(self) -> Locator:
        """What the helpline said, greeting included."""
        return self.log.locator(".bot")

    @property
    def questions(self) -> Locator:
        """What the visitor said."""
        return self.log.locator(".visitor")

    @property
    def notice(self) -> Locator:
        """Lines of the widget's own: no connection, erased ..."""
        return self.log.locator(".notice")

    def choice(self, label: str) -> Locator:
        """A choice under a reply."""
        return self.log.get_by_role("button", name=label).last

    def open_options(self) -> Locator:
        """Press the button in the header."""
        self.page.get_by_role("button", name="Options", exact=True).click()
        expect(self.options).to_be_visible()
        return self.options

    def option(self, name: str) -> None:
        """Open the options and press one of the buttons there."""
        self.open_options().get_by_role("button", name=name).click()

    def focused(self) -> str:
        """Words of what has the focus: label, text or name of the element."""
        words: str = self.page.evaluate(
            r"""() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              if (at === document.body) return "";
              const words = at?.labels?.[0]?.textContent || at?.ariaLabel || at?.textContent
                || at?.localName || "";
              return words.trim().replace(/\s+/g, " ");
            }"""
        )
        return words
