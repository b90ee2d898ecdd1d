"""The code of a figure on a phone: nothing of it is on the page until it is opened; then it can be read and copied."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.page_layout import cut_texts, settle


def test_the_code_of_a_figure_opens_by_keyboard_fits_a_phone_and_closes(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/browse_data?run=pretrained")
    settle(page)
    code = page.get_by_test_id("stCode")
    expect(code).to_have_count(0)
    fold = page.get_by_role("button", name="The code of this picture").first
    fold.focus()
    page.keyboard.press("Enter")
    expect(code).to_contain_text("figure.show()")
    assert code.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert cut_texts(page) == []
    box = code.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
    code.hover()
    expect(code.get_by_role("button")).to_be_visible()
    page.keyboard.press("Escape")
    expect(code).to_have_count(0)
