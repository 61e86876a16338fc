"""What a test measures on a page: axe's rules, contrast, size of what can be pressed."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
AXE = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds: rule, element and reason of each violation.

    Forced colors are the device's own, put on when painting; axe would measure those of the style
    sheet. There the test looks instead that nothing opts out of them.
    """
    forced = page.evaluate("() => matchMedia('(forced-colors: active)').matches")
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "rules": {"color-contrast": {"enabled": not forced}},
    }
    found = AXE.run(page, options=options)
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def set_text_size(page: Page, pixels: int) -> None:
    """Have the browser's own text size be this, as a visitor sets it; usual is 16."""
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")
    sizes = {"standard": pixels, "fixed": round(pixels * 13 / 16)}
    session.send("Page.setFontSizes", {"fontSizes": sizes})
    page.reload()


_SMALL_TARGETS = """() => [...%s
        .querySelectorAll('a, button, summary, textarea, input, label.pick')]
      .filter(one => one.checkVisibility() && !one.matches('.pick input, .skip'))
      .map(one => ({words: one.textContent.trim() || one.localName,
                    ...one.getBoundingClientRect().toJSON()}))
      .filter(({width, height}) => width < 44 || height < 44)
      .map(({words, width, height}) => `${words}: ${width} x ${height}`)"""
# Anything to press that is under 44 px, in words: in the widget, and on a page without it.
SMALL_TARGETS = _SMALL_TARGETS % "document.querySelector('spms-helpline').shadowRoot"
SMALL_TARGETS_OF_PAGE = _SMALL_TARGETS % "document"

# Between things to press that lie in a row or wrap into the next, in px.
GAPS = """() => [...document.querySelector('spms-helpline').shadowRoot
        .querySelectorAll('.main .row')].filter(one => one.checkVisibility())
      .map(one => getComputedStyle(one))
      .map(({rowGap, columnGap}) => Math.min(parseFloat(rowGap), parseFloat(columnGap)))"""

# Contrast of each visible text with the first opaque background behind it, by WCAG 2's formula.
CONTRASTS = r"""() => {
  const numbers = color => color.match(/[\d.]+/g).map(Number);
  const luminance = color => {
    const [r, g, b] = numbers(color).slice(0, 3)
      .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = one => {
    for (; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = {};
  const root = document.querySelector('spms-helpline').shadowRoot;
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = texts.currentNode.textContent.trim();
    const one = texts.currentNode.parentElement;
    if (!words || !one.checkVisibility() || one.closest('.hidden')) continue;
    const colors = [getComputedStyle(one).color, behind(one)];
    const [low, high] = colors.map(luminance).sort((a, b) => a - b);
    found[words.slice(0, 40)] = (high + 0.05) / (low + 0.05);
  }
  return found;
}"""
