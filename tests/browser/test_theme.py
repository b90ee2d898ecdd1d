"""The light and the dark theme: the browser's preference, the visitor's choice, and charts that follow it at once."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.support.contrast import contrast, rgb

_WHITE = "rgb(255, 255, 255)"
_DARK = "rgb(14, 17, 23)"


def _app(page: Page) -> Locator:
    return page.get_by_test_id("stApp")


def _axis_title(page: Page) -> Locator:
    return page.get_by_test_id("stPlotlyChart").first.locator(".xtitle")


def _fill(text: Locator) -> str:
    fill: str = text.evaluate("element => getComputedStyle(element).fill")
    return fill


def test_the_browsers_preference_decides_and_the_menu_overrides_it_for_charts_too(page: Page, app_url: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(app_url)
    expect(_app(page)).to_have_css("background-color", _DARK)
    title = _axis_title(page)
    expect(title).to_be_visible()
    light_text = _fill(title)
    assert contrast(rgb(light_text), rgb(_DARK)) >= 7.0
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_role("group", name="Theme").get_by_role("menuitemradio", name="Light").click()
    expect(_app(page)).to_have_css("background-color", _WHITE)
    expect(title).not_to_have_css("fill", light_text)
    assert contrast(rgb(_fill(title)), rgb(_WHITE)) >= 7.0
    page.reload()
    expect(_axis_title(page)).to_be_visible()
    expect(_app(page)).to_have_css("background-color", _WHITE)


def test_a_button_that_is_off_can_be_read(page: Page, app_url: str) -> None:
    page.goto(app_url)
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("0", timeout=120_000)
    epochs.press("Enter")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_disabled(timeout=120_000)
    style = start.evaluate("button => [getComputedStyle(button).color, getComputedStyle(button).backgroundColor]")
    assert style[0] not in ("rgb(255, 255, 255)", style[1])
