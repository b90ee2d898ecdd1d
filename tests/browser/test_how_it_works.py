"""An idea of How it works with the keyboard alone, in a real browser: the next one, its slider, its question."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.support.page_layout import settle
from ui.how_it_works.texts import screen_text

_LONG_MS = 120_000


def test_next_a_slider_and_an_answer_work_by_keyboard_and_the_address_leads_back(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/how_it_works?run=pretrained&screen=pixels")
    following = page.get_by_role("button", name="Next").first
    expect(following).to_be_visible(timeout=_LONG_MS)
    settle(page)
    following.focus()
    page.keyboard.press("Enter")
    text = screen_text("one_hot")
    expect(page.get_by_role("heading", name=text.title, level=2)).to_be_visible(timeout=_LONG_MS)
    expect(page).to_have_url(re.compile("screen=one_hot"))

    settle(page)
    slider = page.get_by_role("slider", name=text.words["other"])
    for part in ("stSlider", "stPlotlyChart"):
        expect(page.get_by_test_id(part).first).to_be_in_viewport(ratio=1)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text(re.compile(r"As plain numbers: \(7 - 7\)|both distances are 0"))).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("As plain numbers: (7 - 6)² = 1")).to_be_visible()

    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    right = next(answer for answer in text.answers if answer.is_right)
    expect(page.get_by_text(right.comment[:40])).to_be_visible()

    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_role("heading", name=text.title, level=2)).to_be_visible(timeout=_LONG_MS)
