"""The lines of a program are chosen by a click and by keys, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.page_layout import settle

_LONG_MS = 120_000


def test_a_line_is_chosen_by_a_click_and_the_next_one_by_keys(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/read_programs?run=pretrained&program=two_conv")
    lines = page.get_by_role("list", name="The program two_conv.py")
    convolution = lines.get_by_role("button").filter(has_text="layers.Conv2D(36, 5")
    convolution.click(timeout=_LONG_MS)
    expect(convolution).to_have_attribute("aria-current", "true", timeout=_LONG_MS)
    expect(page).to_have_url(re.compile("line=conv2d_2"))
    expect(page.get_by_text("(5 x 5 x 16 + 1) x 36 = 14,436")).to_be_visible()
    settle(page)
    expect(convolution).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    pooling = lines.get_by_role("button").filter(has_text="layers.MaxPooling2D(2)").last
    expect(pooling).to_have_attribute("aria-current", "true", timeout=_LONG_MS)
    expect(pooling).to_be_focused()
    expect(page.get_by_role("heading", name="Line 26")).to_be_in_viewport()
