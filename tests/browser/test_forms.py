"""What impatient and clumsy hands do to the forms of the Train page, in a real browser."""

from __future__ import annotations

import warnings

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.train_form import choose, enter, open_fold, settle, start_button

_CLICKS = 2
_PATIENCE_MS = 30_000


def _open_editor(page: Page, url: str) -> None:
    """Opens the editor with the first preset's layers: Flatten, Dense(128), Dropout(0.2)."""
    page.goto(f"{url}/?run=pretrained")
    choose(page, "Network", "Dense network (mlp)")
    open_fold(page, "Layers")
    for _ in range(_CLICKS):
        settle(page)
        page.get_by_role("button", name="Change its layers").click()
        try:
            expect(_headings(page)).to_have_count(3, timeout=_PATIENCE_MS)
            break
        except AssertionError:  # once in some hundred times on a busy machine: not explained, so not passed over
            warnings.warn("A click on Change its layers had no effect.", stacklevel=2)
    expect(_headings(page)).to_have_count(3)
    settle(page)


def _headings(page: Page) -> Locator:
    return page.locator("strong").filter(has_text=". ")


def _message(page: Page) -> Locator:
    return page.get_by_test_id("stAlert")


@pytest.mark.parametrize("pause_ms", [0, 120, 400, 1500])
def test_a_double_click_on_remove_takes_one_layer(page: Page, app_url: str, pause_ms: int) -> None:
    _open_editor(page, app_url)
    button = page.locator("[class*=st-key-Remove-] button:visible").nth(1)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    place = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(2):
        page.mouse.click(*place)
        page.wait_for_timeout(pause_ms)
    expect(page.get_by_text("Dense removed")).to_be_visible()
    settle(page)
    expect(_headings(page)).to_have_count(2)
    page.get_by_role("button", name="Undo").dblclick()
    expect(_headings(page)).to_have_count(3)
    expect(_headings(page).nth(1)).to_have_text("2. Dense")


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ("", "The box is empty."),
        ("1.5", "Received: 1.5."),
        ("1000000000000000000", "Received: 1,000,000,000,000,000,000."),
    ],
)
def test_a_box_of_a_layer_keeps_what_was_entered_and_one_message_names_it(
    page: Page, app_url: str, entered: str, words: str
) -> None:
    _open_editor(page, app_url)
    enter(page, "units", "48")
    settle(page)
    field = enter(page, "units", entered)
    expect(_message(page)).to_contain_text(f'Layer 2 (Dense): "units" must be a whole number from 1 to 4,096. {words}')
    expect(field).to_have_value(entered)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(start_button(page)).to_be_disabled()
    field.fill("48")
    field.press("ArrowUp")
    expect(_message(page)).to_have_count(0)
    expect(field).to_have_value("49")


@pytest.mark.parametrize("label", ["Training images", "Batch size", "Epochs", "Random seed"])
def test_a_box_of_a_setting_keeps_what_was_entered_and_one_message_names_it(
    page: Page, app_url: str, label: str
) -> None:
    page.goto(f"{app_url}/?run=pretrained")
    open_fold(page, "More settings")
    for entered, words in (
        ("1.5", "Received: 1.5."),
        ("", "The box is empty."),
        ("1000000000000000000", "Received: 1,000,000,000,000,000,000."),
    ):
        field = enter(page, label, entered)
        expect(_message(page)).to_contain_text(f'"{label}" must be a whole number from')
        expect(_message(page)).to_contain_text(words)
        expect(field).to_have_value(entered)
        expect(page.get_by_role("alert")).to_have_count(1)
        expect(start_button(page)).to_be_disabled()
