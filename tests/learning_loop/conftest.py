"""The browser of the browser suite."""

from tests.browser.conftest import browser, new_page

__all__ = ["browser", "new_page"]
