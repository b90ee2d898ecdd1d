"""The form of the Train page as a visitor uses it, for the browser tests and the benchmarks of the pages."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, TimeoutError

# How often a list is opened. A busy machine runs a page late.
_TRIES = 3
# A fold that opens moves what it holds; waiting itself turns for ever.
_IS_AT_REST = "() => document.getAnimations().every((one) => one.effect.getComputedTiming().endTime === Infinity)"


def settle(page: Page) -> None:
    """Waits until the page stands still: a list that is opened meanwhile is closed again."""
    page.wait_for_timeout(300)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function(_IS_AT_REST)


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Chooses an entry of a list of the page, not of the sidebar, and waits for what it changes in the form."""
    field = page.get_by_test_id("stMain").get_by_role("combobox", name=label, exact=True)
    for _ in range(_TRIES):
        settle(page)
        field.focus()
        field.press("ArrowDown")  # a click closes the list again where the field has the focus already
        try:
            page.get_by_role("option", name=option).click(timeout=5_000)
            break
        except TimeoutError:  # the page ran once more meanwhile, and closed the list
            continue
    else:
        raise AssertionError(f"The list {label!r} closes before {option!r} can be chosen, {_TRIES} times.")
    settle(page)  # each network has boxes of its own: a number typed at once would stand in that of the last one


def open_fold(page: Page, title: str) -> None:
    """Opens a fold unless it is open."""
    settle(page)
    summary = page.locator("summary").filter(has_text=title)
    if not summary.evaluate("summary => summary.parentElement.open"):
        summary.click()
    settle(page)  # it opens slowly, and what it holds moves meanwhile


def enter(page: Page, label: str, value: str) -> Locator:
    """Types a number into a box, and returns the box."""
    field = page.get_by_role("spinbutton", name=label, exact=True).first
    field.fill(value)
    field.press("Enter")
    return field


def start_button(page: Page) -> Locator:
    """Returns the button that starts a training."""
    return page.get_by_role("button", name="Start", exact=True)
