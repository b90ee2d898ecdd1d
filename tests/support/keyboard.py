"""A visitor who has the keyboard alone."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Page

_MOST_STOPS: Final = 200
# Of what has the focus, in shadow roots too: the role, the label or the text as a screen reader says them, and the key.
_FOCUSED: Final = r"""() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const name = element.ariaLabel || element.labels?.[0]?.innerText || element.innerText;
  const key = document.activeElement.closest('[class*="st-key-"]')?.className.match(/st-key-(\S+)/)?.[1];
  const kind = element.role || { A: "link", BUTTON: "button", MAIN: "main" }[element.tagName] || element.type;
  return `${kind} ${name} #${key}`.replace(/\s+/g, " ");
}"""


def focused(page: Page) -> str:
    """Returns what has the focus: its role, what a screen reader says of it, and the key of its part of the page."""
    words: str = page.evaluate(_FOCUSED)
    return words


def tab_to(page: Page, name: str, most: int = _MOST_STOPS) -> int:
    """Presses Tab until what a regular expression finds has the focus; returns how often."""
    for presses in range(1, most + 1):
        page.keyboard.press("Tab")
        if re.search(name, focused(page)):
            return presses
    raise AssertionError(f"{name} has no focus after {most} tab stops: {focused(page)}")


def skip_to_main(page: Page) -> None:
    """Follows the skip link, the first tab stop of a page that was just opened."""
    tab_to(page, "^link Skip to main content", most=1)
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert focused(page).startswith("main ")
